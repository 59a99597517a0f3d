//! What a step is.

use crate::JsonMap;
use crate::hardware::InterfaceKind;
use serde::{Deserialize, Serialize};

/// Steps that the engine itself carries out, on any interface.
pub const RESERVED_STEPS: [&str; 5] = ["power_on", "power_off", "reboot", "hold", "wait"];

/// What a step belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepKind {
    /// Automated and manual cleaning.
    Clean,
    /// Deployment.
    Deploy,
    /// Service of a deployed node.
    Service,
    /// Verification of a newly managed node.
    Verify,
}

/// Who carries a step out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepOrigin {
    /// A conductor, through the node's interfaces.
    Conductor,
    /// The agent in the ramdisk.
    Agent,
}

/// What may happen when a task is taken over and nobody knows whether the step was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Repeat {
    /// Reads only, or sets something to a fixed value: run again.
    Pure,
    /// Run again; doing it twice costs time and nothing else.
    Retryable,
    /// Must not act twice: look whether it was done, and fail with history if that cannot be told.
    Once,
}

/// A step.
///
/// **Shape** in the API: `{interface, step, priority, args, abortable, requires_ramdisk}`.
/// Source: `contract: state-machine` section 4.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The interface that has it.
    pub interface: InterfaceKind,
    /// Its name.
    pub step: String,
    /// Higher runs earlier; 0 does not run by itself.
    #[serde(default)]
    pub priority: i64,
    /// Arguments.
    #[serde(default)]
    pub args: JsonMap,
    /// Whether an abort may interrupt it.
    #[serde(default)]
    pub abortable: bool,
    /// Whether the ramdisk must run.
    #[serde(default = "yes")]
    pub requires_ramdisk: bool,
    /// Whether the node is to be rebooted after it.
    #[serde(default)]
    pub reboot_requested: bool,
    /// Who carries it out.
    #[serde(default = "by_conductor")]
    pub origin: StepOrigin,
    /// What a take-over may do with it.
    #[serde(default = "retryable")]
    pub repeat: Repeat,
    /// Set where it is run on the nodes that this one contains, instead of on this one: only on these, by UUID or name, if any
    /// are named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_children: Option<Vec<String>>,
}

fn yes() -> bool {
    true
}

fn by_conductor() -> StepOrigin {
    StepOrigin::Conductor
}

fn retryable() -> Repeat {
    Repeat::Retryable
}

impl Step {
    /// A step of a conductor's interface.
    pub fn new(interface: InterfaceKind, step: impl Into<String>, priority: i64) -> Self {
        Self {
            interface,
            step: step.into(),
            priority,
            args: JsonMap::new(),
            abortable: false,
            requires_ramdisk: true,
            reboot_requested: false,
            origin: StepOrigin::Conductor,
            repeat: Repeat::Retryable,
            on_children: None,
        }
    }

    /// `interface.step`, as people write it.
    pub fn label(&self) -> String {
        format!("{}.{}", self.interface, self.step)
    }

    /// The form in the node's `clean_step`, `deploy_step` or `service_step`.
    pub fn document(&self) -> JsonMap {
        let mut map = JsonMap::new();
        map.insert("interface".into(), self.interface.as_str().into());
        map.insert("step".into(), self.step.clone().into());
        map.insert("priority".into(), self.priority.into());
        map.insert("args".into(), self.args.clone().into());
        map.insert("abortable".into(), self.abortable.into());
        map.insert("requires_ramdisk".into(), self.requires_ramdisk.into());
        if let Some(only) = &self.on_children {
            map.insert("execute_on_child_nodes".into(), true.into());
            if !only.is_empty() {
                map.insert("limit_child_node_execution".into(), only.clone().into());
            }
        }
        map
    }
}

impl StepKind {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Deploy => "deploy",
            Self::Service => "service",
            Self::Verify => "verify",
        }
    }
}
