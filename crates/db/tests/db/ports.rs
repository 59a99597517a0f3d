use crate::databases::{Database, on_each};
use crate::samples::{later, node, port, portgroup};
use ferric_db::nodes::{NodeProjects, OfNodes};
use ferric_db::ports::{self, PortFilter, PortIdent};
use ferric_db::{Conflict, Conn, DbError, Ident, Store, nodes, portgroups};
use ferric_model::node::Node;
use ferric_model::page::{Page, SortDirection};
use ferric_model::port::Port;
use ferric_model::portgroup::Portgroup;
use uuid::Uuid;

async fn insert(store: &Store, port: &Port) -> Result<Port, DbError> {
    store.write("insert", async |conn: &mut Conn| ports::insert(conn, port).await).await
}

async fn find(store: &Store, ident: PortIdent) -> Option<Port> {
    find_owned(store, ident).await.map(|(port, _)| port)
}

async fn find_owned(store: &Store, ident: PortIdent) -> Option<(Port, NodeProjects)> {
    store.read(async |conn: &mut Conn| ports::find(conn, &ident).await).await.unwrap()
}

async fn a_node(store: &Store, node: Node) -> Node {
    store.write("node", async |conn: &mut Conn| nodes::insert(conn, &node).await).await.unwrap()
}

async fn a_portgroup(store: &Store, portgroup: Portgroup) -> Portgroup {
    store.write("group", async |conn: &mut Conn| portgroups::insert(conn, &portgroup).await).await.unwrap()
}

#[tokio::test]
async fn a_port_lives_and_dies_with_its_node() {
    on_each(async |Database { store, .. }| {
        let projects = NodeProjects { owner: Some("p".into()), lessee: Some("q".into()) };
        let of_projects = Node { owner: projects.owner.clone(), lessee: projects.lessee.clone(), ..node() };
        let node = a_node(&store, of_projects).await;
        let bond = a_portgroup(&store, portgroup(node.uuid)).await;
        let mut full = Port {
            name: Some("eth0".into()),
            portgroup_uuid: Some(bond.uuid),
            pxe_enabled: false,
            physical_network: Some("physnet1".into()),
            updated_at: Some(later(1)),
            ..port(node.uuid, 1)
        };
        full.detail.description = Some("left".into());
        full.detail.local_link_connection.insert("port_id".into(), "Eth1/1".into());
        let stored = insert(&store, &full).await.unwrap();
        assert_eq!(stored, Port { id: stored.id, ..full });
        assert_eq!(find(&store, stored.uuid.into()).await.as_ref(), Some(&stored));
        let named = find_owned(&store, PortIdent::Name("eth0".into())).await;
        assert_eq!(named, Some((stored.clone(), projects)));

        let changed =
            Port { name: None, portgroup_uuid: None, address: "52:54:00:00:00:99".into(), ..stored.clone() };
        let save = async |conn: &mut Conn| ports::save(conn, &changed).await;
        assert!(store.write("save", save).await.unwrap());
        assert_eq!(find(&store, stored.uuid.into()).await.as_ref(), Some(&changed));

        let delete = async |uuid| {
            store.write("delete", async |conn: &mut Conn| ports::delete(conn, uuid).await).await.unwrap()
        };
        assert!(delete(stored.uuid).await);
        assert!(!delete(stored.uuid).await);
        assert!(!store.write("save", save).await.unwrap());

        let orphan = insert(&store, &port(node.uuid, 2)).await.unwrap();
        let delete = async |conn: &mut Conn| nodes::delete(conn, node.uuid, 1).await;
        assert!(store.write("delete node", delete).await.unwrap());
        assert_eq!(find(&store, orphan.uuid.into()).await, None);
    })
    .await;
}

