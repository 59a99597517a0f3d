use crate::databases::{Database, on_each};
use crate::samples::{chassis, later, node, now};
use ferric_db::chassis;
use ferric_db::{Conflict, Conn, DbError, Store, nodes};
use ferric_model::chassis::Chassis;
use ferric_model::node::Node;
use ferric_model::page::{Page, SortDirection};
use uuid::Uuid;

async fn insert(store: &Store, chassis: &Chassis) -> Result<Chassis, DbError> {
    store.write("insert", async |conn: &mut Conn| chassis::insert(conn, chassis).await).await
}

async fn delete(store: &Store, uuid: Uuid) -> Result<bool, DbError> {
    store.write("delete", async |conn: &mut Conn| chassis::delete(conn, uuid).await).await
}

fn breaks<T: std::fmt::Debug>(refused: Result<T, DbError>, expected: Conflict) {
    assert!(
        matches!(refused, Err(DbError::Conflict { constraint }) if constraint == expected),
        "{refused:?} instead of {expected:?}"
    );
}

#[tokio::test]
async fn a_chassis_is_written_read_and_deleted() {
    on_each(async |Database { store, .. }| {
        let mut stored =
            insert(&store, &Chassis { description: Some("rack".into()), ..chassis() }).await.unwrap();
        let find =
            async |uuid| store.read(async |conn: &mut Conn| chassis::find(conn, uuid).await).await.unwrap();
        assert_eq!(find(stored.uuid).await.as_ref(), Some(&stored));
        breaks(insert(&store, &stored).await, Conflict::ChassisUuid);
        stored.description = None;
        stored.extra.insert("k".into(), 1.into());
        stored.updated_at = Some(later(1));
        let save = async |conn: &mut Conn| chassis::save(conn, &stored).await;
        assert!(store.write("save", save).await.unwrap());
        assert_eq!(find(stored.uuid).await.as_ref(), Some(&stored));
        assert!(delete(&store, stored.uuid).await.unwrap());
        assert!(!delete(&store, stored.uuid).await.unwrap());
        assert!(!store.write("save", save).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_chassis_stays_as_long_as_nodes_name_it() {
    on_each(async |Database { store, .. }| {
        let rack = insert(&store, &chassis()).await.unwrap();
        let put = async |node: &Node| {
            store.write("node", async |conn: &mut Conn| nodes::insert(conn, node).await).await
        };
        let save = async |node: &Node| {
            store.write("save", async |conn: &mut Conn| nodes::save(conn, node, now()).await).await
        };
        let nowhere = Some(Uuid::new_v4());
        breaks(put(&Node { chassis_uuid: nowhere, ..node() }).await, Conflict::ChassisGone);
        let inside = put(&Node { chassis_uuid: Some(rack.uuid), ..node() }).await.unwrap();
        breaks(save(&Node { chassis_uuid: nowhere, ..inside.clone() }).await, Conflict::ChassisGone);
        breaks(delete(&store, rack.uuid).await, Conflict::ChassisInUse);
        assert!(save(&Node { chassis_uuid: None, ..inside }).await.unwrap());
        assert!(delete(&store, rack.uuid).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn chassis_are_listed_in_any_order_and_by_pages() {
    on_each(async |Database { store, .. }| {
        let names = [Some("b"), None, Some("a"), Some("b")];
        let mut stored = Vec::new();
        for name in names {
            stored.push(
                insert(&store, &Chassis { description: name.map(str::to_owned), ..chassis() }).await.unwrap(),
            );
        }
        let list = async |page: &Page| -> Vec<usize> {
            let list = async |conn: &mut Conn| chassis::list(conn, page).await;
            let found = store.read(list).await.unwrap();
            found.iter().map(|one| stored.iter().position(|known| known == one).unwrap()).collect()
        };
        assert_eq!(list(&Page::default()).await, [0, 1, 2, 3]);
        let sorted = Page { sort_key: "description".into(), ..Page::default() };
        assert_eq!(list(&sorted).await, [2, 0, 3, 1]);
        let desc = Page { sort_dir: SortDirection::Desc, limit: 3, ..sorted };
        assert_eq!(list(&desc).await, [1, 3, 0]);
        let marker = Some(stored[0].uuid.to_string());
        assert_eq!(list(&Page { marker, ..desc.clone() }).await, [2]);
        assert!(list(&Page { marker: Some(Uuid::new_v4().to_string()), ..desc }).await.is_empty());
        let exists = async |uuid: String| {
            store.read(async |conn: &mut Conn| chassis::exists(conn, &uuid).await).await.unwrap()
        };
        assert!(exists(stored[0].uuid.to_string()).await && !exists("x".into()).await);
    })
    .await;
}
