use crate::databases::{Database, on_each};
use crate::samples::{later, now, task};
use ferric_db::{Conflict, Conn, DbError, Store, tasks};
use ferric_model::action::Action;
use ferric_model::task::{Fence, Task, TaskState};
use futures::future::join_all;
use serde_json::json;
use uuid::Uuid;

async fn insert(store: &Store, task: &Task) {
    store.write("insert", async |conn: &mut Conn| tasks::insert(conn, task).await).await.unwrap();
}

async fn find(store: &Store, id: Uuid) -> Task {
    store.read(async |conn: &mut Conn| tasks::find(conn, id).await).await.unwrap().unwrap()
}

fn running(host: &str, lease_ends: i64) -> Task {
    Task {
        state: TaskState::Running,
        epoch: 1,
        claimed_by: Some(host.to_owned()),
        lease_expires_at: Some(later(lease_ends)),
        ..task(Uuid::new_v4())
    }
}

#[tokio::test]
async fn a_task_comes_back_as_it_was_stored() {
    on_each(async |Database { store, .. }| {
        let full = Task {
            conductor_group: "rack1".into(),
            progress: json!({"cursor": 3}),
            sequence: 4,
            lost_leases: 2,
            deadline_at: Some(later(5)),
            boot_token: Some("secret".into()),
            project: Some("p".into()),
            request_id: Some("req-1".into()),
            result: Some(json!({"boot_device": null})),
            started_at: Some(later(1)),
            finished_at: Some(later(2)),
            ..running("c1", 30)
        };
        let plain = task(Uuid::new_v4());
        for task in [&full, &plain] {
            insert(&store, task).await;
            assert_eq!(&find(&store, task.id).await, task);
        }
        let by_token = async |token: &str| {
            store.read(async |conn: &mut Conn| tasks::find_by_boot_token(conn, token).await).await.unwrap()
        };
        assert_eq!(by_token("secret").await, Some(full.clone()));
        assert_eq!(by_token("other").await, None);
        let again = store.write("insert", async |conn: &mut Conn| tasks::insert(conn, &full).await).await;
        assert!(matches!(again, Err(DbError::Conflict { constraint: Conflict::Task })));
    })
    .await;
}

#[tokio::test]
async fn of_many_claims_one_wins() {
    on_each(async |Database { store, .. }| {
        let queued = task(Uuid::new_v4());
        insert(&store, &queued).await;
        let read = find(&store, queued.id).await;
        let claim = async |host: usize| {
            let claimed = Task {
                state: TaskState::Running,
                epoch: read.epoch + 1,
                claimed_by: Some(format!("c{host}")),
                ..read.clone()
            };
            let save = async |conn: &mut Conn| tasks::save(conn, &claimed, &read.fence()).await;
            store.write("claim", save).await.unwrap().then_some(claimed)
        };
        let winners: Vec<Task> = join_all((0..16).map(claim)).await.into_iter().flatten().collect();
        assert_eq!(winners, [find(&store, queued.id).await]);
    })
    .await;
}

#[tokio::test]
async fn a_save_on_an_old_epoch_or_sequence_changes_nothing() {
    on_each(async |Database { store, .. }| {
        let stored = Task { sequence: 3, ..running("c1", 30) };
        insert(&store, &stored).await;
        let fence = stored.fence();
        let save = async |fence: Fence| {
            let task = Task { progress: json!("new"), claimed_by: None, ..stored.clone() };
            store.write("save", async |conn: &mut Conn| tasks::save(conn, &task, &fence).await).await.unwrap()
        };
        assert!(!save(Fence { epoch: 0, ..fence }).await);
        assert!(!save(Fence { sequence: 2, ..fence }).await);
        assert!(!save(Fence { state: TaskState::Queued, ..fence }).await);
        assert!(!save(Fence { lapsed: Some(later(29)), ..fence }).await);
        assert_eq!(find(&store, stored.id).await, stored);
        assert!(save(stored.fence_of_lapsed()).await);
        assert_eq!(find(&store, stored.id).await.progress, json!("new"));
        assert_eq!(find(&store, stored.id).await.claimed_by, None);
    })
    .await;
}

