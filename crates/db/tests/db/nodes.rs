use crate::databases::{Database, on_each};
use crate::samples::{later, named, node, now, task};
use ferric_db::nodes::{self, NodeFilter, NodeIdent};
use ferric_db::{Conflict, Conn, DbError, Store, tasks};
use ferric_model::JsonMap;
use ferric_model::hardware::InterfaceKind;
use ferric_model::lifecycle::{Provision, ProvisionState};
use ferric_model::node::{Fault, Node};
use ferric_model::page::{Page, SortDirection};
use ferric_model::power::PowerState;
use ferric_model::task::{Task, TaskState};
use serde_json::json;
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

fn conflict<T: std::fmt::Debug>(outcome: Result<T, DbError>) -> Conflict {
    match outcome {
        Err(DbError::Conflict { constraint }) => constraint,
        other => panic!("expected a conflict, not {other:?}"),
    }
}

fn object(value: serde_json::Value) -> JsonMap {
    value.as_object().unwrap().clone()
}

/// A node in which every field has a value.
fn full() -> Node {
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
        chassis_uuid: Some(Uuid::new_v4()),
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
        for node in [node(), full()] {
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
