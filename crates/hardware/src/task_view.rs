//! What an interface sees of the task it works for (I-10): no bus, no reporter, no way to write a state.

use ferric_model::action::Action;
use ferric_model::node::Node;
use ferric_model::port::Port;
use ferric_model::portgroup::Portgroup;
use ferric_model::report::Inventory;
use uuid::Uuid;

/// A snapshot of a task and its node.
#[derive(Debug, Clone)]
pub struct TaskView {
    /// The task.
    pub task_id: Uuid,
    /// What it does.
    pub action: Action,
    /// The node, secrets included, as it was after the last report.
    pub node: Node,
    /// Its network cards.
    pub ports: Vec<Port>,
    /// Those that are bonded; empty where the node's network interface has no use for them.
    pub portgroups: Vec<Portgroup>,
    /// What the last inspection found; only where the deploy interface looks at it.
    pub inventory: Option<Inventory>,
    /// Base URL of the boot artefacts of this task, without a slash at the end; none when the control plane offers none.
    pub boot_url: Option<String>,
    /// The same for an instance whose system never comes to a disk; none for all others.
    pub instance_boot_url: Option<String>,
    /// Base URL of the REST API as the ramdisk reaches it, without a slash at the end.
    pub api_url: String,
    /// Whether a conductor held the task before and never reported its end.
    pub taken_over: bool,
}

impl TaskView {
    /// A text value of `driver_internal_info`.
    pub fn internal_str(&self, key: &str) -> Option<&str> {
        self.node.status.driver_internal_info.get(key).and_then(serde_json::Value::as_str)
    }

    /// Where the ramdisk's agent listens, as its last heartbeat said.
    pub fn agent_url(&self) -> Option<&str> {
        self.internal_str("agent_url").filter(|url| !url.is_empty())
    }
}
