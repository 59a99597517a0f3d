//! Steps of the agent: reading them, running them, taking them over.

use crate::fake_agent::{FakeAgent, Twist};
use crate::fake_node::{TOKEN, direct, interfaces, settle, task};
use ferric_hardware::{HardwareError, HardwareErrorKind, NodeInterfaces, TaskView};
use ferric_model::hardware::InterfaceKind;
use ferric_model::power::PowerState::On;
use ferric_model::step::{Repeat, Step, StepKind, StepOrigin};
use serde_json::{Value, json};

/// An agent with these steps, and a task that cleans with it.
async fn cleaning(steps: Value) -> (FakeAgent, TaskView, NodeInterfaces) {
    let agent = FakeAgent::start(TOKEN).await;
    agent.ends_at_once(
        "get_clean_steps",
        json!({"clean_steps": {"Generic": steps}, "hardware_manager_version": {"Generic": "3"}}),
    );
    let task = task(&agent.url);
    let (interfaces, _) = interfaces(&task.node, &[On]);
    (agent, task, interfaces)
}

fn agent_step(name: &str) -> Step {
    Step { origin: StepOrigin::Agent, ..Step::new(InterfaceKind::Deploy, name, 10) }
}

async fn execute(
    task: &mut TaskView,
    interfaces: &NodeInterfaces,
    step: &Step,
) -> Result<&'static str, HardwareError> {
    let outcome = direct().execute(task, interfaces, StepKind::Clean, step).await?;
    Ok(settle(task, &outcome))
}

async fn resume(
    task: &mut TaskView,
    interfaces: &NodeInterfaces,
    step: &Step,
) -> Result<&'static str, HardwareError> {
    let outcome = direct().resume(task, interfaces, StepKind::Clean, step).await?;
    Ok(settle(task, &outcome))
}

#[tokio::test]
async fn the_steps_that_the_agent_offers_are_run_with_its_version() {
    let (agent, mut task, interfaces) = cleaning(json!([
        {"interface": "deploy", "step": "erase_devices", "priority": 10, "abortable": true},
        {"interface": "raid", "step": "create_configuration", "priority": 0, "reboot_requested": true}]))
    .await;
    let steps = direct().agent_steps(&task, StepKind::Clean).await.unwrap();
    assert_eq!(agent.posts()[0]["name"], "clean.get_clean_steps");
    assert_eq!(agent.posts()[0]["params"]["node"]["uuid"], task.node.uuid.to_string());
    let (erase, raid) = (&steps[0], &steps[1]);
    assert_eq!((erase.label().as_str(), erase.abortable), ("deploy.erase_devices", true));

    assert_eq!(execute(&mut task, &interfaces, erase).await.unwrap(), "wait");
    let post = agent.posts().pop().unwrap();
    assert_eq!(post["name"], "clean.execute_clean_step");
    assert_eq!(post["params"]["clean_version"], json!({"Generic": "3"}));
    assert_eq!(post["params"]["step"]["step"], "erase_devices");
    assert_eq!(resume(&mut task, &interfaces, erase).await.unwrap(), "wait");
    agent.succeed();
    assert_eq!(resume(&mut task, &interfaces, erase).await.unwrap(), "done");

    assert_eq!(execute(&mut task, &interfaces, raid).await.unwrap(), "wait");
    agent.succeed();
    let outcome = direct().resume(&task, &interfaces, StepKind::Clean, raid).await.unwrap();
    let mut given_out = task.clone();
    given_out.node.status.driver_internal_info.remove("agent_secret_token_pregenerated");
    let again = direct().resume(&given_out, &interfaces, StepKind::Clean, raid).await.unwrap();
    settle(&mut given_out, &again);
    assert_eq!(given_out.internal_str("agent_secret_token"), None, "lookup gives the next ramdisk another");
    assert_eq!(settle(&mut task, &outcome), "reboot");
    assert_eq!(task.internal_str("agent_secret_token"), Some(TOKEN), "it is in every boot of the flow");
    assert_eq!(task.agent_url(), None, "the next ramdisk may listen elsewhere");

    // After the restart the agent knows nothing; the node's record remembers the version of the plan.
    agent.reboot();
    task.node.status.driver_internal_info.insert("agent_url".into(), json!(agent.url));
    execute(&mut task, &interfaces, erase).await.unwrap();
    assert_eq!(agent.posts().pop().unwrap()["params"]["clean_version"], json!({"Generic": "3"}));
}

#[tokio::test]
async fn a_busy_agent_is_asked_again_when_it_is_heard_of() {
    let (agent, mut task, interfaces) = cleaning(json!([])).await;
    let step = agent_step("erase_devices");
    agent.put_command(json!({"id": "9", "command_name": "sync", "command_status": "RUNNING"}));
    assert_eq!(execute(&mut task, &interfaces, &step).await.unwrap(), "wait");
    assert_eq!(resume(&mut task, &interfaces, &step).await.unwrap(), "wait");
    assert_eq!(agent.begun(), ["sync"]);
    agent.end("SUCCEEDED", Value::Null);
    assert_eq!(resume(&mut task, &interfaces, &step).await.unwrap(), "wait");
    assert_eq!(agent.begun(), ["sync", "execute_clean_step"]);

    let error = direct().agent_steps(&task, StepKind::Clean).await.unwrap_err();
    assert_eq!(error.code, "agent-busy");
}

