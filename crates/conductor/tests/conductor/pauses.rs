//! What waits: for the ramdisk, for a time, for other nodes; and who has to be asked again.

use crate::hardware::Reaction;
use crate::scene::{Offer, Scene, agent_step, step, within};
use ferric_model::action::Action;
use ferric_model::lifecycle::{Event, ProvisionState, Verb};
use ferric_model::step::{Step, StepKind};
use ferric_model::task::{TaskState, params};
use serde_json::{Value, json};
use uuid::Uuid;

fn lines(scene: &Scene) -> Vec<String> {
    scene.log.take().into_iter().filter(|line| !line.starts_with("join")).collect()
}

fn clean(steps: &[Value]) -> Value {
    json!({"enabled": true, "steps": steps})
}

fn cleaning_by_hand(scene: &Scene) -> Uuid {
    scene.node(ProvisionState::Manageable, &[(Event::Clean, Some(Verb::Clean))])
}

#[tokio::test]
async fn people_are_let_into_the_ramdisk_and_out_again() {
    within(async {
        let scene = Scene::set(Offer { ramdisk: true, ..Offer::default() }).await;
        let _conductor = scene.start("c1");
        let node = scene.node(ProvisionState::Active, &[(Event::Rescue, Some(Verb::Rescue))]);
        let task = scene.plane.begin(node, Action::Rescue, Value::Null).await;
        scene.plane.parked(task).await;
        assert_eq!(scene.state_of(node), "rescue wait");
        // Nobody was heard of yet.
        scene.plane.wake(task, false).await;
        scene.plane.parked(task).await;
        scene.plane.heartbeat(task).await;
        assert_eq!(scene.plane.ended(task).await.state, TaskState::Succeeded);
        assert_eq!(scene.state_of(node), "rescue");
        assert_eq!(
            lines(&scene),
            [
                "claim rescue",
                "report continues: booting",
                "power off",
                "disconnect vifs",
                "enter rescuing",
                "prepare ramdisk",
                "power on",
                "report parked wait: awaiting_ramdisk",
                "claim rescue",
                "report parked: awaiting_ramdisk",
                "claim rescue",
                "report continues resume: awaiting_ramdisk",
                "rescue",
                "clean up ramdisk",
                "leave rescuing",
                "connect vifs",
                "report succeeded done: awaiting_ramdisk",
            ]
        );
        let node = scene.node(ProvisionState::Rescue, &[(Event::Unrescue, Some(Verb::Unrescue))]);
        let task = scene.plane.begin(node, Action::Unrescue, Value::Null).await;
        assert_eq!(scene.plane.ended(task).await.state, TaskState::Succeeded);
        assert_eq!(
            lines(&scene)[1..],
            [
                "unrescue",
                "power off",
                "clean up ramdisk",
                "leave rescuing",
                "connect vifs",
                "prepare instance",
                "power on",
                "report succeeded done",
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_wait_without_a_time_ends_with_a_word_and_a_long_one_gives_the_task_back() {
    within(async {
        let scene = Scene::set(Offer::default()).await;
        let _conductor = scene.start("c1");
        let node = cleaning_by_hand(&scene);
        let wait = |args: Value| json!({"interface": "power", "step": "wait", "args": args});
        let steps = [wait(json!({})), wait(json!({"seconds": "0"})), wait(json!({"seconds": 3600}))];
        let task = scene.plane.begin(node, Action::Clean, clean(&steps)).await;
        scene.plane.parked(task).await;
        assert_eq!(scene.state_of(node), "clean wait");
        scene.plane.heartbeat(task).await;
        scene.plane.parked(task).await;
        assert_eq!(
            lines(&scene),
            [
                "claim clean",
                "report parked wait: awaiting_agent wait",
                "claim clean",
                "report continues: started wait",
                "report paused: started wait",
            ]
        );
        // Woken before its time, it goes back to sleep.
        scene.plane.wake(task, false).await;
        scene.plane.parked(task).await;
        assert_eq!(lines(&scene), ["claim clean", "report paused: started wait"]);
    })
    .await;
}

#[tokio::test]
async fn a_wait_without_a_sensible_time_fails() {
    within(async {
        let scene = Scene::set(Offer::default()).await;
        let _conductor = scene.start("c1");
        let node = cleaning_by_hand(&scene);
        let steps = [json!({"interface": "power", "step": "wait", "args": {"seconds": "soon"}})];
        let task = scene.plane.begin(node, Action::Clean, clean(&steps)).await;
        assert_eq!(scene.plane.ended(task).await.failure.unwrap().code, "invalid-parameter");
    })
    .await;
}

#[tokio::test]
async fn a_step_for_child_nodes_waits_until_all_of_them_have_ended() {
    within(async {
        let scene = Scene::set(Offer::default()).await;
        let _conductor = scene.start("c1");
        let node = cleaning_by_hand(&scene);
        let steps = [json!({"interface": "power", "step": "power_on", "on_children": ["dpu-1"]})];
        let task = scene.plane.begin(node, Action::Clean, clean(&steps)).await;
        scene.plane.parked(task).await;
        assert_eq!(scene.state_of(node), "clean wait");
        let errand = scene.plane.task(task).observed.last().unwrap().errand.clone().unwrap();
        assert_eq!(json!(errand.to), json!({"children": ["dpu-1"]}));
        let asked: params::ChildStep = serde_json::from_value(errand.params).unwrap();
        assert_eq!((asked.kind, asked.step.label().as_str()), (StepKind::Clean, "power.power_on"));
        assert_eq!(asked.step.on_children, None);
        let stands = |state: &str| {
            let failure = (state == "failed").then(|| {
                json!({"code": "c", "doing": "d", "summary": "it burned", "evidence": null, "advice": "a",
                       "step": null, "duration_ms": 0})
            });
            json!([{"tag": errand.tag, "node_uuid": Uuid::nil(), "state": state, "failure": failure}])
        };
        let answer = async |state: &str| {
            let errands = stands(state);
            scene.plane.change(|state| state.tasks.get_mut(&task).unwrap().errands = errands);
            scene.plane.wake(task, false).await;
        };
        answer("running").await;
        scene.plane.parked(task).await;
        answer("failed").await;
        let failure = scene.plane.ended(task).await.failure.unwrap();
        assert_eq!(failure.code, "related-node-failed");
        assert!(failure.evidence.unwrap().contains("it burned"));
        assert_eq!(scene.log.count("power on"), 0, "nothing is done to the node itself");
    })
    .await;
}

#[tokio::test]
async fn a_child_carries_out_one_step_and_keeps_its_state() {
    within(async {
        let steps = vec![(StepKind::Clean, step("wipe", 0))];
        let scene = Scene::set(Offer { steps, ..Offer::default() }).await;
        let _conductor = scene.start("c1");
        let node = scene.node(ProvisionState::Available, &[]);
        let own = |step: Step| json!(params::ChildStep { kind: StepKind::Clean, step });
        let task = scene.plane.begin(node, Action::ChildStep, own(step("wipe", 0))).await;
        assert_eq!(scene.plane.ended(task).await.state, TaskState::Succeeded);
        let unknown = scene.plane.begin(node, Action::ChildStep, own(step("nothing", 0))).await;
        assert_eq!(scene.plane.ended(unknown).await.failure.unwrap().code, "unsupported");
        assert_eq!(scene.state_of(node), "available");
        assert_eq!(
            lines(&scene)[..4],
            [
                "claim child_step",
                "report continues: started wipe",
                "do wipe",
                "report succeeded: started wipe"
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn another_agent_is_asked_for_its_steps_again() {
    within(async {
        let agent_steps = vec![agent_step("one", 20), agent_step("two", 10)];
        let scene = Scene::set(Offer { agent_steps, ramdisk: true, ..Offer::default() }).await;
        scene.script.on("do two", Reaction::Mismatch);
        let _conductor = scene.start("c1");
        let node = scene.cleaning();
        let task = scene.plane.begin(node, Action::Clean, json!({"enabled": true})).await;
        scene.plane.heartbeat(task).await;
        assert_eq!(scene.plane.ended(task).await.state, TaskState::Succeeded);
        assert_eq!((scene.log.count("do one"), scene.log.count("do two")), (2, 2), "it starts over");

        scene.script.on("do two", Reaction::Mismatch);
        let node = cleaning_by_hand(&scene);
        let chosen = ["one", "two"].map(|name| json!({"interface": "deploy", "step": name}));
        scene.log.take();
        let task = scene.plane.begin(node, Action::Clean, clean(&chosen)).await;
        scene.plane.heartbeat(task).await;
        assert_eq!(scene.plane.ended(task).await.state, TaskState::Succeeded);
        assert_eq!((scene.log.count("do one"), scene.log.count("do two")), (1, 2), "it goes on");
    })
    .await;
}

#[tokio::test]
async fn an_agent_that_never_stays_the_same_is_given_up() {
    within(async {
        let agent_steps = vec![agent_step("one", 20)];
        let scene = Scene::set(Offer { agent_steps, ramdisk: true, ..Offer::default() }).await;
        for _ in 0..5 {
            scene.script.on("do one", Reaction::Mismatch);
        }
        let _conductor = scene.start("c1");
        let node = scene.cleaning();
        let task = scene.plane.begin(node, Action::Clean, json!({"enabled": true})).await;
        scene.plane.heartbeat(task).await;
        assert_eq!(scene.plane.ended(task).await.failure.unwrap().code, "agent-version-mismatch");
        assert_eq!(scene.log.count("do one"), 4);
    })
    .await;
}
