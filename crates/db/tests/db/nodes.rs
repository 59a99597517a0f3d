use crate::databases::{Database, on_each};
use crate::samples::{chassis, later, named, node, now, task};
use ferric_db::nodes::{self, BUCKETS, NodeFilter, NodeIdent, Visit};
use ferric_db::{Conflict, Conn, DbError, Store, chassis, tasks};
use ferric_model::JsonMap;
use ferric_model::hardware::InterfaceKind;
use ferric_model::lifecycle::{Provision, ProvisionState};
use ferric_model::node::{Fault, Node};
use ferric_model::page::{Page, SortDirection};
use ferric_model::power::PowerState;
use ferric_model::task::{Task, TaskState};
use serde_json::json;
use std::ops::Range;
use uuid::Uuid;

async fn insert(store: &Store, node: &Node) -> Result<Node, DbError> {
    store.write("insert", async |conn: &mut Conn| nodes::insert(conn, node).await).await
}

async fn find(store: &Store, uuid: Uuid) -> Option<Node> {
    store.read(async |conn: &mut Conn| nodes::find(conn, &uuid.into()).await).await.unwrap()
}

async fn list(store: &Store, filter: &NodeFilter, page: &Page) -> Result<Vec<Node>, DbError> {
    store.read(async |conn: &mut Conn| nodes::list(conn, filter, page).await).await
}

async fn list_due(
    store: &Store,
    visit: Visit,
    buckets: Range<i64>,
    after: i64,
    limit: i64,
) -> Vec<nodes::Due> {
    let list = async |conn: &mut Conn| nodes::list_due(conn, visit, buckets.clone(), after, limit).await;
    store.read(list).await.unwrap()
}

fn conflict<T: std::fmt::Debug>(outcome: Result<T, DbError>) -> Conflict {
    match outcome {
        Err(DbError::Conflict { constraint }) => constraint,
        other => panic!("expected a conflict, not {other:?}"),
    }
}

fn object(value: serde_json::Value) -> JsonMap {
    value.as_object().unwrap().clone()
}

/// A node in which every field has a value; it stands in a chassis of its own.
async fn full(store: &Store) -> Node {
    let rack = chassis();
    store.write("chassis", async |conn: &mut Conn| chassis::insert(conn, &rack).await).await.unwrap();
    let mut node = Node {
        provision: Provision::from_stored("wait call-back", Some("active")).unwrap(),
        provision_updated_at: Some(later(1)),
        power_state: Some(PowerState::On),
        target_power_state: Some(PowerState::Off),
        maintenance: true,
        fault: Some(Fault::Clean),
        reservation: Some("c1".into()),
        instance_uuid: Some(Uuid::new_v4()),
        instance_name: Some("web".into()),
        allocation_uuid: Some(Uuid::new_v4()),
        resource_class: Some("gold".into()),
        conductor_group: "rack1".into(),
        owner: Some("p1".into()),
        lessee: Some("p2".into()),
        shard: Some("s1".into()),
        parent_node: Some(Uuid::new_v4()),
        chassis_uuid: Some(rack.uuid),
        retired: true,
        description: Some("left of the Door: 50%".into()),
        traits: vec!["CUSTOM_A".into(), "CUSTOM_B".into()],
        inspection_started_at: Some(later(2)),
        updated_at: Some(later(3)),
        ..named("full")
    };
    node.spec.interfaces.insert(InterfaceKind::Power, "redfish".into());
    node.spec.driver_info = object(json!({"redfish_address": "https://bmc", "n": [1, null, "ü\"'"]}));
    node.spec.protected_reason = Some("because".into());
    node.status.driver_internal_info = object(json!({"agent_secret_token": "t"}));
    node.status.last_error = Some("it broke".into());
    node.status.inspection_finished_at = Some(later(4));
    node
}

#[tokio::test]
async fn a_node_comes_back_as_it_was_stored() {
    on_each(async |Database { store, .. }| {
        for node in [node(), full(&store).await] {
            let stored = insert(&store, &node).await.unwrap();
            assert!(stored.id > 0);
            assert_eq!(stored, Node { id: stored.id, generation: 1, ..node });
            assert_eq!(find(&store, stored.uuid).await.unwrap(), stored);
        }
        let by_name = NodeIdent::Name("full".into());
        let found = store.read(async |conn: &mut Conn| nodes::find(conn, &by_name).await).await.unwrap();
        assert_eq!(found.unwrap().name.as_deref(), Some("full"));
        assert_eq!(find(&store, Uuid::nil()).await, None);
    })
    .await;
}

