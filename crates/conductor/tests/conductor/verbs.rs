//! What deployed nodes go through, and steps that hold a node.

use crate::scene::{Offer, Scene, step, within};
use ferric_model::action::Action;
use ferric_model::lifecycle::{Event, ProvisionState, Verb, advance};
use ferric_model::step::StepKind;
use ferric_model::task::TaskState;
use serde_json::{Value, json};
use uuid::Uuid;

const DEPLOYED: ProvisionState = ProvisionState::Active;

/// Runs one action to its end on a node that the verb began to move; gives the node's state.
async fn state_after(scene: &Scene, node: Uuid, action: Action, params: Value) -> &'static str {
    let task = scene.plane.begin(node, action, params).await;
    assert_eq!(scene.plane.ended(task).await.state, TaskState::Succeeded);
    scene.state_of(node)
}

#[tokio::test]
async fn a_step_holds_the_node_until_somebody_lets_it_go_on() {
    within(async {
        let steps = vec![(StepKind::Clean, step("before", 0)), (StepKind::Clean, step("after", 0))];
        let scene = Scene::set(Offer { steps, ..Offer::default() }).await;
        let _conductor = scene.start("c1");
        let node = scene.node(ProvisionState::Manageable, &[(Event::Clean, Some(Verb::Clean))]);
        let steps: Vec<Value> = ["before", "hold", "after"]
            .iter()
            .map(|name| json!({"interface": "deploy", "step": name}))
            .collect();
        let params = json!({"enabled": true, "steps": steps});
        let task = scene.plane.begin(node, Action::Clean, params).await;
        scene.plane.parked(task).await;
        assert_eq!(scene.state_of(node), "clean hold");
        let seen = scene.plane.node(node).status.driver_internal_info;
        assert!(seen.contains_key("saw_before") && !seen.contains_key("saw_after"), "{seen:?}");
        scene.plane.change(|state| {
            let node = state.nodes.get_mut(&node).unwrap();
            node.provision = advance(node.provision, Event::Unhold, Some(Verb::Unhold)).unwrap();
        });
        scene.plane.wake(task, false).await;
        assert_eq!(scene.plane.ended(task).await.state, TaskState::Succeeded);
        assert_eq!(scene.state_of(node), "manageable");
        assert!(scene.plane.node(node).status.driver_internal_info.contains_key("saw_after"));
    })
    .await;
}

#[tokio::test]
async fn deployed_nodes_are_adopted_serviced_rescued_and_given_back() {
    within(async {
        let steps = vec![(StepKind::Service, step("tune", 0))];
        let scene = Scene::set(Offer { steps, ..Offer::default() }).await;
        let _conductor = scene.start("c1");
        let node = scene.node(ProvisionState::Manageable, &[(Event::Adopt, Some(Verb::Adopt))]);
        assert_eq!(state_after(&scene, node, Action::Adopt, Value::Null).await, "active");

        let node = scene.node(DEPLOYED, &[(Event::Service, Some(Verb::Service))]);
        let params = json!({"steps": [{"interface": "deploy", "step": "tune"}]});
        assert_eq!(state_after(&scene, node, Action::Service, params).await, "active");
        assert!(scene.plane.node(node).status.driver_internal_info.contains_key("saw_tune"));

        let node = scene.node(DEPLOYED, &[(Event::Rescue, Some(Verb::Rescue))]);
        assert_eq!(state_after(&scene, node, Action::Rescue, Value::Null).await, "rescue");
        let node = scene.node(ProvisionState::Rescue, &[(Event::Unrescue, Some(Verb::Unrescue))]);
        assert_eq!(state_after(&scene, node, Action::Unrescue, Value::Null).await, "active");
        assert_eq!((scene.log.count("rescue"), scene.log.count("unrescue")), (1, 1));
    })
    .await;
}
