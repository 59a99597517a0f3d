use crate::databases::{Database, on_each};
use crate::samples::{later, node, port, portgroup};
use ferric_db::nodes::{NodeIdent, NodeProjects, OfNodes};
use ferric_db::portgroups::{self, PortgroupFilter};
use ferric_db::{Conflict, Conn, DbError, Ident, Store, nodes, ports};
use ferric_model::node::Node;
use ferric_model::page::{Page, SortDirection};
use ferric_model::port::Port;
use ferric_model::portgroup::Portgroup;
use uuid::Uuid;

async fn insert(store: &Store, portgroup: &Portgroup) -> Result<Portgroup, DbError> {
    store.write("insert", async |conn: &mut Conn| portgroups::insert(conn, portgroup).await).await
}

async fn save(store: &Store, portgroup: &Portgroup) -> Result<bool, DbError> {
    store.write("save", async |conn: &mut Conn| portgroups::save(conn, portgroup).await).await
}

async fn delete(store: &Store, uuid: Uuid) -> Result<bool, DbError> {
    store.write("delete", async |conn: &mut Conn| portgroups::delete(conn, uuid).await).await
}

async fn a_node(store: &Store, node: Node) -> Node {
    store.write("node", async |conn: &mut Conn| nodes::insert(conn, &node).await).await.unwrap()
}

async fn a_port(store: &Store, port: Port) -> Result<Port, DbError> {
    store.write("port", async |conn: &mut Conn| ports::insert(conn, &port).await).await
}

fn breaks<T: std::fmt::Debug>(refused: Result<T, DbError>, expected: Conflict) {
    assert!(
        matches!(refused, Err(DbError::Conflict { constraint }) if constraint == expected),
        "{refused:?} instead of {expected:?}"
    );
}

#[tokio::test]
async fn a_portgroup_lives_and_dies_with_its_node() {
    on_each(async |Database { store, .. }| {
        let owned = Node { owner: Some("o".into()), lessee: Some("l".into()), ..node() };
        let owned = a_node(&store, owned).await;
        let mut full = Portgroup {
            name: Some("bond0".into()),
            address: Some("52:54:00:00:00:01".into()),
            standalone_ports_supported: false,
            physical_network: Some("physnet1".into()),
            category: Some("c".into()),
            dynamic_portgroup: true,
            ..portgroup(owned.uuid)
        };
        full.detail.properties.insert("miimon".into(), 100.into());
        let stored = insert(&store, &full).await.unwrap();
        assert_eq!(stored, Portgroup { id: stored.id, ..full });
        let projects = NodeProjects { owner: owned.owner.clone(), lessee: owned.lessee.clone() };
        for ident in [stored.uuid.into(), Ident::Name("bond0".into())] {
            let find = async |conn: &mut Conn| portgroups::find(conn, &ident).await;
            assert_eq!(store.read(find).await.unwrap(), Some((stored.clone(), projects.clone())));
        }
        let emptied = Portgroup {
            id: stored.id,
            uuid: stored.uuid,
            mode: None,
            updated_at: Some(later(1)),
            ..portgroup(owned.uuid)
        };
        assert!(save(&store, &emptied).await.unwrap());
        let find = async |uuid: Uuid| {
            let find = async |conn: &mut Conn| portgroups::find(conn, &uuid.into()).await;
            store.read(find).await.unwrap().map(|(found, _)| found)
        };
        assert_eq!(find(stored.uuid).await, Some(emptied));
        assert!(delete(&store, stored.uuid).await.unwrap());
        assert!(!delete(&store, stored.uuid).await.unwrap());
        assert!(!save(&store, &stored).await.unwrap());

        let doomed = insert(&store, &portgroup(owned.uuid)).await.unwrap();
        let member = Port { portgroup_uuid: Some(doomed.uuid), ..port(owned.uuid, 1) };
        a_port(&store, member).await.unwrap();
        let delete = async |conn: &mut Conn| nodes::delete(conn, owned.uuid, 1).await;
        assert!(store.write("delete node", delete).await.unwrap());
        assert_eq!(find(doomed.uuid).await, None);
    })
    .await;
}

#[tokio::test]
async fn rules_between_rows_are_named_by_the_conflict() {
    on_each(async |Database { store, .. }| {
        let node = a_node(&store, node()).await;
        let address = Some("52:54:00:00:00:01".to_owned());
        let first =
            Portgroup { name: Some("bond0".into()), address: address.clone(), ..portgroup(node.uuid) };
        let first = insert(&store, &first).await.unwrap();
        let new = || portgroup(node.uuid);
        breaks(insert(&store, &Portgroup { uuid: first.uuid, ..new() }).await, Conflict::PortgroupUuid);
        breaks(
            insert(&store, &Portgroup { name: first.name.clone(), ..new() }).await,
            Conflict::PortgroupName,
        );
        breaks(insert(&store, &Portgroup { address, ..new() }).await, Conflict::PortgroupAddress);
        breaks(insert(&store, &portgroup(Uuid::new_v4())).await, Conflict::NodeGone);
        let second = insert(&store, &new()).await.unwrap();
        breaks(
            save(&store, &Portgroup { name: first.name.clone(), ..second }).await,
            Conflict::PortgroupName,
        );

        let lost = Port { portgroup_uuid: Some(Uuid::new_v4()), ..port(node.uuid, 1) };
        breaks(a_port(&store, lost).await, Conflict::NodeGone);
        a_port(&store, Port { portgroup_uuid: Some(first.uuid), ..port(node.uuid, 2) }).await.unwrap();
        breaks(delete(&store, first.uuid).await, Conflict::PortgroupInUse);
    })
    .await;
}

