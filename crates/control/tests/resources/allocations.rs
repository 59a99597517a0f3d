use crate::scene::{Scene, succeeded};
use ferric_control::{
    Actor, AllocationFilter, ControlError, NewAllocation, ProvisionRequest, RequestContext, UpdateNode,
};
use ferric_db::testing::{Database, on_each};
use ferric_model::allocation::{Allocation, AllocationState};
use ferric_model::json_patch;
use ferric_model::lifecycle::{Event, ProvisionState, Verb};
use ferric_model::node::Node;
use ferric_model::page::Page;
use ferric_model::report::TaskOutcome;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

async fn create(scene: &Scene, document: Value) -> Allocation {
    try_create(scene, &Scene::context(), document).await.unwrap()
}

async fn try_create(
    scene: &Scene,
    context: &RequestContext,
    document: Value,
) -> Result<Allocation, ControlError> {
    let new = NewAllocation::parse(&document, true)?;
    scene.control.create_allocation(context, &new).await
}

async fn get(scene: &Scene, uuid: Uuid) -> Allocation {
    scene.control.get_allocation(&Scene::context(), &uuid.to_string()).await.unwrap()
}

async fn node(scene: &Scene, node: &Node) -> Node {
    scene.control.get_node(&node.uuid.to_string()).await.unwrap()
}

/// Creates an allocation and looks for its node.
async fn matched(scene: &Scene, document: Value) -> Allocation {
    let created = create(scene, document).await;
    assert_eq!((created.state, created.node_uuid), (AllocationState::Allocating, None));
    assert_eq!(scene.control.sweep_allocations().await.unwrap(), 1);
    get(scene, created.uuid).await
}

fn member_of(project: &str) -> RequestContext {
    let actor =
        Actor { project: Some(project.to_owned()), roles: vec!["member".to_owned()], ..Actor::default() };
    RequestContext::new(actor, String::new())
}

#[tokio::test]
async fn an_allocation_gets_a_node_that_fits() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        let plain = scene.node("plain", |node| node).await;
        let fit = scene.node("fit", |node| Node { traits: vec!["CUSTOM_A".into()], ..node }).await;
        let active =
            matched(&scene, json!({"name": "al", "resource_class": "gold", "traits": ["CUSTOM_A"]})).await;
        assert_eq!((active.state, active.node_uuid), (AllocationState::Active, Some(fit.uuid)));
        let taken = node(&scene, &fit).await;
        assert_eq!(taken.instance_uuid, Some(active.uuid));
        assert_eq!(taken.allocation_uuid, Some(active.uuid));
        assert_eq!(taken.spec.instance_info["traits"], json!(["CUSTOM_A"]));
        assert_eq!(node(&scene, &plain).await.generation, plain.generation);

        let named = json!({"resource_class": "gold", "candidate_nodes": ["plain"]});
        let active = matched(&scene, named).await;
        assert_eq!(active.candidate_nodes, [plain.uuid]);
        assert_eq!(active.node_uuid, Some(plain.uuid));
    })
    .await;
}

#[tokio::test]
async fn an_allocation_without_a_node_says_why() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        scene.node("plain", |node| node).await;
        let other = scene.node("other", |node| Node { resource_class: Some("tin".into()), ..node }).await;
        let cases = [
            (json!({"resource_class": "lead"}), "no available nodes match the resource class lead"),
            (
                json!({"resource_class": "gold", "candidate_nodes": [other.uuid.to_string()]}),
                "none of the requested nodes are available and match the resource class gold",
            ),
            (
                json!({"resource_class": "gold", "traits": ["CUSTOM_A", "CUSTOM_B"]}),
                "no suitable nodes have the requested traits CUSTOM_A, CUSTOM_B",
            ),
        ];
        for (document, reason) in cases {
            let failed = matched(&scene, document).await;
            assert_eq!(failed.state, AllocationState::Error);
            let expected = format!("Failed to process allocation {}: {reason}.", failed.uuid);
            assert_eq!(failed.last_error, Some(expected));
        }
        let cases = [
            (json!({}), "The resource_class field is mandatory when not backfilling"),
            (
                json!({"resource_class": "gold", "name": "a b"}),
                "Cannot create allocation with invalid name 'a b'",
            ),
            (
                json!({"resource_class": "gold", "candidate_nodes": ["plain", "nobody"]}),
                "Nodes cannot be found: nobody",
            ),
            (json!({"node": "nobody"}), "Node nobody could not be found."),
        ];
        for (document, expected) in cases {
            let refused = try_create(&scene, &Scene::context(), document).await.unwrap_err();
            assert!(matches!(&refused, ControlError::Invalid(text) if text == expected), "{refused}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_node_that_a_task_holds_is_waited_for_a_little() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        scene.node("held", |node| Node { reservation: Some("host".into()), ..node }).await;
        let created = create(&scene, json!({"resource_class": "gold"})).await;
        assert_eq!(scene.control.sweep_allocations().await.unwrap(), 0);
        assert_eq!(get(&scene, created.uuid).await.state, AllocationState::Allocating);
        scene.wait(11);
        assert_eq!(scene.control.sweep_allocations().await.unwrap(), 1);
        let failed = get(&scene, created.uuid).await;
        let said = failed.last_error.unwrap();
        assert!(said.ends_with("could not reserve any of 1 suitable nodes."), "{said}");
    })
    .await;
}

