use crate::databases::{Database, on_each};
use crate::samples::{later, node, port, portgroup};
use ferric_db::{Conn, DbError, Store, nodes, portgroups, ports, vifs};
use ferric_model::JsonMap;
use ferric_model::node::Node;
use ferric_model::port::Port;
use ferric_model::portgroup::Portgroup;
use ferric_model::report::PortChange;
use ferric_model::vif::TENANT_VIF;
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

/// A node with two ports and a portgroup.
struct Cards {
    node: Uuid,
    ports: [Port; 2],
    group: Portgroup,
}

/// The first port has this number.
async fn cards(store: &Store, number: u8) -> Cards {
    let insert = async |conn: &mut Conn| {
        let node: Node = nodes::insert(conn, &node()).await?;
        let first = ports::insert(conn, &port(node.uuid, number)).await?;
        let mut second = port(node.uuid, number + 1);
        second.detail.extra.insert("kept".into(), json!(1));
        second.detail.internal_info.insert("cleaning_vif_port_id".into(), json!("c"));
        let second = ports::insert(conn, &second).await?;
        let group = portgroups::insert(conn, &portgroup(node.uuid)).await?;
        Ok::<_, DbError>(Cards { node: node.uuid, ports: [first, second], group })
    };
    store.write("cards", insert).await.unwrap()
}

fn tenant(vif: Value) -> JsonMap {
    JsonMap::from_iter([(TENANT_VIF.to_owned(), vif)])
}

async fn patch(store: &Store, change: PortChange, now: OffsetDateTime) -> bool {
    store.write("patch", async |conn: &mut Conn| vifs::patch(conn, &change, now).await).await.unwrap()
}

async fn list(store: &Store, node: Uuid) -> Vec<String> {
    store.read(async |conn: &mut Conn| vifs::list(conn, node).await).await.unwrap()
}

async fn a_port(store: &Store, uuid: Uuid) -> Port {
    store.read(async |conn: &mut Conn| ports::find(conn, &uuid.into()).await).await.unwrap().unwrap().0
}

async fn a_group(store: &Store, uuid: Uuid) -> Portgroup {
    store.read(async |conn: &mut Conn| portgroups::find(conn, &uuid.into()).await).await.unwrap().unwrap().0
}

#[tokio::test]
async fn vifs_are_listed_as_their_hosts_were_created() {
    on_each(async |Database { store, .. }| {
        let Cards { node, ports: [first, second], group } = cards(&store, 1).await;
        let other = cards(&store, 3).await;
        assert!(list(&store, node).await.is_empty());
        assert!(patch(&store, PortChange::of_portgroup(group.uuid, tenant(json!("a"))), later(1)).await);
        assert!(patch(&store, PortChange::of_port(second.uuid, tenant(json!("c"))), later(1)).await);
        assert!(patch(&store, PortChange::of_port(first.uuid, tenant(json!("b"))), later(1)).await);
        assert!(patch(&store, PortChange::of_port(other.ports[0].uuid, tenant(json!("d"))), later(1)).await);
        assert_eq!(list(&store, node).await, ["b", "c", "a"]);
        assert_eq!(list(&store, other.node).await, ["d"]);
        assert!(list(&store, Uuid::new_v4()).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn only_internal_info_is_changed() {
    on_each(async |Database { store, .. }| {
        let Cards { ports: [_, second], group, .. } = cards(&store, 1).await;
        assert!(patch(&store, PortChange::of_port(second.uuid, tenant(json!("a"))), later(1)).await);
        let mut expected = second.clone();
        expected.detail.internal_info.insert(TENANT_VIF.into(), json!("a"));
        expected.updated_at = Some(later(1));
        assert_eq!(a_port(&store, second.uuid).await, expected);
        // The same again changes nothing, not even the time.
        assert!(patch(&store, PortChange::of_port(second.uuid, tenant(json!("a"))), later(2)).await);
        assert_eq!(a_port(&store, second.uuid).await, expected);
        assert!(patch(&store, PortChange::of_port(second.uuid, tenant(Value::Null)), later(3)).await);
        assert_eq!(a_port(&store, second.uuid).await, Port { updated_at: Some(later(3)), ..second.clone() });

        assert!(patch(&store, PortChange::of_portgroup(group.uuid, tenant(json!("g"))), later(1)).await);
        let changed = a_group(&store, group.uuid).await;
        assert_eq!(changed.detail.internal_info, tenant(json!("g")));
        assert_eq!((changed.updated_at, &changed.mode), (Some(later(1)), &group.mode));
        // What is gone is left alone, and so is a portgroup that is meant to be a port.
        assert!(patch(&store, PortChange::of_port(group.uuid, tenant(Value::Null)), later(2)).await);
        assert!(patch(&store, PortChange::of_portgroup(Uuid::new_v4(), tenant(json!("x"))), later(2)).await);
        assert_eq!(a_group(&store, group.uuid).await, changed);
    })
    .await;
}

#[tokio::test]
async fn the_vifs_of_a_node_are_forgotten_and_nothing_else() {
    on_each(async |Database { store, .. }| {
        let mine = cards(&store, 1).await;
        let theirs = cards(&store, 3).await;
        for Cards { ports: [_, second], group, .. } in [&mine, &theirs] {
            assert!(patch(&store, PortChange::of_port(second.uuid, tenant(json!("a"))), later(1)).await);
            assert!(patch(&store, PortChange::of_portgroup(group.uuid, tenant(json!("b"))), later(1)).await);
        }
        let forget = async |conn: &mut Conn| vifs::forget(conn, mine.node, later(2)).await;
        assert!(store.write("forget", forget).await.unwrap());
        assert!(list(&store, mine.node).await.is_empty());
        assert_eq!(list(&store, theirs.node).await, ["a", "b"]);
        let [first, second] = &mine.ports;
        assert_eq!(a_port(&store, first.uuid).await, *first);
        assert_eq!(a_port(&store, second.uuid).await.detail, second.detail);
    })
    .await;
}
