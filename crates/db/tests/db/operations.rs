use crate::databases::{Database, on_each};
use crate::samples::{later, node, now, task};
use ferric_db::{Conflict, Conn, DbError, Store, nodes, operations, tasks};
use ferric_model::node::Node;
use ferric_model::operation::{
    ItemFailure, ItemState, Operation, OperationItem, OperationKind, OperationState,
};
use ferric_model::page::Page;
use ferric_model::task::{Task, TaskState};
use serde_json::{Value, json};
use uuid::Uuid;

fn operation(owner: &str) -> Operation {
    Operation {
        id: 0,
        uuid: Uuid::new_v4(),
        generation: 0,
        kind: OperationKind::Power,
        state: OperationState::Queued,
        max_parallel: 4,
        failure_budget: Some(1),
        params: json!({"target": "power on"}),
        owner: owner.to_owned(),
        actor: json!({"user": "ann"}),
        total: 3,
        lease_expires_at: None,
        created_at: now(),
        finished_at: None,
    }
}

fn item(position: i64) -> OperationItem {
    OperationItem::new(position, format!("node-{position}"), json!({"n": position}))
}

async fn stored(store: &Store, owner: &str, items: i64) -> Operation {
    let (operation, items) = (operation(owner), (0..items).map(item).collect::<Vec<_>>());
    let insert = async |conn: &mut Conn| {
        let operation = operations::insert(conn, &operation).await?;
        operations::insert_items(conn, operation.uuid, &items).await?;
        Ok::<_, DbError>(operation)
    };
    store.write("insert", insert).await.unwrap()
}

async fn pending(store: &Store, uuid: Uuid) -> Vec<OperationItem> {
    store
        .read(async |conn: &mut Conn| operations::list_pending_items(conn, uuid, now(), 1000).await)
        .await
        .unwrap()
}

#[tokio::test]
async fn an_operation_is_driven_by_one_at_a_time_until_it_ends() {
    on_each(async |Database { store, .. }| {
        let one = stored(&store, "a", 0).await;
        let again = store.write("again", async |conn: &mut Conn| operations::insert(conn, &one).await).await;
        assert!(matches!(again, Err(DbError::Conflict { constraint: Conflict::OperationUuid })));
        let undriven = async |at| {
            let list = async |conn: &mut Conn| operations::list_undriven(conn, at, 10).await;
            store.read(list).await.unwrap().iter().map(|o| o.uuid).collect::<Vec<_>>()
        };
        assert_eq!(undriven(now()).await, [one.uuid]);
        let claim = async |generation| {
            let read = Operation { generation, ..one.clone() };
            let claim = async |conn: &mut Conn| operations::claim(conn, &read, later(30)).await;
            store.write("claim", claim).await.unwrap()
        };
        assert!(claim(0).await);
        assert!(!claim(0).await);
        assert!(undriven(later(29)).await.is_empty());
        assert_eq!(undriven(later(31)).await, [one.uuid]);
        let renew = async |generation| {
            let renew =
                async move |conn: &mut Conn| operations::renew(conn, one.uuid, generation, later(60)).await;
            store.write("renew", renew).await.unwrap()
        };
        assert_eq!((renew(1).await, renew(0).await), (true, false));
        assert!(claim(1).await, "who finds the lease over takes it");
        assert!(!renew(1).await);
        store
            .write("release", async |conn: &mut Conn| operations::release(conn, one.uuid, 2).await)
            .await
            .unwrap();
        let two = stored(&store, "a", 0).await;
        assert_eq!(undriven(now()).await, [two.uuid, one.uuid]);
        let cancel = async |conn: &mut Conn| operations::cancel(conn, one.uuid).await;
        assert!(store.write("cancel", cancel).await.unwrap());
        assert!(renew(2).await);
        let finish = async |from, to| {
            let finish = async move |conn: &mut Conn| {
                operations::finish(conn, one.uuid, (from, to), &Value::Null, later(5)).await
            };
            store.write("finish", finish).await.unwrap()
        };
        assert!(!finish(OperationState::Running, OperationState::Succeeded).await);
        assert!(finish(OperationState::Canceling, OperationState::Canceled).await);
        assert!(!store.write("cancel", cancel).await.unwrap());
        let found = store.read(async |conn: &mut Conn| operations::find(conn, one.uuid).await).await.unwrap();
        let expected = Operation {
            generation: 2,
            state: OperationState::Canceled,
            params: Value::Null,
            finished_at: Some(later(5)),
            ..one.clone()
        };
        assert_eq!(found, Some(expected));
        let prune = async |before| {
            let prune = async move |conn: &mut Conn| operations::prune_finished(conn, before, 10).await;
            store.write("prune", prune).await.unwrap()
        };
        assert_eq!((prune(later(5)).await, prune(later(6)).await), (0, 1));
    })
    .await;
}