#[tokio::test]
async fn what_must_be_unique_is_named_by_the_conflict() {
    on_each(async |Database { store, .. }| {
        let node = a_node(&store, node()).await;
        let first = insert(&store, &Port { name: Some("eth0".into()), ..port(node.uuid, 1) }).await.unwrap();
        let cases = [
            (Port { uuid: first.uuid, ..port(node.uuid, 2) }, Conflict::PortUuid),
            (port(node.uuid, 1), Conflict::PortAddress),
            (Port { name: first.name.clone(), ..port(node.uuid, 2) }, Conflict::PortName),
            (port(Uuid::new_v4(), 2), Conflict::NodeGone),
        ];
        for (port, expected) in cases {
            let refused = insert(&store, &port).await;
            assert!(
                matches!(refused, Err(DbError::Conflict { constraint }) if constraint == expected),
                "{refused:?} instead of {expected:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn ports_are_filtered_by_themselves_and_by_their_nodes() {
    on_each(async |Database { store, .. }| {
        let rack = Node {
            conductor_group: "rack1".into(),
            shard: Some("s1".into()),
            owner: Some("p1".into()),
            lessee: Some("p2".into()),
            ..node()
        };
        let (rack, plain) = (a_node(&store, rack).await, a_node(&store, node()).await);
        let bond = Portgroup { name: Some("bond0".into()), ..portgroup(rack.uuid) };
        let bond = a_portgroup(&store, bond).await.uuid;
        let mut first = Port { portgroup_uuid: Some(bond), ..port(rack.uuid, 1) };
        first.detail.description = Some("Uplink_A".into());
        let stored = [first, port(rack.uuid, 2), port(plain.uuid, 3)];
        for port in &stored {
            insert(&store, port).await.unwrap();
        }
        let addresses = || Some(vec![stored[0].address.clone(), stored[2].address.clone()]);
        let (all, any) = (PortFilter::default, OfNodes::default);
        let of = |of: OfNodes| PortFilter { of, ..PortFilter::default() };
        let cases: [(PortFilter, &[u8]); 16] = [
            (all(), &[1, 2, 3]),
            (of(OfNodes { node: Some(rack.uuid.into()), ..any() }), &[1, 2]),
            (PortFilter { node_uuids: Some(vec![plain.uuid, rack.uuid]), ..all() }, &[1, 2, 3]),
            (PortFilter { node_uuids: Some(vec![]), ..all() }, &[]),
            (PortFilter { addresses: addresses(), ..all() }, &[1, 3]),
            (PortFilter { portgroup: Some(bond.into()), ..all() }, &[1]),
            (PortFilter { portgroup: Some(Ident::read("bond0")), ..all() }, &[1]),
            (PortFilter { portgroup: Some(Ident::read("bond1")), ..all() }, &[]),
            (of(OfNodes { conductor_groups: Some(vec!["rack1".into()]), ..any() }), &[1, 2]),
            (of(OfNodes { conductor_groups: Some(vec![String::new()]), ..any() }), &[3]),
            (of(OfNodes { shards: Some(vec!["s1".into()]), ..any() }), &[1, 2]),
            (of(OfNodes { project: Some("p1".into()), ..any() }), &[1, 2]),
            (of(OfNodes { project: Some("p2".into()), ..any() }), &[1, 2]),
            (of(OfNodes { project: Some("p3".into()), ..any() }), &[]),
            (PortFilter { description_contains: Some("uplink_a".into()), ..all() }, &[1]),
            (PortFilter { description_contains: Some("uplink%".into()), ..all() }, &[]),
        ];
        let list = async |filter: &PortFilter, page: &Page| -> Vec<u8> {
            let list = async |conn: &mut Conn| ports::list(conn, filter, page).await;
            let found = store.read(list).await.unwrap();
            found.iter().map(|port| u8::from_str_radix(&port.address[15..], 16).unwrap()).collect()
        };
        for (filter, expected) in cases {
            assert_eq!(list(&filter, &Page::default()).await, expected, "{filter:?}");
        }
        let by_description =
            Page { sort_key: "description".into(), sort_dir: SortDirection::Desc, ..Page::default() };
        assert_eq!(list(&all(), &by_description).await, [3, 2, 1]);
        let marker = Some(stored[1].uuid.to_string());
        assert_eq!(list(&all(), &Page { marker, ..by_description }).await, [1]);
    })
    .await;
}
