//! What the node's record remembers of the agent between two visits of a conductor.

use ferric_hardware::TaskView;
use ferric_model::JsonMap;
use ferric_model::report::Observed;
use ferric_model::step::Step;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// Key of [`Remembered`] in `driver_internal_info`.
const COMMAND: &str = "agent_command";

/// Key of the hardware managers' versions in `driver_internal_info`, as in Ironic.
const VERSIONS: &str = "hardware_manager_version";

/// What belongs to one run of a ramdisk and means nothing in the next.
const OF_ONE_RUN: [&str; 7] = [
    "agent_url",
    "agent_verify_ca",
    "agent_version",
    "agent_last_heartbeat",
    "agent_status",
    "agent_status_message",
    COMMAND,
];

/// The token, and whether it was made before the ramdisk booted.
const TOKEN: &str = "agent_secret_token";
const PREGENERATED: &str = "agent_secret_token_pregenerated";

/// The command that carries out the running step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// The task whose step it is.
    pub task: Uuid,
    /// The step, as `interface.step`.
    pub step: String,
    /// Identity of the command; none when the agent was busy and did not begin it.
    pub id: Option<String>,
}

impl Remembered {
    /// What is remembered of `step` of this task, if anything.
    pub fn find(task: &TaskView, step: &Step) -> Option<Self> {
        let stored = task.node.status.driver_internal_info.get(COMMAND)?;
        let remembered: Self = serde_json::from_value(stored.clone()).ok()?;
        (remembered.task == task.task_id && remembered.step == step.label()).then_some(remembered)
    }
}

/// Remembers the command that was begun for `step`, or that none could be.
pub fn remember(task: &TaskView, step: &Step, id: Option<&str>) -> Observed {
    let command = json!({"task": task.task_id, "step": step.label(), "id": id});
    patch([(COMMAND.to_owned(), command)])
}

/// Adds the versions of the agent's hardware managers to what is remembered; those of others are forgotten.
pub fn remember_versions(task: &TaskView, observed: &mut Observed, versions: Option<&Value>) {
    let Some(Value::Object(versions)) = versions else { return };
    let mut merged: JsonMap = match task.node.status.driver_internal_info.get(VERSIONS) {
        Some(Value::Object(present)) => present.keys().map(|name| (name.clone(), Value::Null)).collect(),
        _ => JsonMap::new(),
    };
    merged.extend(versions.clone());
    observed.driver_internal_info.insert(VERSIONS.to_owned(), Value::Object(merged));
}

/// The versions of the hardware managers that the steps were planned with.
pub fn versions(task: &TaskView) -> Option<&Value> {
    task.node.status.driver_internal_info.get(VERSIONS)
}

/// The step is over: its command is of no interest any more.
pub fn forget_command() -> Observed {
    patch([(COMMAND.to_owned(), Value::Null)])
}

/// The ramdisk is about to be booted anew into the same flow.
///
/// A token that was made before the first boot goes into every boot of the flow; one that was given out by lookup is
/// given out once only, and the new ramdisk must get one of its own.
pub fn forget_run(task: &TaskView) -> Observed {
    let mut observed = patch(OF_ONE_RUN.map(|key| (key.to_owned(), Value::Null)));
    if task.node.status.driver_internal_info.get(PREGENERATED) != Some(&Value::Bool(true)) {
        observed.driver_internal_info.insert(TOKEN.to_owned(), Value::Null);
    }
    observed
}

/// A flow begins: nothing that is known of an agent holds any more.
pub fn forget_flow(task: &TaskView) -> Observed {
    let mut observed = forget_run(task);
    observed.driver_internal_info.insert(VERSIONS.to_owned(), Value::Null);
    observed
}

/// The ramdisk ended for good, and its token with it.
pub fn forget_agent(task: &TaskView) -> Observed {
    let mut observed = forget_flow(task);
    observed.driver_internal_info.extend([TOKEN, PREGENERATED].map(|key| (key.to_owned(), Value::Null)));
    observed
}

fn patch(pairs: impl IntoIterator<Item = (String, Value)>) -> Observed {
    Observed { driver_internal_info: pairs.into_iter().collect(), ..Observed::default() }
}