/// As many allocations as nodes, and one more; two processes and their sweeps look for nodes at the same time.
#[tokio::test(flavor = "multi_thread")]
async fn allocations_that_race_get_distinct_nodes() {
    const NODES: usize = 24;
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        for number in 0..NODES {
            scene.node(&format!("node-{number}"), |node| node).await;
        }
        let processes = [Arc::clone(&scene.control), scene.second().await];
        let stop = CancellationToken::new();
        for control in &processes {
            let (control, stop) = (Arc::clone(control), stop.clone());
            tokio::spawn(async move { control.run_allocations(stop).await });
        }
        let new = NewAllocation::parse(&json!({"resource_class": "gold"}), true).unwrap();
        let racing = (0..=NODES).map(|number| {
            let (control, new) = (Arc::clone(&processes[number % 2]), new.clone());
            tokio::spawn(async move {
                control.create_allocation(&Scene::context(), &new).await.unwrap();
                control.sweep_allocations().await.unwrap();
            })
        });
        for raced in futures::future::join_all(racing).await {
            raced.unwrap();
        }
        let list = async || {
            let filter = AllocationFilter::default();
            scene.control.list_allocations(&Scene::context(), filter, &Page::default()).await.unwrap()
        };
        while list().await.iter().any(|one| one.state == AllocationState::Allocating) {
            scene.control.sweep_allocations().await.unwrap();
        }
        stop.cancel();
        let (active, failed): (Vec<_>, Vec<_>) =
            list().await.into_iter().partition(|one| one.state == AllocationState::Active);
        let nodes: BTreeSet<Uuid> = active.iter().filter_map(|one| one.node_uuid).collect();
        assert_eq!((active.len(), nodes.len(), failed.len()), (NODES, NODES, 1));
        for allocation in active {
            let node = scene.control.get_node(&allocation.node_uuid.unwrap().to_string()).await.unwrap();
            assert_eq!(node.instance_uuid, Some(allocation.uuid));
            assert_eq!(node.allocation_uuid, Some(allocation.uuid));
            assert_eq!(node.generation, 2, "written once");
        }
    })
    .await;
}

#[tokio::test]
async fn a_deleted_allocation_frees_its_node() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        let (control, context) = (&scene.control, Scene::context());
        let present = scene.node("n", |node| node).await;
        let active = matched(&scene, json!({"name": "al", "resource_class": "gold"})).await;
        control.delete_allocation(&context, "al").await.unwrap();
        let freed = node(&scene, &present).await;
        assert_eq!((freed.instance_uuid, freed.allocation_uuid), (None, None));
        let gone = control.get_allocation(&context, &active.uuid.to_string()).await.unwrap_err();
        assert_eq!(gone.to_string(), format!("Allocation {} could not be found.", active.uuid));
        assert_eq!(
            control.get_node_allocation(&context, "n").await.unwrap_err().to_string(),
            "Allocation for node n was not found"
        );
        let waiting = create(&scene, json!({"resource_class": "lead"})).await;
        control.delete_allocation(&context, &waiting.uuid.to_string()).await.unwrap();
        assert_eq!(control.sweep_allocations().await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_node_in_use_keeps_its_allocation_until_it_is_undeployed() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        let (control, context) = (&scene.control, Scene::context());
        let used = scene.node("n", |node| node).await;
        let allocation = matched(&scene, json!({"name": "al", "resource_class": "gold"})).await;
        scene.provision(&used, &ProvisionRequest::of(Verb::Active)).await;
        let locked = control.delete_allocation(&context, "al").await.unwrap_err();
        assert!(matches!(locked, ControlError::NodeLocked { .. }), "{locked}");
        let (task, grant) = scene.claim(&used).await;
        scene.report(task, &grant, 1, succeeded(), Event::Done).await;
        let refused = control.delete_node_allocation(&context, "n").await.unwrap_err();
        let expected = format!(
            "Cannot remove allocation {} for node {}, because the node is active (and maintenance mode is off)",
            allocation.uuid, used.uuid
        );
        assert!(matches!(&refused, ControlError::Conflict(text) if *text == expected), "{refused}");

        scene.provision(&used, &ProvisionRequest::of(Verb::Deleted)).await;
        let (task, grant) = scene.claim(&used).await;
        scene.report(task, &grant, 1, TaskOutcome::Continues, Event::Clean).await;
        assert_eq!(node(&scene, &used).await.allocation_uuid, None);
        let gone = control.get_allocation(&context, "al").await.unwrap_err();
        assert_eq!(gone.kind(), "not_found");
    })
    .await;
}

