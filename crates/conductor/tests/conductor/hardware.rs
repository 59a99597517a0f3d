//! Hardware that does what the test says, and notes what it was asked for.

use crate::log::Log;
use async_trait::async_trait;
use ferric_hardware::interface::{BootDevice, Health, PowerLook, RamdiskNetwork, Sensor, SensorKind};
use ferric_hardware::{
    Boot, Deploy, Generic, HardwareError, HardwareErrorKind, HardwareType, Inspect, InspectOutcome,
    Management, Network, NodeInterfaces, Power, Registry, Rescue, StepOutcome, Steps, TaskView, fake,
};
use ferric_model::node::Node;
use ferric_model::power::{PowerState, PowerTarget};
use ferric_model::report::{Observed, PortChange};
use ferric_model::step::{Step, StepKind};
use ferric_model::task::params::{AttachVif, AttachVirtualMedia};
use serde_json::json;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;
use uuid::Uuid;

/// What happens at one point.
#[derive(Debug, Clone)]
pub enum Reaction {
    Wait,
    BootRamdisk,
    Reboot,
    Again,
    RebootAndResume,
    Fail(HardwareErrorKind),
    /// The agent has other hardware managers than it had.
    Mismatch,
    Panic,
    /// Does not go on before the gate is opened; notes if it is given up.
    Gate(Gate),
}

/// Opens once.
#[derive(Debug, Clone)]
pub struct Gate(Arc<Semaphore>);

impl Gate {
    pub fn closed() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    pub fn open(&self) {
        self.0.add_permits(1000);
    }
}

/// Notes when the work at a gate is given up.
struct Abandoned<'a>(&'a Log, String, bool);

impl Drop for Abandoned<'_> {
    fn drop(&mut self) {
        if !self.2 {
            self.0.note(format!("abandoned {}", self.1));
        }
    }
}

#[derive(Debug, Clone)]
pub struct Script(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    log: Log,
    reactions: Mutex<BTreeMap<String, VecDeque<Reaction>>>,
    steps: Vec<(StepKind, Step)>,
    agent_steps: Vec<Step>,
    ramdisk: bool,
}

impl Script {
    pub fn new(log: Log, steps: Vec<(StepKind, Step)>, agent_steps: Vec<Step>, ramdisk: bool) -> Self {
        Self(Arc::new(Inner { log, reactions: Mutex::default(), steps, agent_steps, ramdisk }))
    }

    /// The next time `point` is reached, this happens.
    pub fn on(&self, point: &str, reaction: Reaction) {
        self.0.reactions.lock().unwrap().entry(point.to_owned()).or_default().push_back(reaction);
    }

    pub fn registry(&self) -> Registry {
        let fake = fake::hardware_type(Generic::default());
        Registry::default().with(HardwareType {
            name: "scripted",
            power: vec![("scripted", Arc::new(self.clone()) as Arc<dyn Power>)],
            management: vec![("scripted", Arc::new(self.clone()) as Arc<dyn Management>)],
            boot: vec![("scripted", Arc::new(self.clone()) as Arc<dyn Boot>)],
            deploy: vec![("scripted", Arc::new(self.clone()) as Arc<dyn Deploy>)],
            inspect: vec![("scripted", Arc::new(self.clone()) as Arc<dyn Inspect>)],
            network: vec![("scripted", Arc::new(self.clone()) as Arc<dyn Network>)],
            rescue: vec![("scripted", Arc::new(self.clone()) as Arc<dyn Rescue>)],
            // What has no script is as fake hardware has it. Its vendor interface, which has a clean step, only when a
            // node names it.
            vendor: fake.vendor.into_iter().rev().collect(),
            ..fake
        })
    }

    async fn reach(&self, point: impl Into<String>) -> Result<Option<Reaction>, HardwareError> {
        let point = point.into();
        self.0.log.note(&point);
        let reaction = self.0.reactions.lock().unwrap().get_mut(&point).and_then(VecDeque::pop_front);
        match reaction {
            Some(Reaction::Fail(kind)) => {
                Err(HardwareError::new(kind, "scripted", format!("{point} failed"), "ask the script")
                    .said("no"))
            }
            Some(Reaction::Mismatch) => Err(HardwareError::new(
                HardwareErrorKind::AgentFailed,
                "agent-version-mismatch",
                format!("{point} met another agent"),
                "start again",
            )),
            Some(Reaction::Panic) => panic!("{point} panicked"),
            Some(Reaction::Gate(gate)) => {
                let mut abandoned = Abandoned(&self.0.log, point, false);
                gate.0.acquire().await.unwrap().forget();
                abandoned.2 = true;
                Ok(None)
            }
            reaction => Ok(reaction),
        }
    }

