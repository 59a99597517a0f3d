//! Taking work, refusing it, sharing it and stopping.

use crate::hardware::{Gate, Reaction};
use crate::scene::{Offer, Scene, step, within};
use ferric_conductor::ConductorConfig;
use ferric_model::action::Action;
use ferric_model::step::StepKind;
use ferric_model::task::TaskState;
use futures::FutureExt;
use futures::StreamExt;
use serde_json::Value;

fn offer() -> Offer {
    Offer { steps: vec![(StepKind::Deploy, step("a", 1))], ..Offer::default() }
}

#[tokio::test]
async fn a_refused_claim_is_forgotten_and_a_postponed_one_comes_again() {
    within(async {
        let scene = Scene::set(offer()).await;
        let task = scene.plane.begin(scene.deploying(), Action::Deploy, Value::Null).await;
        // The same envelope twice: the second claim is refused.
        scene.plane.send(task).await;
        scene.plane.change(|state| state.later = 1);
        let conductor = scene.start("c1");
        scene.plane.ended(task).await;
        scene.log.wait_for("claim refused").await;
        conductor.stop().await;
        let claims: Vec<_> = scene.log.take().into_iter().filter(|line| line.starts_with("claim")).collect();
        assert_eq!(claims.len(), 3, "{claims:?}");
        let mut left = scene.bus.consume_actions("", 1).await.unwrap();
        assert!(left.next().now_or_never().is_none(), "no delivery is left");
    })
    .await;
}

#[tokio::test]
async fn garbage_is_put_aside_and_work_goes_on() {
    within(async {
        let scene = Scene::set(offer()).await;
        scene.bus.publish_action_bytes("", b"\xff").await.unwrap();
        let _conductor = scene.start("c1");
        let task = scene.plane.begin(scene.deploying(), Action::Deploy, Value::Null).await;
        assert_eq!(scene.plane.ended(task).await.state, TaskState::Succeeded);
        let letter = scene.bus.consume_dead_letters(1).await.unwrap().next().await.unwrap();
        assert!(letter.envelope.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_conductor_without_room_leaves_work_to_others() {
    within(async {
        let scene = Scene::set(offer()).await;
        let gate = Gate::closed();
        scene.script.on("do a", Reaction::Gate(gate.clone()));
        let busy = scene.start_with(ConductorConfig { max_tasks: 1, ..scene.config("busy") });
        let first = scene.plane.begin(scene.deploying(), Action::Deploy, Value::Null).await;
        scene.log.wait_for("do a").await;
        // The first conductor has no room: whatever it may have been given comes to the second one.
        let second = scene.plane.begin(scene.deploying(), Action::Deploy, Value::Null).await;
        let _idle = scene.start("idle");
        scene.plane.ended(second).await;
        assert_eq!(busy.status.running_tasks(), 1);
        gate.open();
        scene.plane.ended(first).await;
    })
    .await;
}

#[tokio::test]
async fn a_stopped_conductor_takes_nothing_more_and_ends_what_it_began() {
    within(async {
        let scene = Scene::set(offer()).await;
        let gate = Gate::closed();
        scene.script.on("do a", Reaction::Gate(gate.clone()));
        let conductor = scene.start("c1");
        let begun = scene.plane.begin(scene.deploying(), Action::Deploy, Value::Null).await;
        scene.log.wait_for("do a").await;
        conductor.stop.cancel();
        let waiting = scene.plane.begin(scene.deploying(), Action::Deploy, Value::Null).await;
        gate.open();
        conductor.stop().await;
        assert_eq!(scene.plane.task(begun).state, TaskState::Succeeded);
        assert_eq!(scene.plane.task(waiting).state, TaskState::Queued);
        assert!(!scene.plane.state().members.contains_key("c1"));
        assert_eq!(scene.log.take().last().unwrap(), "leave");
    })
    .await;
}

#[tokio::test]
async fn what_does_not_end_in_time_is_left_to_others() {
    within(async {
        let scene = Scene::set(offer()).await;
        scene.script.on("do a", Reaction::Gate(Gate::closed()));
        let conductor = scene.start_with(ConductorConfig { drain_secs: 0, ..scene.config("c1") });
        let task = scene.plane.begin(scene.deploying(), Action::Deploy, Value::Null).await;
        scene.log.wait_for("do a").await;
        conductor.stop().await;
        assert_eq!(scene.log.take()[4..], ["abandoned do a", "leave"]);
        assert_eq!(scene.plane.task(task).state, TaskState::Running);
    })
    .await;
}