#[tokio::test]
async fn a_restart_ends_only_steps_that_wished_for_it() {
    let (agent, mut task, interfaces) = cleaning(json!([])).await;
    let restarting = Step { reboot_requested: true, ..agent_step("update_firmware") };
    execute(&mut task, &interfaces, &restarting).await.unwrap();
    agent.reboot();
    assert_eq!(resume(&mut task, &interfaces, &restarting).await.unwrap(), "done");

    let erase = agent_step("erase_devices");
    execute(&mut task, &interfaces, &erase).await.unwrap();
    agent.reboot();
    let error = resume(&mut task, &interfaces, &erase).await.unwrap_err();
    assert_eq!((error.code, error.kind), ("agent-rebooted", HardwareErrorKind::AgentFailed));
}

#[tokio::test]
async fn another_ramdisk_than_the_planned_one_is_refused() {
    let (agent, mut task, interfaces) = cleaning(json!([])).await;
    let step = agent_step("erase_devices");
    execute(&mut task, &interfaces, &step).await.unwrap();
    agent.end("CLEAN_VERSION_MISMATCH", json!({"message": "Hardware managers version mismatch"}));
    let error = resume(&mut task, &interfaces, &step).await.unwrap_err();
    assert_eq!(error.code, "agent-version-mismatch");
}

#[tokio::test]
async fn a_conductor_that_was_lost_after_giving_the_command_does_not_give_it_twice() {
    let (agent, task, interfaces) = cleaning(json!([])).await;
    let step = agent_step("erase_devices");
    // The report with the identity of the command never arrived.
    direct().execute(&task, &interfaces, StepKind::Clean, &step).await.unwrap();
    let mut taken_over = TaskView { taken_over: true, ..task };
    assert_eq!(resume(&mut taken_over, &interfaces, &step).await.unwrap(), "wait");
    agent.succeed();
    assert_eq!(resume(&mut taken_over, &interfaces, &step).await.unwrap(), "done");
    assert_eq!(agent.begun(), ["execute_clean_step"]);
}

#[tokio::test]
async fn a_conductor_that_was_lost_before_giving_the_command_has_it_given() {
    let (agent, mut task, interfaces) = cleaning(json!([])).await;
    let (first, second) = (agent_step("erase_devices_metadata"), agent_step("erase_devices"));
    execute(&mut task, &interfaces, &first).await.unwrap();
    agent.succeed();
    assert_eq!(resume(&mut task, &interfaces, &first).await.unwrap(), "done");
    // The list shows only the step before.
    task.taken_over = true;
    assert_eq!(resume(&mut task, &interfaces, &second).await.unwrap(), "wait");
    assert_eq!(agent.posts().len(), 2);
}

#[tokio::test]
async fn what_must_not_run_twice_fails_when_nobody_knows() {
    let (agent, mut task, interfaces) = cleaning(json!([])).await;
    let once = Step { repeat: Repeat::Once, ..agent_step("erase_devices") };
    task.taken_over = true;
    let error = resume(&mut task, &interfaces, &once).await.unwrap_err();
    assert_eq!(error.kind, HardwareErrorKind::Unknown);
    assert_eq!(agent.posts().len(), 0);
    let again = agent_step("erase_devices");
    assert_eq!(resume(&mut task, &interfaces, &again).await.unwrap(), "wait");
}

#[tokio::test]
async fn what_another_task_remembered_is_of_no_interest() {
    let (agent, mut task, interfaces) = cleaning(json!([])).await;
    let step = agent_step("erase_devices");
    execute(&mut task, &interfaces, &step).await.unwrap();
    agent.reboot();
    task.task_id = uuid::Uuid::from_u128(10);
    assert_eq!(resume(&mut task, &interfaces, &step).await.unwrap(), "wait");
    assert_eq!(agent.posts().len(), 2);
}

#[tokio::test]
async fn steps_that_are_none_are_nonsense_and_an_old_agent_has_no_service() {
    let (agent, task, _) = cleaning(json!([{"step": "a", "priority": 1}])).await;
    let error = direct().agent_steps(&task, StepKind::Clean).await.unwrap_err();
    assert_eq!((error.code, error.kind), ("agent-nonsense", HardwareErrorKind::Nonsense));
    agent.twist(Twist::Say(404, json!({"faultstring": "Command not found: service"}).to_string()));
    assert_eq!(direct().agent_steps(&task, StepKind::Service).await.unwrap(), []);
    assert_eq!(direct().agent_steps(&task, StepKind::Verify).await.unwrap(), []);
}