    async fn plain(&self, point: &str) -> Result<Observed, HardwareError> {
        self.reach(point).await.map(|_| Observed::default())
    }

    async fn step(&self, point: String, step: &Step) -> Result<StepOutcome, HardwareError> {
        let reaction = self.reach(point).await?;
        let driver_internal_info =
            json!({ format!("saw_{}", step.step): true }).as_object().cloned().unwrap();
        let seen = Observed { driver_internal_info, ..Observed::default() };
        Ok(match reaction {
            Some(Reaction::Wait) => StepOutcome::Wait(seen),
            Some(Reaction::BootRamdisk) => StepOutcome::BootRamdisk(seen),
            Some(Reaction::Reboot) => StepOutcome::Reboot(seen),
            Some(Reaction::Again) => StepOutcome::Again(seen),
            Some(Reaction::RebootAndResume) => StepOutcome::RebootAndResume(seen),
            _ => StepOutcome::Done(seen),
        })
    }
}

#[async_trait]
impl Power for Script {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        match node.driver_info_str("broken") {
            Some(what) => Err(HardwareError::invalid(format!("{what} is missing"), "set it")),
            None => Ok(()),
        }
    }

    async fn get_power_state(&self, node: &Node) -> Result<Option<PowerState>, HardwareError> {
        self.reach(format!("power? {}", node.label())).await?;
        Ok(Some(node.power_state.unwrap_or(PowerState::Off)))
    }

    async fn look(&self, node: &Node) -> Result<PowerLook, HardwareError> {
        let power_state = self.get_power_state(node).await?;
        Ok(PowerLook { power_state, health: node.driver_info_str("health").map(str::to_owned) })
    }

    async fn set_power_state(
        &self,
        _: &TaskView,
        target: PowerTarget,
        timeout: Duration,
    ) -> Result<PowerState, HardwareError> {
        let point = match target {
            PowerTarget::SoftOff => format!("soft power off within {} s", timeout.as_secs()),
            target => target.as_str().to_owned(),
        };
        self.reach(point).await?;
        Ok(target.final_state())
    }

    fn supported_targets(&self) -> &'static [PowerTarget] {
        &[PowerTarget::On, PowerTarget::Off, PowerTarget::Reboot, PowerTarget::SoftOff]
    }
}

impl Steps for Script {}

#[async_trait]
impl Management for Script {
    fn validate(&self, _: &Node) -> Result<(), HardwareError> {
        Ok(())
    }

    async fn get_boot_device(&self, _: &TaskView) -> Result<BootDevice, HardwareError> {
        self.reach("boot device?").await?;
        Ok(BootDevice { boot_device: Some("disk".to_owned()), persistent: Some(true) })
    }

    async fn set_boot_device(
        &self,
        _: &TaskView,
        device: &str,
        persistent: bool,
    ) -> Result<Observed, HardwareError> {
        self.reach(format!("boot device {device} {persistent}")).await.map(|_| Observed::default())
    }

    async fn observe(&self, _: &TaskView) -> Result<Observed, HardwareError> {
        self.plain("observe").await
    }

    async fn set_boot_mode(&self, _: &TaskView, mode: &str) -> Result<Observed, HardwareError> {
        self.plain(&format!("boot mode {mode}")).await
    }

    async fn set_secure_boot(&self, _: &TaskView, on: bool) -> Result<Observed, HardwareError> {
        self.plain(&format!("secure boot {on}")).await
    }

    async fn inject_nmi(&self, _: &TaskView) -> Result<(), HardwareError> {
        self.reach("nmi").await.map(drop)
    }

    async fn sensors(&self, node: &Node) -> Result<Vec<Sensor>, HardwareError> {
        self.reach(format!("sensors? {}", node.label())).await?;
        let health = node.driver_info_str("health").and_then(Health::find);
        let fan = Sensor {
            kind: SensorKind::Fan,
            id: "fan".to_owned(),
            name: None,
            context: None,
            measured: None,
            health,
        };
        Ok(vec![fan])
    }

    async fn attach_virtual_media(
        &self,
        _: &TaskView,
        media: &AttachVirtualMedia,
    ) -> Result<Observed, HardwareError> {
        self.plain(&format!("insert {} from {}", media.device_type, media.image_url)).await
    }

    async fn detach_virtual_media(
        &self,
        _: &TaskView,
        device_types: Option<&[String]>,
    ) -> Result<Observed, HardwareError> {
        self.plain(&format!("eject {device_types:?}")).await
    }
}

#[async_trait]
impl Boot for Script {
    fn validate(&self, _: &Node) -> Result<(), HardwareError> {
        Ok(())
    }