#[tokio::test]
async fn a_write_wins_only_on_the_generation_it_was_decided_on() {
    on_each(async |Database { store, .. }| {
        let read = insert(&store, &node()).await.unwrap();
        let save = async |description: &str| {
            let node = Node { description: Some(description.to_owned()), ..read.clone() };
            store
                .write("save", async |conn: &mut Conn| nodes::save(conn, &node, later(60)).await)
                .await
                .unwrap()
        };
        assert!(save("first").await);
        assert!(!save("second").await);
        let found = find(&store, read.uuid).await.unwrap();
        assert_eq!(found.description.as_deref(), Some("first"));
        assert_eq!((found.generation, found.updated_at), (2, Some(later(60))));
        assert_eq!((found.id, found.created_at), (read.id, now()));
    })
    .await;
}

#[tokio::test]
async fn fields_can_be_emptied() {
    on_each(async |Database { store, .. }| {
        let full = insert(&store, &full(&store).await).await.unwrap();
        let empty = Node { id: full.id, uuid: full.uuid, generation: 1, ..node() };
        assert!(
            store
                .write("save", async |conn: &mut Conn| nodes::save(conn, &empty, later(9)).await)
                .await
                .unwrap()
        );
        let expected = Node { generation: 2, updated_at: Some(later(9)), ..empty };
        assert_eq!(find(&store, full.uuid).await.unwrap(), expected);
    })
    .await;
}

#[tokio::test]
async fn what_must_be_unique_is_named_by_the_conflict() {
    on_each(async |Database { store, .. }| {
        let first = insert(&store, &full(&store).await).await.unwrap();
        let other = insert(&store, &node()).await.unwrap();
        let same_uuid = Node { uuid: first.uuid, ..node() };
        let same_name = Node { name: first.name.clone(), ..node() };
        let same_instance = Node { instance_uuid: first.instance_uuid, ..node() };
        assert_eq!(conflict(insert(&store, &same_uuid).await), Conflict::NodeUuid);
        assert_eq!(conflict(insert(&store, &same_name).await), Conflict::NodeName);
        assert_eq!(conflict(insert(&store, &same_instance).await), Conflict::InstanceUuid);
        let renamed = Node { name: first.name, ..other };
        let saved =
            store.write("save", async |conn: &mut Conn| nodes::save(conn, &renamed, now()).await).await;
        assert_eq!(conflict(saved), Conflict::NodeName);
    })
    .await;
}

/// Nodes with equal, different and absent values.
fn assorted() -> Vec<Node> {
    (0..23u128)
        .map(|n| {
            let mut node = Node { uuid: Uuid::from_u128(n * 7919 % 23 + 1), ..node() };
            node.name = (n % 3 != 0).then(|| format!("node-{}", n * 5 % 23));
            node.resource_class = (n % 4 != 1).then(|| ["B", "a", "gold"][n as usize % 3].to_owned());
            node.maintenance = n % 2 == 0;
            node.created_at = later(n as i64 % 5);
            node.updated_at = (n % 5 != 0).then(|| later(n as i64 * 3 % 7));
            node.spec.protected = n % 3 == 1;
            node.spec.automated_clean = [None, Some(true), Some(false)][n as usize % 3];
            node.status.last_error = (n % 6 < 2).then(|| format!("error {}", n % 4));
            node.spec.interfaces.insert(InterfaceKind::Boot, ["ipxe", "redfish"][n as usize % 2].to_owned());
            node
        })
        .collect()
}

/// Every attribute of a node that Ironic can sort by.
const SORTABLE: &str = "id uuid name driver provision_state target_provision_state provision_updated_at power_state \
    target_power_state maintenance fault reservation instance_uuid instance_name allocation_uuid resource_class \
    conductor_group owner lessee shard parent_node chassis_uuid retired description inspection_started_at created_at \
    updated_at bios_interface boot_interface console_interface deploy_interface firmware_interface inspect_interface \
    management_interface network_interface power_interface raid_interface rescue_interface storage_interface \
    vendor_interface automated_clean protected protected_reason retired_reason maintenance_reason disable_power_off \
    last_error boot_mode secure_boot health console_enabled inspection_finished_at";

