//! RAID by the agent: what it is told to make, what it made, and conductors that are lost.

use crate::fake_agent::{FakeAgent, Twist};
use crate::fake_node::{TOKEN, agents, interfaces, settle, task};
use ferric_agent::raid_agent;
use ferric_hardware::{HardwareErrorKind, NodeInterfaces, StepOutcome, TaskView};
use ferric_model::hardware::InterfaceKind;
use ferric_model::power::PowerState::On;
use ferric_model::step::{Repeat, Step, StepKind};
use serde_json::{Value, json};

async fn scene() -> (FakeAgent, TaskView, NodeInterfaces) {
    let agent = FakeAgent::start(TOKEN).await;
    let mut task = task(&agent.url);
    let target = json!({"logical_disks": [
        {"raid_level": "1", "size_gb": 100, "is_root_volume": true},
        {"raid_level": "0", "size_gb": "MAX"},
    ]});
    task.node.spec.target_raid_config = target.as_object().cloned().unwrap();
    let (interfaces, _) = interfaces(&task.node, &[On]);
    (agent, task, interfaces)
}

fn step(name: &str, args: Value) -> Step {
    let args = args.as_object().cloned().unwrap();
    Step { args, repeat: Repeat::Once, ..Step::new(InterfaceKind::Raid, name, 0) }
}

fn done(outcome: StepOutcome) -> Value {
    match outcome {
        StepOutcome::Done(observed) => observed.raid_config.unwrap().into(),
        outcome => panic!("{outcome:?}"),
    }
}

#[tokio::test]
async fn the_agent_makes_what_the_node_is_to_have() {
    let (agent, mut task, interfaces) = scene().await;
    let raid = raid_agent(agents());
    let create = step("create_configuration", json!({"create_nonroot_volumes": false}));
    let outcome = raid.execute_step(&task, &interfaces, StepKind::Clean, &create).await.unwrap();
    assert_eq!(settle(&mut task, &outcome), "wait");
    let post = agent.posts().pop().unwrap();
    assert_eq!(post["name"], "clean.execute_clean_step");
    let told = &post["params"]["node"]["driver_internal_info"]["target_raid_config"];
    assert_eq!(told["logical_disks"], json!([{"raid_level": "1", "size_gb": 100, "is_root_volume": true}]));
    assert_eq!(post["params"]["step"]["args"], json!({}), "the agent takes no such argument");
    assert_eq!(task.node.status.driver_internal_info["target_raid_config"], *told);

    let outcome = raid.resume_step(&task, &interfaces, StepKind::Clean, &create).await.unwrap();
    assert_eq!(settle(&mut task, &outcome), "wait");
    agent.succeed_with(
        json!({"logical_disks": [{"raid_level": "1", "size_gb": 100, "controller": "software"}]}),
    );
    let outcome = raid.resume_step(&task, &interfaces, StepKind::Clean, &create).await.unwrap();
    settle(&mut task, &outcome);
    assert_eq!(done(outcome)["logical_disks"][0]["controller"], "software");
    assert!(!task.node.status.driver_internal_info.contains_key("target_raid_config"));

    let delete = step("delete_configuration", json!({}));
    let outcome = raid.execute_step(&task, &interfaces, StepKind::Clean, &delete).await.unwrap();
    settle(&mut task, &outcome);
    agent.succeed();
    let outcome = raid.resume_step(&task, &interfaces, StepKind::Clean, &delete).await.unwrap();
    assert_eq!(done(outcome), json!({}));
}

#[tokio::test]
async fn a_layout_comes_with_the_step_of_a_deployment() {
    let (agent, task, interfaces) = scene().await;
    let raid = raid_agent(agents());
    let config = json!({"logical_disks": [{"raid_level": "5", "size_gb": 10}]});
    let apply = step("apply_configuration", json!({"raid_config": config, "delete_existing": true}));
    raid.execute_step(&task, &interfaces, StepKind::Deploy, &apply).await.unwrap();
    let post = agent.posts().pop().unwrap();
    assert_eq!(post["name"], "deploy.execute_deploy_step");
    assert_eq!(post["params"]["step"]["args"]["raid_config"], config);
    for wrong in [json!({}), json!({"logical_disks": [{"raid_level": "9", "size_gb": 1}]}), json!("all")] {
        let apply = step("apply_configuration", json!({ "raid_config": wrong }));
        let error = raid.execute_step(&task, &interfaces, StepKind::Deploy, &apply).await.unwrap_err();
        assert_eq!(error.kind, HardwareErrorKind::InvalidParameter);
    }
    let mut bare = task.clone();
    bare.node.spec.target_raid_config.clear();
    let create = step("create_configuration", json!({}));
    let error = raid.execute_step(&bare, &interfaces, StepKind::Clean, &create).await.unwrap_err();
    assert_eq!(error.kind, HardwareErrorKind::InvalidParameter);
    assert_eq!(agent.posts().len(), 1);
}

#[tokio::test]
async fn a_command_that_was_given_is_not_given_again() {
    let (agent, mut task, interfaces) = scene().await;
    let raid = raid_agent(agents());
    let create = step("create_configuration", json!({}));
    agent.twist(Twist::LoseAnswer);
    raid.execute_step(&task, &interfaces, StepKind::Clean, &create).await.unwrap();
    // The conductor was lost before anybody stored that the command was given.
    let outcome = raid.resume_step(&task, &interfaces, StepKind::Clean, &create).await.unwrap();
    assert_eq!(settle(&mut task, &outcome), "wait");
    assert_eq!(agent.begun(), ["execute_clean_step"]);
    // A ramdisk that was restarted knows of nothing, and nobody else does.
    agent.reboot();
    task.node.status.driver_internal_info.remove("agent_command");
    let error = raid.resume_step(&task, &interfaces, StepKind::Clean, &create).await.unwrap_err();
    assert_eq!(error.kind, HardwareErrorKind::Unknown, "{error}");
    assert!(agent.begun().is_empty());
}