    async fn prepare_ramdisk(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        assert_eq!(task.boot_url.as_deref(), Some("http://boot"));
        assert_eq!(task.agent_url(), None, "the old agent is forgotten before the new one boots");
        self.plain("prepare ramdisk").await
    }

    async fn clean_up_ramdisk(&self, _: &TaskView) -> Result<Observed, HardwareError> {
        self.plain("clean up ramdisk").await
    }

    async fn prepare_instance(&self, _: &TaskView) -> Result<Observed, HardwareError> {
        self.plain("prepare instance").await
    }

    async fn clean_up_instance(&self, _: &TaskView) -> Result<Observed, HardwareError> {
        self.plain("clean up instance").await
    }
}

#[async_trait]
impl Network for Script {
    fn validate(&self, _: &Node) -> Result<(), HardwareError> {
        Ok(())
    }

    async fn attach_vif(&self, _: &TaskView, vif: &AttachVif) -> Result<Observed, HardwareError> {
        self.plain(&format!("attach {}", vif.vif)).await.map(|_| port_change(&vif.vif))
    }

    async fn detach_vif(&self, _: &TaskView, vif: &str) -> Result<Observed, HardwareError> {
        self.plain(&format!("detach {vif}")).await
    }

    async fn enter_ramdisk_network(
        &self,
        _: &TaskView,
        network: RamdiskNetwork,
    ) -> Result<Observed, HardwareError> {
        self.plain(&format!("enter {}", network.as_str())).await
    }

    async fn leave_ramdisk_network(
        &self,
        _: &TaskView,
        network: RamdiskNetwork,
    ) -> Result<Observed, HardwareError> {
        self.plain(&format!("leave {}", network.as_str())).await
    }

    async fn connect_vifs(&self, _: &TaskView) -> Result<Observed, HardwareError> {
        self.plain("connect vifs").await
    }

    async fn disconnect_vifs(&self, _: &TaskView) -> Result<Observed, HardwareError> {
        self.plain("disconnect vifs").await
    }
}

fn port_change(vif: &str) -> Observed {
    let change = PortChange::of_port(Uuid::nil(), json!({"vif": vif}).as_object().cloned().unwrap());
    Observed { port_changes: vec![change], ..Observed::default() }
}

#[async_trait]
impl Deploy for Script {
    fn validate(&self, _: &Node) -> Result<(), HardwareError> {
        Ok(())
    }

    fn uses_ramdisk(&self, kind: StepKind, _: &Node) -> bool {
        self.0.ramdisk && kind != StepKind::Verify
    }

    fn steps(&self, kind: StepKind, _: &Node) -> Vec<Step> {
        self.0.steps.iter().filter(|row| row.0 == kind).map(|row| row.1.clone()).collect()
    }

    async fn agent_steps(&self, _: &TaskView, kind: StepKind) -> Result<Vec<Step>, HardwareError> {
        self.reach(format!("agent steps of {}", kind.as_str())).await?;
        Ok(self.0.agent_steps.clone())
    }

    async fn execute(
        &self,
        task: &TaskView,
        _: &NodeInterfaces,
        kind: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        if kind == StepKind::Deploy {
            assert_eq!(task.node.status.deploy_step, step.document(), "the running step is shown");
        }
        self.step(format!("do {}", step.step), step).await
    }

    async fn resume(
        &self,
        _: &TaskView,
        _: &NodeInterfaces,
        _: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        self.step(format!("look {}", step.step), step).await
    }

    async fn tear_down(&self, _: &TaskView, _: &NodeInterfaces) -> Result<Observed, HardwareError> {
        self.plain("tear down").await
    }
}

#[async_trait]
impl Inspect for Script {
    fn validate(&self, _: &Node) -> Result<(), HardwareError> {
        Ok(())
    }

    async fn inspect(&self, _: &TaskView, _: &NodeInterfaces) -> Result<InspectOutcome, HardwareError> {
        let seen = Observed { health: Some("OK".to_owned()), ..Observed::default() };
        Ok(match self.reach("inspect").await? {
            Some(Reaction::BootRamdisk) => InspectOutcome::BootRamdisk(seen),
            _ => InspectOutcome::Done(seen),
        })
    }
}

#[async_trait]
impl Rescue for Script {
    fn validate(&self, _: &Node) -> Result<(), HardwareError> {
        Ok(())
    }

    fn boots_ramdisk(&self, _: &Node) -> bool {
        self.0.ramdisk
    }

    async fn rescue(&self, _: &TaskView) -> Result<Observed, HardwareError> {
        self.plain("rescue").await
    }

    async fn unrescue(&self, _: &TaskView) -> Result<Observed, HardwareError> {
        self.plain("unrescue").await
    }
}