#[tokio::test]
async fn each_change_of_an_item_happens_once() {
    on_each(async |Database { store, .. }| {
        let operation = stored(&store, "", 1200).await;
        let items = pending(&store, operation.uuid).await;
        assert_eq!((items.len(), items[999].position, &items[7].subject[..]), (1000, 999, "node-7"));
        let failure = ItemFailure { kind: "conflict".into(), text: "no".into() };
        let work = async |conn: &mut Conn| {
            let task_id = Uuid::new_v4();
            let ids: Vec<i64> = items[2..6].iter().map(|item| item.id).collect();
            Ok::<_, DbError>((
                [
                    operations::begin_item(conn, items[0].id, task_id).await?,
                    operations::begin_item(conn, items[0].id, Uuid::new_v4()).await?,
                    operations::end_item(conn, items[0].id, None, now()).await?,
                    operations::end_item(conn, items[1].id, Some(&failure), now()).await?,
                    operations::end_running_item(conn, items[1].id, None, now()).await?.is_some(),
                ],
                operations::end_items(conn, &ids, now()).await?,
                operations::end_items(conn, &ids, now()).await?,
                task_id,
            ))
        };
        let (once, first, second, task_id) = store.write("work", work).await.unwrap();
        assert_eq!((once, first, second), ([true, false, false, true, false], 4, 0));
        let list = async |state, after| {
            let list = async move |conn: &mut Conn| {
                operations::list_items(conn, operation.uuid, state, after, 3).await
            };
            store.read(list).await.unwrap()
        };
        let shown = list(None, None).await;
        assert_eq!((shown[0].state, shown[0].task_id), (ItemState::Running, Some(task_id)));
        assert_eq!((shown[1].state, shown[1].failure.as_ref()), (ItemState::Failed, Some(&failure)));
        assert_eq!((&shown[1].document, shown[2].finished_at), (&Value::Null, Some(now())));
        assert_eq!(list(Some(ItemState::Pending), Some(9)).await[0].position, 10);
        let close = async |conn: &mut Conn| {
            operations::close_pending(conn, operation.uuid, ItemState::Skipped, now()).await
        };
        assert_eq!(store.write("close", close).await.unwrap(), 1194);
        let count = async |conn: &mut Conn| operations::count_items(conn, &[operation.uuid]).await;
        let counts = store.read(count).await.unwrap()[&operation.uuid];
        let of = |state| counts.of(state);
        assert_eq!(
            (of(ItemState::Running), of(ItemState::Succeeded), of(ItemState::Skipped), counts.unfinished()),
            (1, 4, 1194, 1)
        );
    })
    .await;
}

#[tokio::test]
async fn an_item_whose_task_is_over_is_found() {
    on_each(async |Database { store, .. }| {
        let operation = stored(&store, "", 2).await;
        let items = pending(&store, operation.uuid).await;
        let node: Node =
            store.write("node", async |conn: &mut Conn| nodes::insert(conn, &node()).await).await.unwrap();
        let ids = [items[0].id, items[1].id];
        let running = Task { operation_item: Some(ids[0]), ..task(node.uuid) };
        let ended = Task {
            operation_item: Some(ids[1]),
            state: TaskState::Failed,
            finished_at: Some(now()),
            ..task(node.uuid)
        };
        let begin = async |conn: &mut Conn| {
            for (id, task) in ids.iter().zip([&running, &ended]) {
                tasks::insert(conn, task).await?;
                operations::begin_item(conn, *id, task.id).await?;
            }
            Ok::<_, DbError>(())
        };
        store.write("begin", begin).await.unwrap();
        let found = store.read(async |conn: &mut Conn| tasks::find(conn, running.id).await).await.unwrap();
        assert_eq!(found, Some(running.clone()));
        let lost = async |conn: &mut Conn| operations::list_lost_items(conn, operation.uuid).await;
        let lost = store.read(lost).await.unwrap();
        assert_eq!(lost.iter().map(|item| item.id).collect::<Vec<_>>(), [ids[1]]);
        let end = async |conn: &mut Conn| operations::end_running_item(conn, ids[0], None, now()).await;
        assert_eq!(store.write("end", end).await.unwrap(), Some(operation.uuid));
        assert_eq!(store.write("end", end).await.unwrap(), None);
        let actor = async |conn: &mut Conn| operations::find_actor(conn, ids[0]).await;
        assert_eq!(store.read(actor).await.unwrap(), Some(operation.actor.clone()));
    })
    .await;
}

#[tokio::test]
async fn an_item_that_is_put_off_waits_its_time() {
    on_each(async |Database { store, .. }| {
        let operation = stored(&store, "", 2).await;
        let first = pending(&store, operation.uuid).await[0].id;
        let defer = async |conn: &mut Conn| operations::defer_item(conn, first, later(5)).await;
        store.write("defer", defer).await.unwrap();
        let positions = async |at| {
            let list = async move |conn: &mut Conn| {
                operations::list_pending_items(conn, operation.uuid, at, 9).await
            };
            let items = store.read(list).await.unwrap();
            items.iter().map(|item| (item.position, item.attempts)).collect::<Vec<_>>()
        };
        assert_eq!(
            (positions(later(4)).await, positions(later(5)).await),
            (vec![(1, 0)], vec![(0, 1), (1, 0)])
        );
    })
    .await;
}

#[tokio::test]
async fn owners_see_their_own() {
    on_each(async |Database { store, .. }| {
        let (first, second) = (stored(&store, "a", 0).await, stored(&store, "b", 0).await);
        let list = async |owner: Option<&'static str>, marker: Option<String>| {
            let page = Page { marker, limit: 10, ..Page::default() };
            let list = async |conn: &mut Conn| operations::list(conn, owner, &page).await;
            store.read(list).await.unwrap().iter().map(|o| o.uuid).collect::<Vec<_>>()
        };
        assert_eq!(list(None, None).await, [first.uuid, second.uuid]);
        assert_eq!(list(Some("b"), None).await, [second.uuid]);
        assert_eq!(list(None, Some(first.uuid.to_string())).await, [second.uuid]);
    })
    .await;
}
