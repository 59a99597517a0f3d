use crate::databases::{Database, on_each};
use crate::samples::{later, node, now};
use ferric_db::allocations::{self, AllocationFilter};
use ferric_db::nodes::{self, Wanted};
use ferric_db::{Conflict, Conn, DbError, Ident, Store};
use ferric_model::JsonMap;
use ferric_model::allocation::{Allocation, AllocationState};
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Node;
use ferric_model::page::Page;
use ferric_model::power::PowerState;
use uuid::Uuid;

fn allocation(name: &str) -> Allocation {
    Allocation {
        id: 0,
        uuid: Uuid::new_v4(),
        generation: 0,
        name: Some(name.to_owned()),
        node_uuid: None,
        state: AllocationState::Allocating,
        resource_class: Some("gold".into()),
        owner: None,
        last_error: None,
        traits: Vec::new(),
        candidate_nodes: Vec::new(),
        extra: JsonMap::new(),
        created_at: now(),
        updated_at: None,
    }
}

fn free(name: &str) -> Node {
    Node {
        name: Some(name.to_owned()),
        resource_class: Some("gold".into()),
        power_state: Some(PowerState::Off),
        ..node()
    }
}

async fn a_node(store: &Store, node: Node) -> Node {
    store.write("node", async |conn: &mut Conn| nodes::insert(conn, &node).await).await.unwrap()
}

async fn insert(store: &Store, allocation: &Allocation) -> Result<Allocation, DbError> {
    store.write("insert", async |conn: &mut Conn| allocations::insert(conn, allocation).await).await
}

async fn find(store: &Store, ident: Ident) -> Option<Allocation> {
    store.read(async |conn: &mut Conn| allocations::find(conn, &ident).await).await.unwrap()
}

#[tokio::test]
async fn an_allocation_lives_and_dies_with_its_node() {
    on_each(async |Database { store, .. }| {
        let node = a_node(&store, free("n")).await;
        let full = Allocation {
            owner: Some("p1".into()),
            traits: vec!["CUSTOM_B".into(), "CUSTOM_A".into()],
            candidate_nodes: vec![node.uuid],
            ..allocation("a")
        };
        let stored = insert(&store, &full).await.unwrap();
        assert_eq!(stored, Allocation { id: stored.id, generation: 1, ..full });
        assert_eq!(find(&store, Ident::read("a")).await.as_ref(), Some(&stored));

        let matched =
            Allocation { state: AllocationState::Active, node_uuid: Some(node.uuid), ..stored.clone() };
        let save = async |conn: &mut Conn| allocations::save(conn, &matched, later(1)).await;
        assert!(store.write("save", save).await.unwrap());
        assert!(!store.write("a second time", save).await.unwrap(), "the generation is gone");
        let expected = Allocation { generation: 2, updated_at: Some(later(1)), ..matched.clone() };
        let of_node = async |conn: &mut Conn| allocations::find_of_node(conn, node.uuid).await;
        assert_eq!(store.read(of_node).await.unwrap(), Some(expected));

        let stale = async |conn: &mut Conn| allocations::delete_unchanged(conn, stored.uuid, 1).await;
        assert!(!store.write("delete what has changed", stale).await.unwrap());
        let delete = async |conn: &mut Conn| nodes::delete(conn, node.uuid, 1).await;
        assert!(store.write("delete node", delete).await.unwrap());
        assert_eq!(find(&store, stored.uuid.into()).await, None);
    })
    .await;
}

