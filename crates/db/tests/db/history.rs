use crate::databases::{Database, on_each};
use crate::samples::{self, node, now};
use ferric_db::nodes::NodeIdent;
use ferric_db::{Conflict, Conn, DbError, Store, history, inventory, nodes, sweeps};
use ferric_model::history::{HistoryDetails, HistoryEntry, Severity};
use ferric_model::page::{Page, SortDirection};
use ferric_model::report::Inventory;
use serde_json::json;
use time::Duration;
use uuid::Uuid;

fn entry(node_uuid: Uuid, days_ago: i64) -> HistoryEntry {
    HistoryEntry {
        created_at: now() - Duration::days(days_ago),
        event_type: "deploying".into(),
        severity: Severity::Error,
        event: format!("{days_ago} days ago"),
        ..samples::entry(node_uuid)
    }
}

async fn a_node(store: &Store) -> Uuid {
    store.write("node", async |conn: &mut Conn| nodes::insert(conn, &node()).await).await.unwrap().uuid
}

async fn append(store: &Store, entry: &HistoryEntry) -> Result<(), DbError> {
    store.write("append", async |conn: &mut Conn| history::append(conn, entry).await).await
}

async fn list(store: &Store, node_uuid: Uuid, page: Page) -> Vec<HistoryEntry> {
    store.read(async |conn: &mut Conn| history::list(conn, &node_uuid.into(), &page).await).await.unwrap().0
}

fn by_time(sort_dir: SortDirection) -> Page {
    Page { sort_key: "created_at".into(), sort_dir, ..Page::default() }
}

#[tokio::test]
async fn entries_come_back_in_pages_of_their_node() {
    on_each(async |Database { store, .. }| {
        let (node, other) = (a_node(&store).await, a_node(&store).await);
        let full = HistoryEntry {
            conductor: Some("c1".into()),
            severity: Severity::Info,
            user: Some("alice".into()),
            project: Some("p".into()),
            state: Some("active".into()),
            target_provision_state: Some("deleted".into()),
            duration_seconds: Some(12),
            details: HistoryDetails {
                code: Some("x".into()),
                task: Some(Uuid::new_v4()),
                ..Default::default()
            },
            ..entry(node, 2)
        };
        let entries = [entry(node, 3), full.clone(), entry(node, 1), entry(node, 1)];
        for entry in &entries {
            append(&store, entry).await.unwrap();
        }
        append(&store, &entry(other, 1)).await.unwrap();
        assert_eq!(list(&store, node, by_time(SortDirection::Asc)).await, entries);
        let mut reversed = entries.clone();
        reversed.reverse();
        assert_eq!(list(&store, node, by_time(SortDirection::Desc)).await, reversed);
        let marker = Some(entries[2].uuid.to_string());
        let rest = Page { marker, limit: 1, ..by_time(SortDirection::Asc) };
        assert_eq!(list(&store, node, rest).await, entries[3..]);

        let find = async |node, uuid| {
            let find = async |conn: &mut Conn| history::find(conn, &NodeIdent::from(node), uuid).await;
            store.read(find).await.unwrap().map(|(entry, _)| entry)
        };
        assert_eq!(find(node, full.uuid).await.as_ref(), Some(&full));
        assert_eq!(find(other, full.uuid).await, None);
        let conflict = |outcome| match outcome {
            Err(DbError::Conflict { constraint }) => constraint,
            other => panic!("{other:?}"),
        };
        assert_eq!(conflict(append(&store, &full).await), Conflict::HistoryUuid);
        assert_eq!(conflict(append(&store, &entry(Uuid::new_v4(), 0)).await), Conflict::NodeGone);
    })
    .await;
}

#[tokio::test]
async fn pruning_keeps_the_newest_and_the_young_and_takes_the_oldest_first() {
    on_each(async |Database { store, .. }| {
        let (long, short) = (a_node(&store).await, a_node(&store).await);
        for days_ago in (0..10).rev() {
            append(&store, &entry(long, days_ago)).await.unwrap();
        }
        for days_ago in [90, 80] {
            append(&store, &entry(short, days_ago)).await.unwrap();
        }
        let slice = long.as_bytes()[0];
        let prune_slice = async |slice, max, days, batch| {
            let prune = async |conn: &mut Conn| history::prune(conn, slice, (max, days), batch, now()).await;
            store.write("prune", prune).await.unwrap()
        };
        let prune = async |max, days, batch| prune_slice(slice, max, days, batch).await;
        assert_eq!(prune_slice(slice.wrapping_add(1), 3, 0, 100).await, 0);
        let ages = async |node| -> Vec<i64> {
            let entries = list(&store, node, by_time(SortDirection::Desc)).await;
            entries.iter().map(|entry| (now() - entry.created_at).whole_days()).collect()
        };
        assert_eq!(prune(20, 0, 100).await, 0);
        // Beyond the newest three are those of 3 to 9 days ago; of these, 6 to 9 are older than 5 days.
        assert_eq!(prune(3, 5, 2).await, 2);
        assert_eq!(ages(long).await, [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(prune(3, 5, 100).await, 2);
        assert_eq!(ages(long).await, [0, 1, 2, 3, 4, 5]);
        assert_eq!(prune(3, 0, 100).await, 3);
        assert_eq!(ages(long).await, [0, 1, 2]);
        assert_eq!(ages(short).await, [80, 90]);
    })
    .await;
}

#[tokio::test]
async fn a_later_inspection_replaces_what_an_earlier_one_found() {
    on_each(async |Database { store, .. }| {
        let node = a_node(&store).await;
        let found = |cores: u32| Inventory {
            inventory: json!({"cpu": {"count": cores}}).as_object().unwrap().clone(),
            plugin_data: json!({"lldp": []}).as_object().unwrap().clone(),
        };
        let find = async || {
            let find = async |conn: &mut Conn| inventory::find(conn, &node.into()).await;
            store.read(find).await.unwrap().and_then(|(_, found)| found)
        };
        let save = async |node, inventory: Inventory| {
            store.write("save", async |conn: &mut Conn| inventory::save(conn, node, &inventory).await).await
        };
        assert_eq!(find().await, None);
        for cores in [8, 16] {
            save(node, found(cores)).await.unwrap();
            assert_eq!(find().await, Some(found(cores)));
        }
        let gone = save(Uuid::new_v4(), found(1)).await;
        assert!(matches!(gone, Err(DbError::Conflict { constraint: Conflict::NodeGone })));
        let delete = async |conn: &mut Conn| nodes::delete(conn, node, 1).await;
        assert!(store.write("delete", delete).await.unwrap());
        assert_eq!(find().await, None);
    })
    .await;
}

#[tokio::test]
async fn each_window_of_a_sweep_is_won_once() {
    on_each(async |Database { store, .. }| {
        let win = async |sweep: &str, window| {
            store.write("win", async |conn: &mut Conn| sweeps::win(conn, sweep, window).await).await.unwrap()
        };
        let first = futures::future::join_all((0..8).map(|_| win("power", 5))).await;
        assert_eq!(first.iter().filter(|won| **won).count(), 1);
        assert!(win("other", 5).await);
        assert!(!win("power", 4).await);
        assert!(win("power", 6).await);
        assert!(!win("power", 6).await);
    })
    .await;
}