#[tokio::test]
async fn in_maintenance_an_allocation_can_always_be_taken_away() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        let (control, context) = (&scene.control, Scene::context());
        let shape = |node| Node { maintenance: true, instance_uuid: Some(Uuid::new_v4()), ..node };
        for name in ["a", "b", "c"] {
            let used = scene.node_in(ProvisionState::Active, name, shape).await;
            let filled = create(&scene, json!({"name": name, "node": name})).await;
            assert_eq!(filled.uuid, used.instance_uuid.unwrap());
        }
        control.delete_node_allocation(&context, "a").await.unwrap();
        let remove = json_patch::parse(&json!([{"op": "remove", "path": "/instance_uuid"}])).unwrap();
        let update =
            UpdateNode { operations: remove, reset_interfaces: false, refuse_while_inspecting: true };
        let patched = control.update_node(&context, "b", &update).await.unwrap();
        assert_eq!((patched.instance_uuid, patched.allocation_uuid), (None, None));
        control.delete_node(&context, "c").await.unwrap();
        for name in ["a", "b", "c"] {
            let gone = control.get_allocation(&context, name).await.unwrap_err();
            assert_eq!(gone.kind(), "not_found", "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_node_with_an_instance_is_given_to_an_allocation_afterwards() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        let instance = Uuid::new_v4();
        let shape = |node| Node { instance_uuid: Some(instance), ..node };
        let used = scene.node_in(ProvisionState::Active, "used", shape).await;
        scene.node("free", |node| node).await;
        let cases = [
            (json!({"node": "free"}), "Node must be in the \"active\" state, but the current state is \"available\"."),
            (
                json!({"node": "used", "resource_class": "lead", "traits": ["CUSTOM_A"]}),
                "Resource class gold does not match the requested resource class lead; List of traits  does not match \
                 the requested traits CUSTOM_A.",
            ),
            (
                json!({"node": "used", "uuid": Uuid::new_v4().to_string()}),
                &format!("is associated with instance {instance}."),
            ),
        ];
        for (document, expected) in cases {
            let refused = try_create(&scene, &Scene::context(), document).await.unwrap_err();
            let fits = matches!(&refused, ControlError::Conflict(text) if text.ends_with(expected));
            assert!(fits, "{refused}");
        }
        let filled = create(&scene, json!({"name": "al", "node": "used"})).await;
        assert_eq!((filled.uuid, filled.state), (instance, AllocationState::Active));
        assert_eq!(filled.resource_class.as_deref(), Some("gold"));
        assert_eq!(node(&scene, &used).await.allocation_uuid, Some(instance));
        let stored = scene.control.get_node_allocation(&Scene::context(), "used").await.unwrap();
        assert_eq!(stored.name.as_deref(), Some("al"));
        let again = try_create(&scene, &Scene::context(), json!({"node": "used"})).await.unwrap_err();
        assert_eq!(again.kind(), "conflict");
    })
    .await;
}

#[tokio::test]
async fn projects_allocate_for_themselves() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store).await;
        let (ours, theirs) = (member_of("p1"), member_of("p2"));
        let own = scene.node("own", |node| Node { owner: Some("p1".into()), ..node }).await;
        scene.node("foreign", |node| Node { owner: Some("p2".into()), ..node }).await;
        let created =
            try_create(&scene, &ours, json!({"name": "al", "resource_class": "gold"})).await.unwrap();
        assert_eq!(created.owner.as_deref(), Some("p1"));
        let foreign = json!({"resource_class": "gold", "owner": "p2"});
        let refused = try_create(&scene, &ours, foreign).await.unwrap_err();
        assert_eq!(refused.kind(), "forbidden");
        let foreign = json!({"resource_class": "gold", "candidate_nodes": ["foreign"]});
        let refused = try_create(&scene, &ours, foreign).await.unwrap_err();
        assert_eq!(refused.to_string(), "Nodes cannot be found: foreign");

        scene.control.sweep_allocations().await.unwrap();
        assert_eq!(get(&scene, created.uuid).await.node_uuid, Some(own.uuid));
        let hidden = scene.control.get_allocation(&theirs, "al").await.unwrap_err();
        assert_eq!(hidden.kind(), "not_found");
        let list = async |context: &RequestContext, owner: Option<&str>| {
            let filter = AllocationFilter { owner: owner.map(str::to_owned), ..AllocationFilter::default() };
            scene.control.list_allocations(context, filter, &Page::default()).await.map(|found| found.len())
        };
        assert_eq!(list(&ours, None).await.unwrap(), 1);
        assert_eq!(list(&theirs, None).await.unwrap(), 0);
        assert_eq!(list(&theirs, Some("p1")).await.unwrap_err().kind(), "forbidden");
    })
    .await;
}
