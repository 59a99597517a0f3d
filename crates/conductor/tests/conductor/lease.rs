//! Leases: when a conductor must stop, and what of its reports gets through.

use crate::control_plane::Trouble;
use crate::hardware::{Gate, Reaction};
use crate::scene::{Offer, Scene, step, within};
use ferric_model::action::Action;
use ferric_model::step::StepKind;
use ferric_model::task::TaskState;
use serde_json::Value;

fn offer() -> Offer {
    let steps = vec![(StepKind::Deploy, step("a", 2)), (StepKind::Deploy, step("b", 1))];
    Offer { steps, ..Offer::default() }
}

#[tokio::test]
async fn a_task_whose_lease_is_not_held_is_stopped_at_once() {
    within(async {
        let scene = Scene::set(offer()).await;
        scene.script.on("do a", Reaction::Gate(Gate::closed()));
        let conductor = scene.start("c1");
        let task = scene.plane.begin(scene.deploying(), Action::Deploy, Value::Null).await;
        scene.log.wait_for("do a").await;
        assert_eq!(conductor.status.running_tasks(), 1);
        scene.plane.change(|state| state.leases_gone = true);
        scene.log.wait_for("abandoned do a").await;
        // It reports nothing and begins nothing: it stops in good order with nothing left.
        conductor.stop().await;
        assert_eq!(scene.plane.task(task).state, TaskState::Running);
        assert_eq!(scene.log.count("do b"), 0);
        assert!(scene.log.take().ends_with(&["abandoned do a".to_owned(), "leave".to_owned()]));
    })
    .await;
}

#[tokio::test]
async fn a_report_that_is_not_accepted_stops_the_task() {
    within(async {
        let scene = Scene::set(offer()).await;
        let gate = Gate::closed();
        scene.script.on("do a", Reaction::Gate(gate.clone()));
        let conductor = scene.start("c1");
        let task = scene.plane.begin(scene.deploying(), Action::Deploy, Value::Null).await;
        scene.log.wait_for("do a").await;
        scene.plane.change(|state| state.tasks.get_mut(&task).unwrap().epoch += 1);
        gate.open();
        scene.log.wait_for("report too late").await;
        conductor.stop().await;
        assert_eq!(scene.log.count("do b"), 0);
        assert_eq!(scene.log.count("report too late"), 1);
    })
    .await;
}

#[tokio::test]
async fn a_conductor_that_is_turned_away_comes_again() {
    within(async {
        let scene = Scene::set(offer()).await;
        scene.plane.change(|state| state.turn_away = 2);
        let conductor = scene.start("c1");
        scene.log.wait_for("join").await;
        assert_eq!(scene.log.take(), ["turned away", "turned away", "join"]);
        conductor.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_control_plane_that_is_away_for_a_while_loses_and_repeats_nothing() {
    within(async {
        let scene = Scene::set(offer()).await;
        scene.plane.change(|state| {
            state.trouble.insert("join", [Trouble::Lost, Trouble::AnswerLost].into());
            state.trouble.insert("claim", [Trouble::Lost, Trouble::Lost].into());
            state.trouble.insert(
                "report",
                [Trouble::Lost, Trouble::AnswerLost, Trouble::Lost, Trouble::AnswerLost].into(),
            );
        });
        let _conductor = scene.start("c1");
        let task = scene.plane.begin(scene.deploying(), Action::Deploy, Value::Null).await;
        assert_eq!(scene.plane.ended(task).await.state, TaskState::Succeeded);
        let log = scene.log.take();
        for line in ["report continues: started a", "do a", "report continues: started b", "do b"] {
            assert_eq!(log.iter().filter(|present| *present == line).count(), 1, "{line}: {log:?}");
        }
        assert!(log.contains(&"report repeated".to_owned()));
        assert_eq!(scene.plane.task(task).epoch, 1);
    })
    .await;
}

#[tokio::test]
async fn a_conductor_that_is_not_known_any_more_joins_again() {
    within(async {
        let scene = Scene::set(offer()).await;
        let conductor = scene.start("c1");
        scene.log.wait_for("join").await;
        scene.log.take();
        scene.plane.change(|state| {
            state.members.clear();
            state.renewals = 0;
        });
        scene.log.wait_for("join").await;
        scene.plane.wait_until(|state| state.renewals > 0).await;
        assert!(conductor.status.health().await.is_ready());
    })
    .await;
}