#[tokio::test]
async fn a_node_has_one_allocation_and_names_are_unique() {
    on_each(async |Database { store, .. }| {
        let node = a_node(&store, free("n")).await;
        let with_node = |name: &str, uuid| Allocation { node_uuid: Some(uuid), ..allocation(name) };
        let first = insert(&store, &with_node("a", node.uuid)).await.unwrap();
        let cases = [
            (Allocation { uuid: first.uuid, ..allocation("b") }, Conflict::AllocationUuid),
            (allocation("a"), Conflict::AllocationName),
            (with_node("b", node.uuid), Conflict::AllocationNode),
            (with_node("b", Uuid::new_v4()), Conflict::NodeGone),
        ];
        for (allocation, expected) in cases {
            let refused = insert(&store, &allocation).await;
            assert!(
                matches!(refused, Err(DbError::Conflict { constraint }) if constraint == expected),
                "{refused:?} instead of {expected:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn allocations_are_filtered_and_those_that_wait_are_found() {
    on_each(async |Database { store, .. }| {
        let node = a_node(&store, free("n")).await;
        let rows = [
            Allocation {
                state: AllocationState::Active,
                node_uuid: Some(node.uuid),
                owner: Some("p1".into()),
                ..allocation("a")
            },
            Allocation { resource_class: Some("silver".into()), ..allocation("b") },
            Allocation { state: AllocationState::Error, last_error: Some("no".into()), ..allocation("c") },
            Allocation { owner: Some("p2".into()), ..allocation("d") },
        ];
        let mut ids = Vec::new();
        for row in &rows {
            ids.push(insert(&store, row).await.unwrap().id);
        }
        let all = AllocationFilter::default;
        let text = |text: &str| Some(text.to_owned());
        let cases = [
            (all(), "abcd"),
            (AllocationFilter { node_uuid: Some(node.uuid), ..all() }, "a"),
            (AllocationFilter { resource_class: text("silver"), ..all() }, "b"),
            (AllocationFilter { state: text("error"), ..all() }, "c"),
            (AllocationFilter { state: text("nonsense"), ..all() }, ""),
            (AllocationFilter { owner: text("p2"), ..all() }, "d"),
        ];
        let names = |found: Vec<Allocation>| found.into_iter().filter_map(|one| one.name).collect::<String>();
        for (filter, expected) in cases {
            let list = async |conn: &mut Conn| allocations::list(conn, &filter, &Page::default()).await;
            assert_eq!(names(store.read(list).await.unwrap()), expected, "{filter:?}");
        }
        let waiting = async |ids: Option<&[i64]>, limit| {
            let list = async |conn: &mut Conn| allocations::list_allocating(conn, ids, limit).await;
            names(store.read(list).await.unwrap())
        };
        assert_eq!(waiting(None, 10).await, "bd");
        assert_eq!(waiting(None, 1).await, "b");
        assert_eq!(waiting(Some(&[ids[0], ids[3]]), 10).await, "d");
    })
    .await;
}

#[tokio::test]
async fn only_free_nodes_that_fit_are_offered() {
    on_each(async |Database { store, .. }| {
        let traits = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let rows = [
            Node { traits: traits(&["CUSTOM_A", "CUSTOM_B"]), owner: Some("p1".into()), ..free("a") },
            Node { traits: traits(&["CUSTOM_AX"]), lessee: Some("p1".into()), ..free("b") },
            Node { reservation: Some("host".into()), ..free("held") },
            Node { maintenance: true, ..free("c") },
            Node { power_state: None, ..free("d") },
            Node { instance_uuid: Some(Uuid::new_v4()), ..free("e") },
            Node { resource_class: Some("silver".into()), ..free("f") },
            Node { resource_class: None, ..free("g") },
        ];
        for row in &rows {
            a_node(&store, row.clone()).await;
        }
        let enroll = Node::new(Uuid::new_v4(), "fake-hardware", ProvisionState::Enroll, now());
        a_node(&store, Node { uuid: enroll.uuid, provision: enroll.provision, ..free("h") }).await;
        a_node(&store, Node { parent_node: Some(rows[0].uuid), ..free("child") }).await;

        let list = async |wanted: &Wanted, limit: i64| -> Vec<String> {
            let list = async |conn: &mut Conn| nodes::list_free(conn, wanted, limit).await;
            store.read(list).await.unwrap().into_iter().filter_map(|node| node.name).collect()
        };
        let gold = || Wanted { resource_class: "gold".into(), ..Wanted::default() };
        let cases: [(Wanted, &[&str]); 7] = [
            (gold(), &["a", "b", "held"]),
            (Wanted { traits: traits(&["CUSTOM_A"]), ..gold() }, &["a"]),
            (Wanted { traits: traits(&["CUSTOM_B", "CUSTOM_A"]), ..gold() }, &["a"]),
            (Wanted { traits: traits(&["CUSTOM%"]), ..gold() }, &[]),
            (Wanted { among: vec![rows[1].uuid, rows[3].uuid], ..gold() }, &["b"]),
            (Wanted { project: Some("p1".into()), ..gold() }, &["a", "b"]),
            (Wanted { project: Some("p2".into()), ..gold() }, &[]),
        ];
        for (wanted, expected) in cases {
            let mut found = list(&wanted, 10).await;
            found.sort();
            assert_eq!(found, expected, "{wanted:?}");
        }
        assert_eq!(list(&gold(), 10).await[2], "held", "what a task holds comes last");
        for name in ["a", "b"] {
            let named = Wanted { name: Some(name.to_owned()), ..gold() };
            assert_eq!(list(&named, 10).await[0], name);
        }

        let named = async |idents: &[&str], project: Option<&str>| {
            let names = traits(idents);
            let uuids = [rows[0].uuid];
            let list = async |conn: &mut Conn| nodes::list_named(conn, &uuids, &names, project).await;
            let mut found: Vec<String> =
                store.read(list).await.unwrap().into_iter().filter_map(|row| row.1).collect();
            found.sort();
            found
        };
        assert_eq!(named(&["b", "nobody"], None).await, ["a", "b"]);
        assert_eq!(named(&["c"], Some("p1")).await, ["a"]);
    })
    .await;
}
