//! BIOS settings: reading them, and changing them for the next boot.

use super::bios_wanted::wanted;
use super::notes::Notes;
use super::reboot;
use crate::client::{Access, Pace, RedfishClients, Result, json};
use crate::resource::{AttributeRegistry, Bios as BiosResource, ServiceRoot};
use async_trait::async_trait;
use ferric_hardware::interface::{Bios, StepArg};
use ferric_hardware::{HardwareError, HardwareErrorKind, NodeInterfaces, StepOutcome, Steps, TaskView};
use ferric_model::bios::BiosSettings;
use ferric_model::failure::code;
use ferric_model::hardware::InterfaceKind;
use ferric_model::node::Node;
use ferric_model::report::Observed;
use ferric_model::step::{Step, StepKind};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use tokio::time::{Instant, sleep};

/// The BIOS interface `redfish`.
#[derive(Debug, Clone)]
pub struct RedfishBios(Arc<RedfishClients>);

/// Its steps; nobody runs them by itself.
const STEPS: [&str; 2] = ["apply_configuration", "factory_reset"];

const NOTES: Notes = Notes("redfish_bios");

/// Settings that were asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Requested {
    /// Those that are to be in force in the end.
    settings: Map<String, Value>,
    /// Whether the node was rebooted since.
    rebooted: bool,
}

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
        _: &NodeInterfaces,
        _: StepKind,
        step: &Step,
    ) -> std::result::Result<StepOutcome, HardwareError> {
        let access = self.0.open(&task.node)?;
        let settings = match step.step.as_str() {
            "apply_configuration" => match request_settings(&access, step).await? {
                Asked::Nothing(settings) => return Ok(done(settings)),
                Asked::For(settings) => settings,
            },
            _ => request_defaults(&access).await?,
        };
        let requested = Requested { settings, rebooted: false };
        Ok(StepOutcome::Again(NOTES.keep(task, step, &requested)))
    }

    async fn resume_step(
        &self,
        task: &TaskView,
        interfaces: &NodeInterfaces,
        kind: StepKind,
        step: &Step,
    ) -> std::result::Result<StepOutcome, HardwareError> {
        match NOTES.read::<Requested>(task, step) {
            // To ask once more for the same settings changes nothing.
            None => self.execute_step(task, interfaces, kind, step).await,
            Some(requested) if !requested.rebooted => {
                let requested = Requested { rebooted: true, ..requested };
                reboot(task, interfaces, NOTES.keep(task, step, &requested)).await
            }
            Some(requested) => {
                let access = self.0.open(&task.node)?;
                let config = access.bmc.config();
                // When the ramdisk is heard of, the firmware has long taken on what it took on.
                let within =
                    if task.agent_url().is_some() { config.task_timeout() } else { config.bios_timeout() };
                Ok(done(await_settings(&access, &requested.settings, Instant::now() + within).await?))
            }
        }
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
        let name = json::last_segment(&path);
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

/// What a step asked the BMC for.
enum Asked {
    /// Nothing: the settings, which are all, are in force.
    Nothing(BiosSettings),
    /// These settings.
    For(Map<String, Value>),
}

fn done(settings: BiosSettings) -> StepOutcome {
    StepOutcome::Done(Observed { bios: Some(settings), ..NOTES.forget() })
}

/// Asks for the settings of a step. What is in force already and is not about to change needs no reboot.
async fn request_settings(access: &Access, step: &Step) -> std::result::Result<Asked, HardwareError> {
    let bios = get(access).await?;
    let registry = find_registry(access, &bios).await?;
    let described = bios.settings(registry.as_ref());
    let present = bios.attributes().cloned().unwrap_or_default();
    let wanted = wanted(step, &present, &described)?;
    let pending = Pending::read(access, &bios).await?;
    let changed: Map<String, Value> = wanted
        .iter()
        .filter(|(name, value)| pending.value(name).or_else(|| present.get(*name)) != Some(*value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let in_force = wanted.iter().all(|(name, value)| present.get(name) == Some(value));
    if changed.is_empty() && in_force {
        return Ok(Asked::Nothing(described));
    }
    if !changed.is_empty() {
        let mut body = json!({"Attributes": changed});
        if bios.applies_at("OnReset") {
            body["@Redfish.SettingsApplyTime"] =
                json!({"@odata.type": "#Settings.v1_0_0.PreferredApplyTime", "ApplyTime": "OnReset"});
        }
        let accepted = access.bmc.patch(&pending.path, pending.etag.as_deref(), &body, &[]).await?;
        access.bmc.settle(&accepted, access.bmc.config().task_timeout(), &[]).await?;
    }
    Ok(Asked::For(wanted))
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

/// Settings for the next boot.
struct Pending {
    /// Where they are written.
    path: String,
    etag: Option<String>,
    values: Map<String, Value>,
}

impl Pending {
    /// Those that differ from what is in force; some firmware shows all of them.
    async fn read(access: &Access, bios: &BiosResource) -> Result<Self> {
        let path = bios.settings_object().unwrap_or(&bios.0.path).to_owned();
        let found = access.bmc.find(&path).await?;
        let etag = found.as_ref().and_then(|resource| resource.etag.clone());
        let attributes = found.map(BiosResource).and_then(|settings| settings.attributes().cloned());
        let mut values = attributes.unwrap_or_default();
        values.retain(|name, value| {
            !value.is_null() && bios.attributes().and_then(|all| all.get(name)) != Some(value)
        });
        Ok(Self { path, etag, values })
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }
}

/// Waits until the BMC shows the settings to be in force and nothing of them left for a later boot, and gives all of them.
async fn await_settings(
    access: &Access,
    wanted: &Map<String, Value>,
    deadline: Instant,
) -> std::result::Result<BiosSettings, HardwareError> {
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
            let pending = Pending::read(access, &bios).await?;
            let waiting: Vec<&str> =
                missing.iter().copied().filter(|name| pending.value(name).is_some()).collect();
            let said = if waiting.is_empty() {
                String::new()
            } else {
                format!("still waiting for a reboot are {}", waiting.join(", "))
            };
            return Err(HardwareError::new(
                HardwareErrorKind::Timeout,
                code::BIOS_SETTINGS_NOT_APPLIED,
                format!("the BIOS did not take on the settings {}", missing.join(", ")),
                "look at the node's console and into the BMC's log; the values may depend on other settings",
            )
            .said(said));
        }
        sleep(pace.next_pause().min(left)).await;
    }
}
