//! Flows that boot the ramdisk, wait for its agent and go on.

use crate::hardware::Reaction;
use crate::scene::{Offer, Scene, agent_step, step, within};
use ferric_hardware::HardwareErrorKind;
use ferric_model::action::Action;
use ferric_model::lifecycle::{Event, ProvisionState, Verb};
use ferric_model::power::PowerState;
use ferric_model::step::{Step, StepKind};
use ferric_model::task::{TaskState, params};
use serde_json::{Value, json};

fn cleaning_offer() -> Offer {
    Offer { agent_steps: vec![agent_step("erase", 10)], ramdisk: true, ..Offer::default() }
}

#[tokio::test]
async fn cleaning_boots_the_ramdisk_asks_its_agent_and_takes_it_away() {
    within(async {
        let scene = Scene::set(cleaning_offer()).await;
        scene.script.on("do erase", Reaction::Wait);
        scene.script.on("look erase", Reaction::Wait);
        let _conductor = scene.start("c1");
        let node = scene.cleaning();
        let task = scene.plane.begin(node, Action::Clean, json!({"enabled": true})).await;
        scene.plane.parked(task).await;
        assert_eq!(scene.state_of(node), "clean wait");
        assert_eq!(
            scene.log.take(),
            [
                "join",
                "claim clean",
                "report continues: booting",
                "power off",
                "enter cleaning",
                "prepare ramdisk",
                "power on",
                "report parked wait: awaiting_ramdisk",
            ]
        );
        // Woken although the agent was not heard of: it waits on, without any event.
        scene.plane.wake(task, false).await;
        scene.plane.parked(task).await;
        assert_eq!(scene.log.take(), ["claim clean", "report parked: awaiting_ramdisk"]);

        scene.plane.heartbeat(task).await;
        scene.plane.parked(task).await;
        assert_eq!(scene.plane.node(node).status.clean_step["step"], "erase");
        assert_eq!(scene.plane.node(node).status.driver_internal_info["clean_step_index"], 0);
        assert_eq!(
            scene.log.take(),
            [
                "claim clean",
                "agent steps of clean",
                "report continues resume: started erase",
                "do erase",
                "report parked wait: awaiting_agent erase",
            ]
        );
        // The agent still works: no event.
        scene.plane.heartbeat(task).await;
        scene.plane.parked(task).await;
        assert_eq!(scene.log.take(), ["claim clean", "look erase", "report parked: awaiting_agent erase"]);

        scene.plane.heartbeat(task).await;
        assert_eq!(scene.plane.ended(task).await.state, TaskState::Succeeded);
        assert_eq!(
            scene.log.take(),
            [
                "claim clean",
                "look erase",
                "report continues resume",
                "power off",
                "clean up ramdisk",
                "leave cleaning",
                "report succeeded done",
            ]
        );
        let node = scene.plane.node(node);
        assert_eq!((node.state().as_str(), node.power_state), ("available", Some(PowerState::Off)));
        assert!(node.status.clean_step.is_empty());
        assert!(!node.status.driver_internal_info.contains_key("clean_steps"));
    })
    .await;
}

