use crate::databases::{Database, on_each};
use crate::samples::{entry, later, node, port, task};
use ferric_db::writes::{Write, Written, write_together};
use ferric_db::{Conflict, Conn, DbError, Store, history, nodes, outbox, ports, tasks};
use ferric_model::node::Node;
use ferric_model::outbox::{OutboxMessage, Route};
use ferric_model::page::Page;
use ferric_model::task::{Task, TaskState};
use std::collections::BTreeSet;
use uuid::Uuid;

async fn insert_node(store: &Store, node: &Node) -> Node {
    store.write("node", async |conn: &mut Conn| nodes::insert(conn, node).await).await.unwrap()
}

async fn insert_task(store: &Store, task: &Task) {
    store.write("task", async |conn: &mut Conn| tasks::insert(conn, task).await).await.unwrap();
}

/// Writes together; gives up what is stale, as callers do.
async fn write(store: &Store, writes: &[Write<'_>]) -> Result<Vec<Written>, DbError> {
    let work = async |conn: &mut Conn| {
        let written = write_together(conn, writes, later(1)).await?;
        if written.contains(&Written::Stale) { Err(DbError::Busy) } else { Ok(written) }
    };
    store.write("together", work).await
}

#[tokio::test]
async fn what_is_written_together_is_what_is_written_one_by_one() {
    on_each(async |Database { store, .. }| {
        let before = insert_node(&store, &node()).await;
        let queued = task(before.uuid);
        insert_task(&store, &queued).await;
        let after = Node { reservation: Some("c1".to_owned()), ..before.clone() };
        let claimed = Task { state: TaskState::Running, epoch: 1, ..queued.clone() };
        let (new, told, fence) = (task(before.uuid), entry(before.uuid), queued.fence());
        let message = OutboxMessage { id: 0, route: Route::Event, payload: b"e".to_vec() };
        // More than are on their way at a time.
        let many: Vec<Task> = (0..60).map(|_| task(before.uuid)).collect();
        let mut writes = vec![
            Write::Node { before: &before, after: &after },
            Write::Task(&claimed, &fence),
            Write::NewTask(&new),
            Write::History(&told),
            Write::Message(&message),
        ];
        writes.extend(many.iter().map(Write::NewTask));
        let written = write(&store, &writes).await.unwrap();
        let left = match written[4] {
            Written::Left(id) => OutboxMessage { id, ..message.clone() },
            other => panic!("{other:?}"),
        };
        assert_eq!(written.iter().filter(|written| **written == Written::Done).count(), 64);
        let read = async |conn: &mut Conn| {
            Ok::<_, DbError>((
                nodes::find(conn, &before.uuid.into()).await?,
                tasks::find(conn, queued.id).await?,
                tasks::find(conn, new.id).await?,
                history::list(conn, &before.uuid.into(), &Page::default()).await?.0,
                outbox::list_unsent(conn, None, 9).await?,
                tasks::count_unfinished(conn).await?,
            ))
        };
        let stored = store.read(read).await.unwrap();
        let after = Node { generation: 2, updated_at: Some(later(1)), ..after.clone() };
        assert_eq!(
            stored,
            (Some(after), Some(claimed.clone()), Some(new.clone()), vec![told.clone()], vec![left], 62)
        );
    })
    .await;
}

#[tokio::test]
async fn nothing_is_left_where_one_of_them_is_stale_or_refused() {
    on_each(async |Database { store, .. }| {
        let (one, other) = (insert_node(&store, &node()).await, insert_node(&store, &node()).await);
        let queued = task(one.uuid);
        insert_task(&store, &queued).await;
        let changed = Node { reservation: Some("c1".to_owned()), ..one.clone() };
        let outdated = Node { generation: 7, ..other.clone() };
        let lost = Task { epoch: 3, ..queued.clone() }.fence();
        let good = Write::Node { before: &one, after: &changed };
        let stale: [Write<'_>; 2] =
            [Write::Node { before: &outdated, after: &outdated }, Write::Task(&queued, &lost)];
        for stale in stale {
            let fresh = task(one.uuid);
            let failed = write(&store, &[good, stale, Write::NewTask(&fresh)]).await;
            assert!(matches!(failed, Err(DbError::Busy)));
            assert_eq!(store.read(tasks::count_unfinished).await.unwrap(), 1);
        }
        let failed = write(&store, &[good, Write::NewTask(&queued), Write::NewTask(&task(one.uuid))]).await;
        assert!(matches!(failed, Err(DbError::Conflict { constraint: Conflict::Task })));
        let found = store.read(async |conn: &mut Conn| nodes::find(conn, &one.uuid.into()).await).await;
        assert_eq!(found.unwrap(), Some(one.clone()));
        // The connection is good for more.
        assert_eq!(write(&store, &[good]).await.unwrap(), [Written::Done]);
    })
    .await;
}

#[tokio::test]
async fn several_are_read_together() {
    on_each(async |Database { store, .. }| {
        let parent = insert_node(&store, &node()).await;
        let child = insert_node(&store, &Node { parent_node: Some(parent.uuid), ..node() }).await;
        let (of_parent, of_child, of_nobody) = (task(parent.uuid), task(child.uuid), task(Uuid::new_v4()));
        for task in [&of_parent, &of_child, &of_nobody] {
            insert_task(&store, task).await;
        }
        for number in 1..=3 {
            let port = port(if number == 2 { child.uuid } else { parent.uuid }, number);
            store.write("port", async |conn: &mut Conn| ports::insert(conn, &port).await).await.unwrap();
        }
        let asked = [of_parent.id, of_child.id, of_nobody.id, Uuid::new_v4()];
        let find = async |conn: &mut Conn| tasks::find_with_nodes(conn, &asked).await;
        let mut found = store.read(find).await.unwrap();
        found.sort_by_key(|(_, node)| node.id);
        assert_eq!(found, [(of_parent.clone(), parent.clone()), (of_child.clone(), child.clone())]);
        let both = [child.uuid, parent.uuid];
        let with_tasks = async |conn: &mut Conn| nodes::list_with_tasks(conn, &both).await;
        let expected = [(parent.clone(), vec![of_parent]), (child.clone(), vec![of_child])];
        assert_eq!(store.read(with_tasks).await.unwrap(), expected);
        let among = async |conn: &mut Conn| nodes::list_parents(conn, &both).await;
        assert_eq!(store.read(among).await.unwrap(), [parent.uuid]);
        let cards = async |conn: &mut Conn| ports::list_of_nodes(conn, &both).await;
        let cards = store.read(cards).await.unwrap();
        assert!(cards.is_sorted_by_key(|port| port.id));
        let of: Vec<Uuid> = cards.iter().map(|port| port.node_uuid).collect();
        assert_eq!(of, [parent.uuid, child.uuid, parent.uuid]);
        let one = [child.uuid];
        let cards = store.read(async |conn: &mut Conn| ports::list_of_nodes(conn, &one).await).await.unwrap();
        assert_eq!(cards.iter().map(|port| port.node_uuid).collect::<BTreeSet<_>>(), BTreeSet::from(one));
    })
    .await;
}