#[tokio::test]
async fn ports_of_a_portgroup_share_its_physical_network() {
    on_each(async |Database { store, .. }| {
        let node = a_node(&store, node()).await;
        let group = insert(&store, &portgroup(node.uuid)).await.unwrap().uuid;
        let mut members = Vec::new();
        for (number, network) in (1..).zip([Some("a"), Some("a"), None]) {
            let physical_network = network.map(str::to_owned);
            let member = Port { portgroup_uuid: Some(group), physical_network, ..port(node.uuid, number) };
            members.push(a_port(&store, member).await.unwrap());
        }
        let outside = a_port(&store, port(node.uuid, 9)).await.unwrap();
        let network = async |except: Uuid| {
            let find = async |conn: &mut Conn| portgroups::find_with_member(conn, group, except).await;
            let (found, network) = store.read(find).await.unwrap().unwrap();
            assert_eq!(found.uuid, group);
            network
        };
        assert_eq!(network(outside.uuid).await, Some(Some("a".to_owned())));
        let set = async |network: Option<&str>, at| {
            let set = async |conn: &mut Conn| ports::set_physical_network(conn, group, network, at).await;
            store.write("set", set).await.unwrap();
        };
        set(Some("a"), later(1)).await;
        let list =
            async |conn: &mut Conn| ports::list(conn, &ports::PortFilter::default(), &Page::default()).await;
        let written: Vec<_> = store
            .read(list)
            .await
            .unwrap()
            .into_iter()
            .map(|port| (port.physical_network, port.updated_at))
            .collect();
        let a = || Some("a".to_owned());
        assert_eq!(written, [(a(), None), (a(), None), (a(), Some(later(1))), (None, None)]);
        set(None, later(2)).await;
        assert_eq!(network(outside.uuid).await, Some(None));
        for member in &members[1..] {
            let delete = async |conn: &mut Conn| ports::delete(conn, member.uuid).await;
            assert!(store.write("delete", delete).await.unwrap());
        }
        assert_eq!(network(outside.uuid).await, Some(None));
        assert_eq!(network(members[0].uuid).await, None);
        let find = async |conn: &mut Conn| portgroups::find_with_member(conn, node.uuid, group).await;
        assert_eq!(store.read(find).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn portgroups_are_filtered_by_themselves_and_by_their_nodes() {
    on_each(async |Database { store, .. }| {
        let rack = Node {
            name: Some("rack".into()),
            conductor_group: "rack1".into(),
            shard: Some("s1".into()),
            owner: Some("p1".into()),
            lessee: Some("p2".into()),
            ..node()
        };
        let (rack, plain) = (a_node(&store, rack).await, a_node(&store, node()).await);
        let first = Portgroup { address: Some("52:54:00:00:00:01".into()), ..portgroup(rack.uuid) };
        let last = Portgroup { mode: None, ..portgroup(plain.uuid) };
        let mut stored = Vec::new();
        for new in [first, portgroup(rack.uuid), last] {
            stored.push(insert(&store, &new).await.unwrap());
        }
        let of = |of: OfNodes| PortgroupFilter { of, ..PortgroupFilter::default() };
        let any = OfNodes::default;
        let cases: [(PortgroupFilter, &[usize]); 9] = [
            (of(any()), &[0, 1, 2]),
            (of(OfNodes { node: Some(rack.uuid.into()), ..any() }), &[0, 1]),
            (of(OfNodes { node: Some(NodeIdent::Name("rack".into())), ..any() }), &[0, 1]),
            (of(OfNodes { node: Some(NodeIdent::Name("none".into())), ..any() }), &[]),
            (of(OfNodes { conductor_groups: Some(vec![String::new()]), ..any() }), &[2]),
            (of(OfNodes { shards: Some(vec!["s1".into()]), ..any() }), &[0, 1]),
            (of(OfNodes { project: Some("p2".into()), ..any() }), &[0, 1]),
            (of(OfNodes { project: Some("p3".into()), ..any() }), &[]),
            (
                PortgroupFilter {
                    address: stored[0].address.clone(),
                    of: OfNodes { project: Some("p1".into()), ..any() },
                },
                &[0],
            ),
        ];
        let list = async |filter: &PortgroupFilter, page: &Page| -> Vec<usize> {
            let list = async |conn: &mut Conn| portgroups::list(conn, filter, page).await;
            let found = store.read(list).await.unwrap();
            found.iter().map(|one| stored.iter().position(|known| known == one).unwrap()).collect()
        };
        for (filter, expected) in cases {
            assert_eq!(list(&filter, &Page::default()).await, expected, "{filter:?}");
        }
        let by_mode = Page { sort_key: "mode".into(), sort_dir: SortDirection::Desc, ..Page::default() };
        assert_eq!(list(&of(any()), &by_mode).await, [2, 1, 0]);
        let marker = Some(stored[2].uuid.to_string());
        assert_eq!(list(&of(any()), &Page { marker, ..by_mode }).await, [1, 0]);
        let exists = async |marker: String| {
            let ask = async |conn: &mut Conn| portgroups::marker_exists(conn, &marker).await;
            store.read(ask).await.unwrap()
        };
        assert!(exists(stored[0].uuid.to_string()).await && !exists(rack.uuid.to_string()).await);
    })
    .await;
}
