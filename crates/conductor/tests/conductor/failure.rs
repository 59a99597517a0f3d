//! What fails says so, with everything a person needs.

use crate::hardware::Reaction;
use crate::scene::{Offer, Scene, agent_step, step, within};
use ferric_hardware::HardwareErrorKind;
use ferric_model::action::Action;
use ferric_model::lifecycle::{Event, ProvisionState, Verb};
use ferric_model::power::PowerState;
use ferric_model::step::StepKind;
use ferric_model::task::TaskState;
use serde_json::{Value, json};

#[tokio::test]
async fn a_failed_step_names_itself_and_a_failed_deployment_ends_switched_off() {
    within(async {
        let steps = vec![(StepKind::Deploy, step("deploy", 2)), (StepKind::Deploy, step("write", 1))];
        let scene = Scene::set(Offer { steps, ramdisk: true, ..Offer::default() }).await;
        scene.script.on("do deploy", Reaction::BootRamdisk);
        scene.script.on("do write", Reaction::Fail(HardwareErrorKind::AgentFailed));
        let _conductor = scene.start("c1");
        let node = scene.deploying();
        let task = scene.plane.begin(node, Action::Deploy, Value::Null).await;
        scene.plane.heartbeat(task).await;
        let failure = scene.plane.ended(task).await.failure.unwrap();
        assert_eq!(failure.doing, "deploy step deploy.write");
        assert_eq!(failure.step.as_deref(), Some("deploy.write"));
        assert_eq!(failure.evidence.as_deref(), Some("no"));
        assert_eq!(failure.advice, "ask the script");
        let node = scene.plane.node(node);
        assert_eq!((node.state().as_str(), node.power_state), ("deploy failed", Some(PowerState::Off)));
        let log = scene.log.take();
        assert_eq!(
            log[log.len() - 4..],
            ["power off", "clean up ramdisk", "leave provisioning", "report failed fail: started write"]
        );
    })
    .await;
}

#[tokio::test]
async fn a_failed_cleaning_takes_the_media_away_and_leaves_the_power() {
    within(async {
        let scene = Scene::set(Offer {
            agent_steps: vec![agent_step("erase", 1)],
            ramdisk: true,
            ..Offer::default()
        })
        .await;
        scene.script.on("do erase", Reaction::Fail(HardwareErrorKind::AgentFailed));
        let _conductor = scene.start("c1");
        let node = scene.cleaning();
        let task = scene.plane.begin(node, Action::Clean, json!({"enabled": true})).await;
        scene.plane.heartbeat(task).await;
        assert_eq!(scene.plane.ended(task).await.failure.unwrap().step.as_deref(), Some("deploy.erase"));
        let node = scene.plane.node(node);
        assert_eq!((node.state().as_str(), node.power_state), ("clean failed", Some(PowerState::On)));
        let log = scene.log.take();
        let expected = ["clean up ramdisk", "leave cleaning", "report failed fail: started erase"];
        assert_eq!(log[log.len() - 3..], expected);
    })
    .await;
}

#[tokio::test]
async fn what_was_seen_before_the_failure_is_reported_with_it() {
    within(async {
        let scene = Scene::set(Offer { ramdisk: true, ..Offer::default() }).await;
        scene.script.on("prepare ramdisk", Reaction::Fail(HardwareErrorKind::Refused));
        let _conductor = scene.start("c1");
        let node = scene.cleaning();
        let task = scene.plane.begin(node, Action::Clean, json!({"enabled": true})).await;
        let failure = scene.plane.ended(task).await.failure.unwrap();
        assert_eq!((failure.doing.as_str(), failure.step), ("clean: preparing the ramdisk", None));
        assert_eq!(scene.plane.node(node).power_state, Some(PowerState::Off));
    })
    .await;
}

#[tokio::test]
async fn a_panic_in_a_driver_is_a_failure_of_its_task_only() {
    within(async {
        let steps = vec![(StepKind::Deploy, step("a", 1))];
        let scene = Scene::set(Offer { steps, ..Offer::default() }).await;
        scene.script.on("do a", Reaction::Panic);
        let _conductor = scene.start("c1");
        let node = scene.deploying();
        let task = scene.plane.begin(node, Action::Deploy, Value::Null).await;
        let failure = scene.plane.ended(task).await.failure.unwrap();
        assert_eq!(
            (failure.code.as_str(), failure.step.as_deref()),
            ("conductor-panicked", Some("deploy.a"))
        );
        assert_eq!(failure.evidence.as_deref(), Some("do a panicked"));
        assert_eq!(scene.state_of(node), "deploy failed");
        let next = scene.plane.begin(scene.deploying(), Action::Deploy, Value::Null).await;
        assert_eq!(scene.plane.ended(next).await.state, TaskState::Succeeded);
    })
    .await;
}

#[tokio::test]
async fn a_node_that_cannot_be_driven_fails_before_anything_acts() {
    within(async {
        let scene = Scene::set(Offer::default()).await;
        let _conductor = scene.start("c1");
        let verifying = [(Event::Manage, Some(Verb::Manage))];
        let incomplete = scene.node(ProvisionState::Enroll, &verifying);
        let foreign = scene.node(ProvisionState::Enroll, &verifying);
        scene.plane.change(|state| {
            let info = &mut state.nodes.get_mut(&incomplete).unwrap().spec.driver_info;
            info.insert("broken".into(), json!("address"));
            state.nodes.get_mut(&foreign).unwrap().driver = "abacus".to_owned();
        });
        for (node, code) in [(incomplete, "invalid-parameter"), (foreign, "driver-not-enabled")] {
            let task = scene.plane.begin(node, Action::Verify, Value::Null).await;
            assert_eq!(scene.plane.ended(task).await.failure.unwrap().code, code);
            assert_eq!(scene.state_of(node), "enroll");
        }
        assert_eq!(scene.log.count("observe"), 0);
    })
    .await;
}

#[tokio::test]
async fn steps_that_nobody_has_are_refused_clearly() {
    within(async {
        let scene = Scene::set(Offer::default()).await;
        let _conductor = scene.start("c1");
        let node = scene.node(ProvisionState::Manageable, &[(Event::Clean, Some(Verb::Clean))]);
        let params = json!({"enabled": true, "steps": [{"interface": "deploy", "step": "polish"}]});
        let task = scene.plane.begin(node, Action::Clean, params).await;
        let failure = scene.plane.ended(task).await.failure.unwrap();
        assert_eq!(failure.code, "step-unknown");
        assert!(failure.summary.contains("deploy.polish"), "{}", failure.summary);
        assert_eq!(scene.state_of(node), "clean failed");
    })
    .await;
}

#[tokio::test]
async fn arguments_that_cannot_be_read_fail_the_task() {
    within(async {
        let scene = Scene::set(Offer::default()).await;
        let _conductor = scene.start("c1");
        let node = scene.cleaning();
        let task = scene.plane.begin(node, Action::Clean, json!({"enabled": "perhaps"})).await;
        let failure = scene.plane.ended(task).await.failure.unwrap();
        assert_eq!(failure.code, "invalid-parameter");
        assert!(failure.evidence.unwrap().contains("perhaps"));
    })
    .await;
}