#[tokio::test]
async fn only_held_leases_are_renewed() {
    on_each(async |Database { store, .. }| {
        let held = [running("c1", 30), running("c1", 30)];
        let newer_epoch = Task { epoch: 2, ..running("c1", 30) };
        let stolen = running("c2", 30);
        let parked = Task { state: TaskState::Parked, ..running("c1", 30) };
        let all: Vec<&Task> = held.iter().chain([&newer_epoch, &stolen, &parked]).collect();
        for task in &all {
            insert(&store, task).await;
        }
        let mut claims: Vec<(Uuid, i64)> = all.iter().map(|task| (task.id, 1)).collect();
        claims.push((Uuid::new_v4(), 1));
        let renew = async |conn: &mut Conn| tasks::renew(conn, "c1", &claims, later(90)).await;
        let mut renewed = store.write("renew", renew).await.unwrap();
        let mut expected = held.clone().map(|task| task.id);
        renewed.sort();
        expected.sort();
        assert_eq!(renewed, expected);
        for task in all {
            let ends = if expected.contains(&task.id) { later(90) } else { later(30) };
            assert_eq!(find(&store, task.id).await.lease_expires_at, Some(ends));
        }
        let none = store.write("renew", async |conn: &mut Conn| tasks::renew(conn, "c1", &[], now()).await);
        assert!(none.await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn sweeps_find_what_is_due_and_nothing_else() {
    on_each(async |Database { store, .. }| {
        let parked = |deadline| Task {
            state: TaskState::Parked,
            deadline_at: Some(later(deadline)),
            ..task(Uuid::new_v4())
        };
        let queued = |age: i64| Task { created_at: later(-age), ..task(Uuid::new_v4()) };
        let (expired, alive) = ([running("c1", -20), running("c2", -10)], running("c1", 1));
        let (overdue, waiting) = ([parked(-9), parked(-1)], parked(5));
        let (lost, fresh) = ([queued(100), queued(90)], queued(10));
        let pausing = |until| Task {
            state: TaskState::Parked,
            resume_at: Some(later(until)),
            awaited_by: Some(Uuid::nil()),
            ..task(Uuid::new_v4())
        };
        let (due, early) = ([pausing(-7), pausing(0)], pausing(1));
        let all = expired.iter().chain(&overdue).chain(&lost).chain(&due);
        for task in all.chain([&alive, &waiting, &fresh, &early]) {
            insert(&store, task).await;
        }
        let check = async |limit: usize| {
            let lists = async |conn: &mut Conn| {
                Ok::<_, DbError>((
                    tasks::list_expired_leases(conn, now(), limit as i64).await?,
                    tasks::list_overdue(conn, now(), limit as i64).await?,
                    tasks::list_queued_before(conn, later(-60), limit as i64).await?,
                    tasks::list_due(conn, now(), limit as i64).await?,
                    tasks::list_awaited(conn, Uuid::nil()).await?,
                ))
            };
            let (leases, deadlines, envelopes, pauses, awaited) = store.read(lists).await.unwrap();
            assert_eq!((pauses, awaited.len()), (due[..limit].to_vec(), 3));
            assert_eq!(leases, expired[..limit]);
            assert_eq!(deadlines, overdue[..limit]);
            assert_eq!(envelopes, lost[..limit]);
        };
        check(2).await;
        check(1).await;
    })
    .await;
}

#[tokio::test]
async fn finished_tasks_are_pruned_oldest_first_and_unfinished_ones_counted() {
    on_each(async |Database { store, .. }| {
        let node = Uuid::new_v4();
        let ended = |at| Task { state: TaskState::Succeeded, finished_at: Some(later(at)), ..task(node) };
        let old = [ended(-40), ended(-30), ended(-20)];
        let kept =
            [ended(5), task(node), Task { action: Action::Clean, node_uuid: node, ..running("c1", 9) }];
        for task in old.iter().chain(&kept) {
            insert(&store, task).await;
        }
        let prune = async || {
            let prune = async |conn: &mut Conn| tasks::prune_finished(conn, now(), 2).await;
            store.write("prune", prune).await.unwrap()
        };
        assert_eq!(prune().await, 2);
        assert_eq!(find(&store, old[2].id).await, old[2]);
        assert_eq!((prune().await, prune().await), (1, 0));
        for task in &kept {
            assert_eq!(&find(&store, task.id).await, task);
        }
        let counts = async |conn: &mut Conn| {
            Ok::<_, DbError>((
                tasks::find_active(conn, node).await?.len(),
                tasks::count_unfinished(conn).await?,
            ))
        };
        assert_eq!(store.read(counts).await.unwrap(), (2, 2));
    })
    .await;
}

#[tokio::test]
async fn a_task_is_stored_only_while_there_is_room_for_it() {
    on_each(async |Database { store, .. }| {
        let (node, other) = (Uuid::new_v4(), Uuid::new_v4());
        insert(&store, &Task { action: Action::Clean, ..task(node) }).await;
        let ended = Task { state: TaskState::Failed, finished_at: Some(later(1)), ..task(node) };
        insert(&store, &Task { action: Action::Clean, ..ended }).await;
        let new = Task { boot_token: Some("t".into()), params: json!({"a": "'"}), ..task(other) };
        let within = async |actions: &[Action], limit| {
            let work = async |conn: &mut Conn| tasks::insert_within(conn, &new, actions, limit, false).await;
            store.write("within", work).await.unwrap()
        };
        let elsewhere = Task { conductor_group: "rack-2".into(), ..task(other) };
        let stored = store.write("group", async |conn: &mut Conn| {
            tasks::insert_within(conn, &elsewhere, &[Action::Clean], 1, true).await
        });
        assert!(stored.await.unwrap(), "another group has room");
        assert!(!within(&[Action::Clean], 1).await);
        assert!(!within(&[Action::Clean, Action::TearDown], 1).await);
        assert!(within(&[Action::Clean, Action::TearDown], 2).await);
        assert_eq!(find(&store, new.id).await, new);
    })
    .await;
}
