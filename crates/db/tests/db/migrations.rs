use crate::databases::{Database, on_each};
use crate::samples::node;
use ferric_db::nodes::{self, NodeFilter};
use ferric_db::{Conn, Store};

#[tokio::test]
async fn every_migration_goes_down_and_up_again() {
    on_each(async |Database { store, .. }| {
        assert!(store.migrate().await.unwrap().is_empty());
        let mut reverted = Vec::new();
        while let Some(name) = store.revert_migration().await.unwrap() {
            reverted.insert(0, name);
            assert_eq!(store.pending_migrations().await.unwrap(), reverted);
        }
        assert_eq!(reverted[0], "2026-11-22-000000_initial");
        assert_eq!(store.migrate().await.unwrap(), reverted);
        assert!(store.pending_migrations().await.unwrap().is_empty());
        store.write("insert", async |conn: &mut Conn| nodes::insert(conn, &node()).await).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn of_many_processes_that_migrate_one_does() {
    on_each(async |Database { store, config }| {
        while store.revert_migration().await.unwrap().is_some() {}
        let all = store.pending_migrations().await.unwrap();
        let others = futures::future::try_join_all((0..4).map(|_| Store::connect(&config))).await.unwrap();
        let done = futures::future::try_join_all(others.iter().map(Store::migrate)).await.unwrap();
        assert_eq!(done.concat(), all);
        let count = async |conn: &mut Conn| nodes::count(conn, &NodeFilter::default()).await;
        assert_eq!(store.read(count).await.unwrap(), 0);
    })
    .await;
}

#[test]
fn both_back_ends_have_the_same_migrations() {
    let names = |back_end: &str| {
        let folder = format!("{}/../../migrations/{back_end}", env!("CARGO_MANIFEST_DIR"));
        let mut names: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names("postgres"), names("sqlite"));
}