#[tokio::test]
async fn pages_add_up_to_the_whole_list_in_every_order_and_alike_on_both_back_ends() {
    let orders = std::cell::RefCell::new(Vec::<Vec<Vec<Uuid>>>::new());
    on_each(async |Database { store, .. }| {
        for node in assorted() {
            insert(&store, &node).await.unwrap();
        }
        let mut seen = Vec::new();
        for sort_key in SORTABLE.split_whitespace() {
            for sort_dir in [SortDirection::Asc, SortDirection::Desc] {
                let page = Page { sort_key: sort_key.to_owned(), sort_dir, ..Page::default() };
                let uuids = async |page: &Page| -> Vec<Uuid> {
                    let nodes = list(&store, &NodeFilter::default(), page).await.unwrap();
                    nodes.into_iter().map(|node| node.uuid).collect()
                };
                let whole = uuids(&page).await;
                assert_eq!(whole.len(), 23);
                let mut paged: Vec<Uuid> = Vec::new();
                loop {
                    let marker = paged.last().map(ToString::to_string);
                    let next = uuids(&Page { limit: 4, marker, ..page.clone() }).await;
                    if next.is_empty() {
                        break;
                    }
                    paged.extend(next);
                    assert!(paged.len() <= 23, "{sort_key} {sort_dir:?} repeats nodes");
                }
                assert_eq!(paged, whole, "{sort_key} {sort_dir:?}");
                seen.push(whole);
            }
        }
        orders.borrow_mut().push(seen);
    })
    .await;
    assert!(orders.borrow().windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn absent_values_come_last_and_equal_ones_in_order_of_creation() {
    on_each(async |Database { store, .. }| {
        for node in assorted() {
            insert(&store, &node).await.unwrap();
        }
        let sorted = async |sort_key: &str, sort_dir| {
            let page = Page { sort_key: sort_key.to_owned(), sort_dir, ..Page::default() };
            list(&store, &NodeFilter::default(), &page).await.unwrap()
        };
        let by_class = |node: &Node| (node.resource_class.is_none(), node.resource_class.clone(), node.id);
        assert!(sorted("resource_class", SortDirection::Asc).await.is_sorted_by_key(by_class));
        assert!(sorted("resource_class", SortDirection::Desc).await.iter().rev().is_sorted_by_key(by_class));
        let by_error =
            |node: &Node| (node.status.last_error.is_none(), node.status.last_error.clone(), node.id);
        assert!(sorted("last_error", SortDirection::Asc).await.is_sorted_by_key(by_error));
        assert!(sorted("id", SortDirection::Desc).await.iter().rev().is_sorted_by_key(|node| node.id));
    })
    .await;
}

#[tokio::test]
async fn unknown_sort_keys_and_markers_are_told_apart_from_empty_pages() {
    on_each(async |Database { store, .. }| {
        let node = insert(&store, &node()).await.unwrap();
        for sort_key in ["driver_info", "traits", "id; DROP TABLE nodes"] {
            let page = Page { sort_key: sort_key.to_owned(), ..Page::default() };
            let refused = list(&store, &NodeFilter::default(), &page).await;
            assert!(matches!(refused, Err(DbError::UnsupportedSort(key)) if key == sort_key));
        }
        for (marker, known) in [(node.uuid.to_string(), true), (Uuid::nil().to_string(), false)] {
            let exists = store.read(async |conn: &mut Conn| nodes::marker_exists(conn, &marker).await).await;
            assert_eq!(exists.unwrap(), known);
            let page = Page { marker: Some(marker), ..Page::default() };
            assert_eq!(list(&store, &NodeFilter::default(), &page).await.unwrap(), []);
        }
    })
    .await;
}

#[tokio::test]
async fn every_filter_selects_what_it_says() {
    on_each(async |Database { store, .. }| {
        let full = insert(&store, &Node { parent_node: None, ..full(&store).await }).await.unwrap();
        let plain = insert(&store, &named("plain")).await.unwrap();
        let child = insert(&store, &Node { parent_node: Some(plain.uuid), ..named("child") }).await.unwrap();
        let all = NodeFilter { include_children: true, ..NodeFilter::default() };
        let only = |change: &dyn Fn(&mut NodeFilter)| {
            let mut filter = all.clone();
            change(&mut filter);
            filter
        };
        let text = |value: &Option<String>| value.clone();
        let cases = [
            (NodeFilter::default(), "full plain"),
            (all.clone(), "full plain child"),
            (NodeFilter { parent_node: Some(plain.uuid.into()), ..NodeFilter::default() }, "child"),
            (NodeFilter { parent_node: Some(NodeIdent::read("plain")), ..NodeFilter::default() }, "child"),
            (NodeFilter { parent_node: Some(NodeIdent::read("nobody")), ..NodeFilter::default() }, ""),
            (only(&|f| f.chassis_uuid = full.chassis_uuid), "full"),
            (only(&|f| f.instance_uuid = full.instance_uuid), "full"),
            (only(&|f| f.instance_name = text(&full.instance_name)), "full"),
            (only(&|f| f.associated = Some(true)), "full"),
            (only(&|f| f.associated = Some(false)), "plain child"),
            (only(&|f| f.maintenance = Some(true)), "full"),
            (only(&|f| f.maintenance = Some(false)), "plain child"),
            (only(&|f| f.provision_state = Some(ProvisionState::WaitCallBack)), "full"),
            (only(&|f| f.driver = Some("fake-hardware".into())), "full plain child"),
            (only(&|f| f.driver = Some("redfish".into())), ""),
            (only(&|f| f.resource_class = text(&full.resource_class)), "full"),
            (only(&|f| f.fault = full.fault), "full"),
            (only(&|f| f.conductor_group = Some("rack1".into())), "full"),
            (only(&|f| f.conductor_group = Some(String::new())), "plain child"),
            (only(&|f| f.owner = Some("p1".into())), "full"),
            (only(&|f| f.lessee = Some("p1".into())), ""),
            (only(&|f| f.project = Some("p1".into())), "full"),
            (only(&|f| f.project = Some("p2".into())), "full"),
            (only(&|f| f.project = Some("p3".into())), ""),
            (only(&|f| f.description_contains = Some("door: 50%".into())), "full"),
            (only(&|f| f.description_contains = Some("door%50".into())), ""),
            (only(&|f| f.retired = Some(true)), "full"),
            (only(&|f| f.retired = Some(false)), "plain child"),
            (only(&|f| f.shards = Some(vec!["s1".into(), "s2".into()])), "full"),
            (only(&|f| f.shards = Some(vec![])), ""),
            (only(&|f| f.sharded = Some(true)), "full"),
            (only(&|f| f.sharded = Some(false)), "plain child"),
            (only(&|f| f.uuids = Some(vec![plain.uuid, child.uuid])), "plain child"),
            (only(&|f| f.ids = Some(vec![plain.id, child.id])), "plain child"),
        ];
        for (filter, expected) in cases {
            let found = list(&store, &filter, &Page::default()).await.unwrap();
            let names: Vec<&str> = found.iter().filter_map(|node| node.name.as_deref()).collect();
            assert_eq!(names.join(" "), expected, "{filter:?}");
            let count = store.read(async |conn: &mut Conn| nodes::count(conn, &filter).await).await;
            assert_eq!(count.unwrap(), names.len() as i64);
        }
    })
    .await;
}

#[tokio::test]
async fn a_deleted_node_takes_its_finished_tasks_along_and_leaves_others() {
    on_each(async |Database { store, .. }| {
        let node = insert(&store, &node()).await.unwrap();
        let ended = Task { state: TaskState::Failed, finished_at: Some(now()), ..task(node.uuid) };
        let others = Task { finished_at: Some(now()), ..task(Uuid::new_v4()) };
        let delete = async |generation| {
            store
                .write("delete", async |conn: &mut Conn| nodes::delete(conn, node.uuid, generation).await)
                .await
                .unwrap()
        };
        store
            .write("tasks", async |conn: &mut Conn| {
                tasks::insert(conn, &ended).await?;
                tasks::insert(conn, &others).await
            })
            .await
            .unwrap();
        assert!(!delete(7).await);
        assert!(find(&store, node.uuid).await.is_some());
        assert!(delete(1).await);
        assert!(find(&store, node.uuid).await.is_none());
        let exists =
            async |id| store.read(async |conn: &mut Conn| tasks::find(conn, id).await).await.unwrap();
        assert_eq!(exists(ended.id).await, None);
        assert_eq!(exists(others.id).await, Some(others));
    })
    .await;
}

#[tokio::test]
async fn power_is_read_only_where_nobody_works() {
    on_each(async |Database { store, .. }| {
        let state = |text| Provision::from_stored(text, None).unwrap();
        let numbered = |n, node| Node { uuid: Uuid::from_u128(n), ..node };
        let due = [
            numbered(1, node()),
            numbered(3, Node { conductor_group: "rack1".into(), provision: state("active"), ..node() }),
            numbered(5, Node { provision: state("clean failed"), ..node() }),
        ];
        let left_alone = [
            Node { maintenance: true, ..node() },
            Node { target_power_state: Some(PowerState::On), ..node() },
            Node { reservation: Some("c1".into()), ..node() },
            Node { provision: state("enroll"), ..node() },
            Node { provision: state("wait call-back"), ..node() },
            Node { provision: state("clean wait"), ..node() },
            Node { provision: state("adopt failed"), ..node() },
        ];
        for node in due.iter().chain(&left_alone) {
            insert(&store, node).await.unwrap();
        }
        let list = async |buckets: Range<i64>, after, limit| {
            list_due(&store, Visit::PowerSync, buckets, after, limit).await
        };
        let first = list(0..BUCKETS, 0, 2).await;
        let found: Vec<_> = first.iter().map(|due| (due.uuid, due.conductor_group.as_str())).collect();
        assert_eq!(found, [(due[0].uuid, ""), (due[1].uuid, "rack1")]);
        let rest = list(0..BUCKETS, first[1].id, 2).await;
        assert_eq!(rest.iter().map(|due| due.uuid).collect::<Vec<_>>(), [due[2].uuid]);
        // Each node is in one bucket.
        let mut spread = Vec::new();
        for start in (0..BUCKETS).step_by(128) {
            spread.extend(list(start..start + 128, 0, 100).await);
        }
        assert_eq!(spread, [first, rest].concat());
    })
    .await;
}

#[tokio::test]
async fn sensors_are_read_of_deployed_nodes_or_of_all_that_are_known() {
    on_each(async |Database { store, .. }| {
        let in_state = |n, text| Node {
            uuid: Uuid::from_u128(n),
            provision: Provision::from_stored(text, None).unwrap(),
            ..node()
        };
        let active = Node { conductor_group: "rack1".into(), ..in_state(1, "active") };
        // Reading disturbs nobody who works on a node.
        let held = Node { reservation: Some("c1".into()), ..in_state(2, "active") };
        let available = in_state(3, "available");
        let enrolled = in_state(4, "enroll");
        let ill = Node { maintenance: true, fault: Some(Fault::Power), ..in_state(5, "active") };
        for node in [&active, &held, &available, &enrolled, &ill] {
            insert(&store, node).await.unwrap();
        }
        let found = async |of_undeployed, buckets| {
            let found = list_due(&store, Visit::Sensors { of_undeployed }, buckets, 0, 10).await;
            found.into_iter().map(|due| (due.uuid, due.conductor_group)).collect::<Vec<_>>()
        };
        let deployed = [(active.uuid, "rack1".to_owned()), (held.uuid, String::new())];
        assert_eq!(found(false, 0..BUCKETS).await, deployed);
        let known = [&deployed[..], &[(available.uuid, String::new())]].concat();
        assert_eq!(found(true, 0..BUCKETS).await, known);
        assert_eq!(found(true, 0..2).await, known[..1]);
        assert_eq!(found(true, 2..BUCKETS).await, known[1..]);
    })
    .await;
}

#[tokio::test]
async fn readings_are_written_with_one_statement_where_nobody_wrote_since() {
    on_each(async |Database { store, .. }| {
        let mut nodes = Vec::new();
        for _ in 0..3 {
            nodes.push(insert(&store, &node()).await.unwrap());
        }
        let held = insert(&store, &Node { reservation: Some("c1".into()), ..node() }).await.unwrap();
        let mut after: Vec<Node> = nodes.iter().chain([&held]).cloned().collect();
        for node in &mut after {
            node.power_state = Some(PowerState::On);
            node.status.last_error = Some("told".to_owned());
        }
        after[1].fault = Some(Fault::Power);
        after[1].maintenance = true;
        after[2].generation -= 1;
        let save = async |conn: &mut Conn| nodes::save_power(conn, &after, later(60)).await;
        let mut written = store.write("power", save).await.unwrap();
        let mut expected = vec![after[0].uuid, after[1].uuid];
        written.sort();
        expected.sort();
        assert_eq!(written, expected);
        for (index, before) in nodes.iter().chain([&held]).enumerate() {
            let find = async |conn: &mut Conn| nodes::find(conn, &before.uuid.into()).await;
            let stored = store.read(find).await.unwrap().unwrap();
            let saved = Node {
                generation: before.generation + 1,
                updated_at: Some(later(60)),
                ..after[index].clone()
            };
            assert_eq!(&stored, if index < 2 { &saved } else { before });
        }
    })
    .await;
}

#[tokio::test]
async fn a_word_of_another_version_is_an_error_and_no_panic() {
    on_each(async |database: Database| {
        let node = insert(&database.store, &node()).await.unwrap();
        database.sql("UPDATE nodes SET provision_state = 'levitating', generation = generation + 1").await;
        let read = async |conn: &mut Conn| nodes::find(conn, &node.uuid.into()).await;
        let error = database.store.read(read).await.unwrap_err();
        assert!(matches!(error, DbError::Corrupt { column: "nodes.provision_state", .. }), "{error}");
        assert!(!error.retryable());
    })
    .await;
}
