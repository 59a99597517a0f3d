//! BIOS settings: reading them, and changing them for the next boot.

use crate::client::{Access, Pace, RedfishClients, Result, json};
use crate::resource::{AttributeRegistry, Bios as BiosResource, ServiceRoot, plain_value};
use async_trait::async_trait;
use ferric_hardware::interface::{Bios, StepArg};
use ferric_hardware::{HardwareError, HardwareErrorKind, NodeInterfaces, StepOutcome, Steps, TaskView};
use ferric_model::bios::BiosSettings;
use ferric_model::failure::code;
use ferric_model::hardware::InterfaceKind;
use ferric_model::node::Node;
use ferric_model::power::PowerTarget;
use ferric_model::report::Observed;
use ferric_model::step::{Step, StepKind};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The BIOS interface `redfish`.
#[derive(Debug, Clone)]
pub struct RedfishBios(Arc<RedfishClients>);

/// Its steps; nobody runs them by itself.
const STEPS: [&str; 2] = ["apply_configuration", "factory_reset"];

/// How long a reboot may take that brings settings into force.
const POWER_TIMEOUT: Duration = Duration::from_secs(120);

/// How long firmware may take to bring settings into force after the reboot began.
const APPLY_TIMEOUT: Duration = Duration::from_secs(1_800);

const SETTINGS: [StepArg; 1] = [StepArg {
    name: "settings",
    description: "a list of BIOS settings, each an object with a name and a value",
    required: true,
}];

impl RedfishBios {
    /// BIOS through these clients.
    pub const fn new(clients: Arc<RedfishClients>) -> Self {
        Self(clients)
    }
}

#[async_trait]
impl Steps for RedfishBios {
    fn steps(&self, kind: StepKind, _: &Node) -> Vec<Step> {
        let offered = matches!(kind, StepKind::Clean | StepKind::Deploy | StepKind::Service);
        let step = |name| Step { requires_ramdisk: false, ..Step::new(InterfaceKind::Bios, name, 0) };
        STEPS.into_iter().filter(|_| offered).map(step).collect()
    }

    fn step_args(&self, step: &str) -> &'static [StepArg] {
        if step == "apply_configuration" { &SETTINGS } else { &[] }
    }

    async fn execute_step(
        &self,
        task: &TaskView,
        interfaces: &NodeInterfaces,
        _: StepKind,
        step: &Step,
    ) -> std::result::Result<StepOutcome, HardwareError> {
        let access = self.0.open(&task.node)?;
        let wanted = match step.step.as_str() {
            "apply_configuration" => request_settings(&access, step).await?,
            _ => request_defaults(&access).await?,
        };
        if task.agent_url().is_some() {
            // The ramdisk of the flow runs and is to run again; the settings are in force when it does.
            return Ok(StepOutcome::Reboot(Observed::default()));
        }
        interfaces.power.set_power_state(task, PowerTarget::Reboot, POWER_TIMEOUT).await?;
        let bios = await_settings(&access, &wanted).await?;
        Ok(StepOutcome::Done(Observed { bios: Some(bios), ..Observed::default() }))
    }
}

#[async_trait]
impl Bios for RedfishBios {
    fn validate(&self, node: &Node) -> std::result::Result<(), HardwareError> {
        self.0.open(node).map(drop)
    }

    async fn read_settings(
        &self,
        task: &TaskView,
    ) -> std::result::Result<Option<BiosSettings>, HardwareError> {
        let access = self.0.open(&task.node)?;
        let Some(bios) = find(&access).await? else { return Ok(None) };
        let registry = find_registry(&access, &bios).await?;
        Ok(Some(bios.settings(registry.as_ref())))
    }
}

async fn find(access: &Access) -> Result<Option<BiosResource>> {
    let system = access.system().await?;
    match system.bios() {
        Some(path) => Ok(access.bmc.find(path).await?.map(BiosResource)),
        None => Ok(None),
    }
}

async fn get(access: &Access) -> std::result::Result<BiosResource, HardwareError> {
    let found = find(access).await?;
    found.ok_or_else(|| HardwareError::unsupported("the BMC does not show the BIOS settings of the system"))
}