#[tokio::test]
async fn a_step_boots_the_ramdisk_and_the_agents_steps_join_the_plan() {
    within(async {
        let steps = [("deploy", 100), ("write_image", 80), ("boot_instance", 20)];
        let scene = Scene::set(Offer {
            steps: steps.map(|(name, priority)| (StepKind::Deploy, step(name, priority))).to_vec(),
            agent_steps: vec![agent_step("firmware", 90), agent_step("burn_in", 0)],
            ramdisk: true,
        })
        .await;
        scene.script.on("do deploy", Reaction::BootRamdisk);
        scene.script.on("do firmware", Reaction::Reboot);
        scene.script.on("do write_image", Reaction::Wait);
        let _conductor = scene.start("c1");
        let node = scene.deploying();
        let wishes = vec![agent_step("burn_in", 85)];
        let params = json!(params::Deploy { rebuild: false, steps: wishes });
        let task = scene.plane.begin(node, Action::Deploy, params).await;
        for _ in 0..3 {
            scene.plane.heartbeat(task).await;
        }
        assert_eq!(scene.plane.ended(task).await.state, TaskState::Succeeded);
        assert_eq!(scene.state_of(node), "active");
        assert_eq!(
            scene.log.take()[1..],
            [
                "claim deploy",
                "report continues: started deploy",
                "do deploy",
                "report continues: booting deploy",
                "power off",
                "enter provisioning",
                "prepare ramdisk",
                "power on",
                "report parked wait: awaiting_ramdisk deploy",
                "claim deploy",
                "agent steps of deploy",
                "report continues resume: started firmware",
                "do firmware",
                "report continues: booting firmware",
                "power off",
                "enter provisioning",
                "prepare ramdisk",
                "power on",
                "report parked wait: awaiting_ramdisk firmware",
                "claim deploy",
                "report continues resume: started burn_in",
                "do burn_in",
                "report continues: started write_image",
                "do write_image",
                "report parked wait: awaiting_agent write_image",
                "claim deploy",
                "look write_image",
                "report continues resume: started boot_instance",
                "do boot_instance",
                "report continues",
                "report succeeded done",
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn an_inspection_by_the_ramdisk_ends_when_its_data_has_come() {
    within(async {
        let scene = Scene::set(Offer::default()).await;
        scene.script.on("inspect", Reaction::BootRamdisk);
        let _conductor = scene.start("c1");
        let node = scene.node(ProvisionState::Manageable, &[(Event::Inspect, Some(Verb::Inspect))]);
        let task = scene.plane.begin(node, Action::Inspect, Value::Null).await;
        scene.plane.parked(task).await;
        assert_eq!(scene.state_of(node), "inspect wait");
        scene.plane.wake(task, false).await;
        scene.plane.ended(task).await;
        assert_eq!(scene.state_of(node), "manageable");
        assert_eq!(
            scene.log.take()[2..],
            [
                "inspect",
                "report continues: booting",
                "power off",
                "enter inspection",
                "prepare ramdisk",
                "power on",
                "report parked wait: awaiting_ramdisk",
                "claim inspect",
                "report continues resume: awaiting_ramdisk",
                "power off",
                "clean up ramdisk",
                "leave inspection",
                "report succeeded done: awaiting_ramdisk",
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_node_that_must_not_be_powered_off_is_restarted_instead() {
    within(async {
        let scene = Scene::set(cleaning_offer()).await;
        let _conductor = scene.start("c1");
        let node = scene.cleaning();
        scene.plane.change(|state| state.nodes.get_mut(&node).unwrap().spec.disable_power_off = true);
        let task = scene.plane.begin(node, Action::Clean, json!({"enabled": true})).await;
        scene.plane.heartbeat(task).await;
        assert_eq!(scene.plane.ended(task).await.state, TaskState::Succeeded);
        let log = scene.log.take();
        assert!(!log.contains(&"power off".to_owned()), "{log:?}");
        assert_eq!(log.iter().filter(|line| *line == "rebooting").count(), 1);
    })
    .await;
}

#[tokio::test]
async fn chosen_steps_that_need_no_ramdisk_boot_none() {
    within(async {
        let needy = Step { requires_ramdisk: true, ..step("needy", 0) };
        let steps = vec![(StepKind::Clean, step("own", 0)), (StepKind::Clean, needy)];
        let scene = Scene::set(Offer { steps, ..cleaning_offer() }).await;
        let _conductor = scene.start("c1");
        let clean = |chosen, disable_ramdisk| {
            json!(params::Clean { enabled: true, steps: Some(chosen), disable_ramdisk })
        };
        let manual = [(Event::Clean, Some(Verb::Clean))];
        let node = scene.node(ProvisionState::Manageable, &manual);
        let task = scene.plane.begin(node, Action::Clean, clean(vec![step("own", 0)], false)).await;
        assert_eq!(scene.plane.ended(task).await.state, TaskState::Succeeded);
        assert_eq!(scene.log.count("prepare ramdisk"), 0);

        for (name, code, says) in [
            ("erase", "step-unknown", "does not support this clean step: deploy.erase"),
            ("needy", "step-needs-ramdisk", "clean step deploy.needy requires booting a ramdisk"),
        ] {
            let node = scene.node(ProvisionState::Manageable, &manual);
            let task = scene.plane.begin(node, Action::Clean, clean(vec![step(name, 0)], true)).await;
            let failure = scene.plane.ended(task).await.failure.unwrap();
            assert_eq!((failure.code.as_str(), failure.step), (code, None));
            assert!(failure.summary.contains(says), "{}", failure.summary);
            assert_eq!(scene.state_of(node), "clean failed");
        }
    })
    .await;
}

#[tokio::test]
async fn an_agent_that_does_not_answer_is_given_a_few_chances() {
    within(async {
        let scene = Scene::set(cleaning_offer()).await;
        scene.script.on("do erase", Reaction::Wait);
        for _ in 0..4 {
            scene.script.on("look erase", Reaction::Fail(HardwareErrorKind::Unreachable));
        }
        let _conductor = scene.start("c1");
        let node = scene.cleaning();
        let task = scene.plane.begin(node, Action::Clean, json!({"enabled": true})).await;
        for _ in 0..5 {
            scene.plane.heartbeat(task).await;
        }
        let failure = scene.plane.ended(task).await.failure.unwrap();
        assert_eq!((failure.code.as_str(), failure.step.as_deref()), ("scripted", Some("deploy.erase")));
        assert_eq!(scene.log.count("look erase"), 4);
        assert_eq!(scene.state_of(node), "clean failed");
    })
    .await;
}

#[tokio::test]
async fn a_step_that_reboots_in_its_middle_goes_on_when_the_ramdisk_is_back() {
    within(async {
        let scene = Scene::set(cleaning_offer()).await;
        scene.script.on("do erase", Reaction::RebootAndResume);
        scene.script.on("look erase", Reaction::Again);
        let _conductor = scene.start("c1");
        let node = scene.cleaning();
        let task = scene.plane.begin(node, Action::Clean, json!({"enabled": true})).await;
        scene.plane.heartbeat(task).await;
        scene.plane.parked(task).await;
        scene.log.take();
        // The ramdisk is not there yet.
        scene.plane.wake(task, false).await;
        scene.plane.parked(task).await;
        scene.plane.heartbeat(task).await;
        assert_eq!(scene.plane.ended(task).await.state, TaskState::Succeeded);
        assert_eq!(
            scene.log.take(),
            [
                "claim clean",
                "report parked: awaiting_ramdisk erase",
                "claim clean",
                "look erase",
                "report continues resume: underway erase",
                "look erase",
                "report continues",
                "power off",
                "clean up ramdisk",
                "leave cleaning",
                "report succeeded done",
            ]
        );
    })
    .await;
}
