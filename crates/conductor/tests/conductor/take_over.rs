//! A conductor is killed at each stage; another one takes over and nothing is done twice that must not be.

use crate::hardware::{Gate, Reaction};
use crate::scene::{Offer, Scene, agent_step, step, within};
use ferric_hardware::HardwareErrorKind;
use ferric_model::action::Action;
use ferric_model::step::{Repeat, Step, StepKind};
use ferric_model::task::TaskState;
use serde_json::{Value, json};
use uuid::Uuid;

fn deploy_offer(steps: &[Step]) -> Offer {
    Offer { steps: steps.iter().map(|step| (StepKind::Deploy, step.clone())).collect(), ..Offer::default() }
}

/// Begins a deployment, kills the conductor at `point`, and gives the task to another one.
async fn killed_at(scene: &Scene, point: &str) -> (Uuid, Uuid) {
    scene.script.on(point, Reaction::Gate(Gate::closed()));
    let victim = scene.start("victim");
    let node = scene.deploying();
    let task = scene.plane.begin(node, Action::Deploy, Value::Null).await;
    scene.log.wait_for(point).await;
    victim.kill().await;
    scene.log.wait_for(&format!("abandoned {point}")).await;
    scene.log.take();
    scene.plane.lose_lease(task).await;
    (node, task)
}

#[tokio::test]
async fn a_step_that_was_begun_is_looked_after_and_the_rest_follows() {
    within(async {
        let scene = Scene::set(deploy_offer(&[step("a", 3), step("b", 2), step("c", 1)])).await;
        let (node, task) = killed_at(&scene, "do b").await;
        let _heir = scene.start("heir");
        assert_eq!(scene.plane.ended(task).await.state, TaskState::Succeeded);
        assert_eq!(scene.state_of(node), "active");
        assert_eq!(
            scene.log.take()[1..],
            ["claim deploy", "look b", "report continues: started c", "do c", "report succeeded done"]
        );
    })
    .await;
}

#[tokio::test]
async fn a_step_that_must_not_run_twice_fails_if_nobody_knows() {
    within(async {
        let once = Step { repeat: Repeat::Once, ..step("flash", 3) };
        let scene = Scene::set(deploy_offer(&[once])).await;
        let (node, task) = killed_at(&scene, "do flash").await;
        scene.script.on("look flash", Reaction::Fail(HardwareErrorKind::Unknown));
        let _heir = scene.start("heir");
        let failure = scene.plane.ended(task).await.failure.unwrap();
        assert_eq!(failure.code, "step-outcome-unknown");
        assert_eq!(failure.step.as_deref(), Some("deploy.flash"));
        assert_eq!(failure.evidence.as_deref(), Some("look flash failed (it said: no)"));
        assert_eq!(scene.state_of(node), "deploy failed");
        assert_eq!(scene.log.count("do flash"), 0, "it was not done again");
    })
    .await;
}

#[tokio::test]
async fn a_step_that_must_not_run_twice_goes_on_if_the_look_is_certain() {
    within(async {
        let once = Step { repeat: Repeat::Once, ..step("flash", 3) };
        let scene = Scene::set(deploy_offer(&[once])).await;
        let (_, task) = killed_at(&scene, "do flash").await;
        let _heir = scene.start("heir");
        assert_eq!(scene.plane.ended(task).await.state, TaskState::Succeeded);
        assert_eq!(scene.log.count("do flash"), 0);
    })
    .await;
}

#[tokio::test]
async fn what_a_step_stored_is_what_the_next_look_goes_on_from() {
    within(async {
        let once = Step { repeat: Repeat::Once, ..step("volume", 3) };
        let scene = Scene::set(deploy_offer(&[once, step("b", 2)])).await;
        scene.script.on("do volume", Reaction::Again);
        scene.script.on("look volume", Reaction::Again);
        let (node, task) = killed_at(&scene, "do b").await;
        assert_eq!(scene.plane.node(node).status.driver_internal_info["saw_volume"], true);
        let _heir = scene.start("heir");
        assert_eq!(scene.plane.ended(task).await.state, TaskState::Succeeded);
        assert_eq!(scene.log.count("do volume") + scene.log.count("look volume"), 0, "it had ended");
    })
    .await;
    within(async {
        let once = Step { repeat: Repeat::Once, ..step("volume", 3) };
        let scene = Scene::set(deploy_offer(&[once])).await;
        scene.script.on("do volume", Reaction::Again);
        let (_, task) = killed_at(&scene, "look volume").await;
        scene.script.on("look volume", Reaction::Fail(HardwareErrorKind::Refused));
        let _heir = scene.start("heir");
        let failure = scene.plane.ended(task).await.failure.unwrap();
        assert_eq!(failure.code, "scripted", "a failure of the look is the step's own");
        assert_eq!(scene.log.count("do volume"), 0);
    })
    .await;
}

#[tokio::test]
async fn a_boot_is_begun_again_without_repeating_the_step_that_asked_for_it() {
    within(async {
        let scene =
            Scene::set(Offer { ramdisk: true, ..deploy_offer(&[step("deploy", 2), step("b", 1)]) }).await;
        scene.script.on("do deploy", Reaction::BootRamdisk);
        let (node, task) = killed_at(&scene, "prepare ramdisk").await;
        let _heir = scene.start("heir");
        scene.plane.parked(task).await;
        assert_eq!(scene.state_of(node), "wait call-back");
        assert_eq!(
            scene.log.take()[1..],
            [
                "claim deploy",
                "report continues: booting deploy",
                "power off",
                "enter provisioning",
                "prepare ramdisk",
                "power on",
                "report parked wait: awaiting_ramdisk deploy",
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn whoever_is_woken_goes_on_with_what_another_one_parked() {
    within(async {
        let agent_steps = vec![agent_step("erase", 10)];
        let scene = Scene::set(Offer { agent_steps, ramdisk: true, ..Offer::default() }).await;
        scene.script.on("do erase", Reaction::Wait);
        let first = scene.start("first");
        let node = scene.cleaning();
        let task = scene.plane.begin(node, Action::Clean, json!({"enabled": true})).await;
        scene.plane.heartbeat(task).await;
        scene.plane.parked(task).await;
        first.kill().await;
        let second = scene.start("second");
        scene.script.on("clean up ramdisk", Reaction::Gate(Gate::closed()));
        scene.plane.heartbeat(task).await;
        // Killed once more while it takes the ramdisk away: that is begun again, no step is.
        scene.log.wait_for("clean up ramdisk").await;
        second.kill().await;
        scene.log.take();
        scene.plane.lose_lease(task).await;
        let _third = scene.start("third");
        scene.plane.ended(task).await;
        assert_eq!(scene.state_of(node), "available");
        let log: Vec<_> =
            scene.log.take().into_iter().filter(|line| !line.starts_with("abandoned")).collect();
        let expected =
            ["claim clean", "power off", "clean up ramdisk", "leave cleaning", "report succeeded done"];
        assert_eq!(log[1..], expected);
    })
    .await;
}