/// The registry that describes the settings, in whatever language comes first.
async fn find_registry(access: &Access, bios: &BiosResource) -> Result<Option<AttributeRegistry>> {
    let root = access.bmc.root().await?;
    let root = ServiceRoot(&root);
    let (Some(wanted), Some(collection)) = (bios.registry(), root.registries()) else { return Ok(None) };
    for path in access.bmc.find_members(collection).await?.unwrap_or_default() {
        // The path ends in the name of the registry, on most firmware without its version.
        let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        if !wanted.starts_with(name.split('.').next().unwrap_or(name)) {
            continue;
        }
        let Some(file) = access.bmc.find(&path).await? else { continue };
        if json::text(&file.body, &["Registry"]).is_some_and(|registry| registry != wanted) {
            continue;
        }
        let location = json::list(&file.body, &["Location"]).first();
        if let Some(uri) = location.and_then(|location| json::text(location, &["Uri"])) {
            return Ok(access.bmc.find(uri).await?.map(AttributeRegistry));
        }
    }
    Ok(None)
}

/// Asks for the settings of a step; gives those that are to be in force afterwards.
async fn request_settings(
    access: &Access,
    step: &Step,
) -> std::result::Result<Map<String, Value>, HardwareError> {
    let bios = get(access).await?;
    let present = bios.attributes().cloned().unwrap_or_default();
    let wanted = wanted(step, &present)?;
    let changed: Map<String, Value> = wanted
        .iter()
        .filter(|(name, value)| present.get(*name) != Some(*value))
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect();
    if !changed.is_empty() {
        let path = bios.settings_object().unwrap_or(&bios.0.path);
        let etag = access.bmc.find(path).await?.and_then(|resource| resource.etag);
        let body = json!({"Attributes": changed});
        let accepted = access.bmc.patch(path, etag.as_deref(), &body, &[]).await?;
        access.bmc.settle(&accepted, access.bmc.config().task_timeout(), &[]).await?;
    }
    Ok(wanted)
}

async fn request_defaults(access: &Access) -> std::result::Result<Map<String, Value>, HardwareError> {
    let bios = get(access).await?;
    let reset = bios
        .reset()
        .ok_or_else(|| HardwareError::unsupported("the BMC does not offer to reset the BIOS settings"))?;
    let accepted = access.bmc.post(&reset.target, &json!({}), &[]).await?;
    access.bmc.settle(&accepted, access.bmc.config().task_timeout(), &[]).await?;
    Ok(Map::new())
}

/// The settings of a step, each in the type that the BMC has for it.
fn wanted(
    step: &Step,
    present: &Map<String, Value>,
) -> std::result::Result<Map<String, Value>, HardwareError> {
    let items = step.args.get("settings").and_then(Value::as_array).filter(|items| !items.is_empty());
    let malformed = || {
        HardwareError::invalid(
            "the BIOS settings to apply are not a list of names and values",
            "give each setting as an object with a name and a value",
        )
    };
    let mut wanted = Map::new();
    for item in items.ok_or_else(malformed)? {
        let name = item.get("name").and_then(Value::as_str).ok_or_else(malformed)?;
        let value = item.get("value").ok_or_else(malformed)?;
        let Some(known) = present.get(name) else {
            return Err(HardwareError::invalid(
                format!("the BIOS has no setting '{name}'"),
                "choose among the node's BIOS settings",
            ));
        };
        wanted.insert(name.to_owned(), typed(value, known));
    }
    Ok(wanted)
}

/// A value in the type of the present one, where it can be read as that.
fn typed(value: &Value, known: &Value) -> Value {
    let text = plain_value(value);
    let read = match known {
        Value::Number(_) => text.trim().parse::<i64>().ok().map(Value::from),
        Value::Bool(_) => text.trim().to_lowercase().parse::<bool>().ok().map(Value::from),
        Value::String(_) => Some(text.into()),
        _ => None,
    };
    read.unwrap_or_else(|| value.clone())
}

/// Waits until the BMC shows the settings to be in force, and gives all of them.
async fn await_settings(
    access: &Access,
    wanted: &Map<String, Value>,
) -> std::result::Result<BiosSettings, HardwareError> {
    let deadline = Instant::now() + APPLY_TIMEOUT;
    let mut pace = Pace::of_looks(access.bmc.config());
    loop {
        let bios = get(access).await?;
        let present = bios.attributes().cloned().unwrap_or_default();
        let missing: Vec<&str> = wanted
            .iter()
            .filter(|(name, value)| present.get(*name) != Some(*value))
            .map(|(name, _)| name.as_str())
            .collect();
        if missing.is_empty() {
            let registry = find_registry(access, &bios).await?;
            return Ok(bios.settings(registry.as_ref()));
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(HardwareError::new(
                HardwareErrorKind::Timeout,
                code::BIOS_SETTINGS_NOT_APPLIED,
                format!("the BIOS did not take on the settings {}", missing.join(", ")),
                "look at the node's console and into the BMC's log; the values may depend on other settings",
            ));
        }
        sleep(pace.next_pause().min(left)).await;
    }
}
