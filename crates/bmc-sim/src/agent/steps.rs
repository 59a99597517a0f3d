//! In-band steps the agent offers, as a table.

use serde_json::{Map, Value, json};

/// The three processes that have in-band steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StepKind {
    Clean,
    Deploy,
    Service,
}

/// What a step does to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Takes time and leaves no trace.
    Idle,
    EraseDisk,
    WriteImage,
    /// Tells the layout that it was given.
    MakeRaid,
}

#[derive(Debug)]
pub(super) struct Step {
    pub kind: StepKind,
    pub interface: &'static str,
    pub name: &'static str,
    pub priority: u32,
    pub effect: Effect,
}

const MANAGER: &str = "SimulatedHardwareManager";
const MANAGER_VERSION: &str = "1.0";

const fn step(
    kind: StepKind,
    interface: &'static str,
    name: &'static str,
    priority: u32,
    effect: Effect,
) -> Step {
    Step { kind, interface, name, priority, effect }
}

const STEPS: &[Step] = &[
    step(StepKind::Clean, "deploy", "erase_devices_metadata", 99, Effect::EraseDisk),
    step(StepKind::Clean, "deploy", "erase_devices", 10, Effect::EraseDisk),
    step(StepKind::Clean, "deploy", "burnin_cpu", 0, Effect::Idle),
    step(StepKind::Clean, "deploy", "burnin_memory", 0, Effect::Idle),
    step(StepKind::Clean, "raid", "create_configuration", 0, Effect::MakeRaid),
    step(StepKind::Clean, "raid", "delete_configuration", 0, Effect::Idle),
    step(StepKind::Deploy, "raid", "apply_configuration", 0, Effect::MakeRaid),
    step(StepKind::Service, "raid", "apply_configuration", 0, Effect::MakeRaid),
    step(StepKind::Deploy, "deploy", "write_image", 0, Effect::WriteImage),
    step(StepKind::Deploy, "deploy", "erase_devices_metadata", 0, Effect::EraseDisk),
    step(StepKind::Service, "deploy", "burnin_cpu", 0, Effect::Idle),
    step(StepKind::Service, "deploy", "burnin_memory", 0, Effect::Idle),
    step(StepKind::Service, "deploy", "write_image", 0, Effect::WriteImage),
];

/// The answer to `get_*_steps`.
pub(super) fn list(kind: StepKind) -> Value {
    let steps: Vec<Value> = STEPS
        .iter()
        .filter(|step| step.kind == kind)
        .map(|step| {
            json!({
                "step": step.name,
                "interface": step.interface,
                "priority": step.priority,
                "reboot_requested": false,
                "abortable": true,
                "requires_ramdisk": true,
            })
        })
        .collect();
    json!({
        format!("{}_steps", kind.as_str()): {MANAGER: steps},
        "hardware_manager_version": versions(),
    })
}

/// The step a command asks for.
pub(super) fn find_step(kind: StepKind, params: &Value) -> Option<&'static Step> {
    let text = |name: &str| params.pointer(&format!("/step/{name}")).and_then(Value::as_str);
    let (interface, name) = (text("interface").unwrap_or("deploy"), text("step")?);
    STEPS.iter().find(|step| step.kind == kind && step.interface == interface && step.name == name)
}

/// Whether the caller listed the steps of another agent version; no version given is no disagreement.
pub(super) fn is_outdated(kind: StepKind, params: &Value) -> bool {
    match params.get(format!("{}_version", kind.as_str())) {
        None | Some(Value::Null) => false,
        Some(Value::Object(given)) => !given.is_empty() && *given != versions(),
        Some(_) => true,
    }
}

fn versions() -> Map<String, Value> {
    Map::from_iter([(MANAGER.to_owned(), json!(MANAGER_VERSION))])
}

impl StepKind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Deploy => "deploy",
            Self::Service => "service",
        }
    }

    /// The type of the error a failed step of this kind is wrapped in.
    pub(super) fn error_type(self) -> &'static str {
        match self {
            Self::Clean => "CleaningError",
            Self::Deploy => "DeploymentError",
            Self::Service => "ServicingError",
        }
    }
}
