//! The deploy interfaces in which the agent has a part: it writes what is to be written, and cleans.

use super::agent_step::{Found, StepCommand};
use super::autodetect::AutodetectDeploy;
use super::configdrive::{check_configdrive, configdrive};
use super::image_order::{ImageOrder, failed, pull_secret};
use super::kind::{DeployKind, oci_source};
use super::node_document;
use super::prepare_instance_boot::prepare_instance_boot;
use super::ramdisk_boot;
use super::remembered::{forget_agent, forget_flow};
use super::steps::{OwnStep, read_steps};
use super::tear_down_agent::{is_off, tear_down_agent};
use crate::client::{AgentError, Agents};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ferric_artifacts::image::{ImageSource, Images};
use ferric_hardware::interface::RamdiskNetwork;
use ferric_hardware::registry::Implementations;
use ferric_hardware::{Deploy, HardwareError, NodeInterfaces, StepOutcome, TaskView};
use ferric_model::JsonMap;
use ferric_model::node::Node;
use ferric_model::power::{PowerState, PowerTarget};
use ferric_model::report::Observed;
use ferric_model::step::{Step, StepKind, StepOrigin};
use serde_json::Value;
use std::sync::Arc;

/// A deploy interface of this crate.
#[derive(Debug, Clone)]
pub struct AgentDeploy {
    kind: DeployKind,
    agents: Agents,
    images: Images,
}

/// The deploy interfaces of this crate, for the composition of hardware types.
pub fn deploy_interfaces(agents: &Agents, images: &Images) -> Implementations<dyn Deploy> {
    let each = DeployKind::ALL.into_iter().map(|kind| {
        let deploy: Arc<dyn Deploy> = Arc::new(AgentDeploy::new(kind, agents.clone(), images.clone()));
        (kind.name(), deploy)
    });
    let autodetect: Arc<dyn Deploy> = Arc::new(AutodetectDeploy::new(agents, images));
    each.chain([("autodetect", autodetect)]).collect()
}

impl AgentDeploy {
    /// The deploy interface of this kind.
    pub const fn new(kind: DeployKind, agents: Agents, images: Images) -> Self {
        Self { kind, agents, images }
    }

    /// Which one it is.
    pub const fn kind(&self) -> DeployKind {
        self.kind
    }
}

#[async_trait]
impl Deploy for AgentDeploy {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        match self.kind {
            DeployKind::Direct => ImageOrder::read(node, self.images.config()).map(drop),
            DeployKind::Bootc => container(node).map(drop).and_then(|()| check_configdrive(node)),
            DeployKind::Ramdisk => ramdisk_boot::validate(node),
            DeployKind::CustomAgent => check_configdrive(node),
        }
    }

    fn uses_ramdisk(&self, kind: StepKind, _node: &Node) -> bool {
        kind != StepKind::Verify && (self.kind, kind) != (DeployKind::Ramdisk, StepKind::Deploy)
    }

    fn boots_from_disk(&self, _node: &Node) -> bool {
        self.kind != DeployKind::Ramdisk
    }

    fn steps(&self, kind: StepKind, _node: &Node) -> Vec<Step> {
        if kind == StepKind::Deploy { OwnStep::all(self.kind).collect() } else { Vec::new() }
    }

    async fn agent_steps(&self, task: &TaskView, kind: StepKind) -> Result<Vec<Step>, HardwareError> {
        if !self.uses_ramdisk(kind, &task.node) {
            return Ok(Vec::new());
        }
        let name = format!("{0}.get_{0}_steps", kind.as_str());
        let client = self.agents.client(task)?;
        match client.run(&name, node_document::parameters(task, self.agents.config()).into()).await {
            Ok(result) => Ok(read_steps(self.kind, kind, &name, &result, self.agents.config())?),
            // Agents had no steps of service once.
            Err(AgentError::Refused { .. }) if kind == StepKind::Service => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }

    async fn execute(
        &self,
        task: &TaskView,
        interfaces: &NodeInterfaces,
        kind: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        let timeout = self.agents.config().power_timeout();
        match self.own(step) {
            None if step.origin == StepOrigin::Agent => self.begin_agent_step(task, kind, step).await,
            None => Err(self.not_ours(step)),
            Some(OwnStep::Deploy) => {
                self.check(task).await?;
                Ok(StepOutcome::BootRamdisk(forget_flow(task)))
            }
            Some(OwnStep::BootImage) => ramdisk_boot::boot(task, interfaces, timeout).await,
            Some(OwnStep::WriteImage) => {
                let order = ImageOrder::read(&task.node, self.images.config())?;
                let args = order.arguments(task, &self.images).await?;
                self.begin_agent_step(task, kind, &Step { args, ..step.clone() }).await
            }
            Some(OwnStep::InstallContainer) => {
                let args = container_arguments(&task.node).await?;
                self.begin_agent_step(task, kind, &Step { args, ..step.clone() }).await
            }
            Some(OwnStep::SetBootToDisk) => {
                Ok(StepOutcome::Done(interfaces.boot.prepare_instance(task).await?))
            }
            Some(OwnStep::PrepareInstanceBoot) => {
                prepare_instance_boot(&self.agents, task, interfaces, step, false).await
            }
            Some(OwnStep::TearDownAgent) => tear_down_agent(&self.agents, task, interfaces).await,
            Some(OwnStep::SwitchToTenantNetwork) => {
                let network = &interfaces.network;
                let mut seen = network.leave_ramdisk_network(task, RamdiskNetwork::Provisioning).await?;
                let connected = network.connect_vifs(task).await?;
                seen.port_changes.extend(connected.port_changes);
                Ok(StepOutcome::Done(seen))
            }
            Some(OwnStep::BootInstance) => self.boot_instance(task, interfaces).await,
        }
    }

    async fn resume(
        &self,
        task: &TaskView,
        interfaces: &NodeInterfaces,
        kind: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        match self.own(step) {
            None if step.origin == StepOrigin::Conductor => Err(self.not_ours(step)),
            None | Some(OwnStep::WriteImage | OwnStep::InstallContainer) => {
                let command = StepCommand::execute_step(&self.agents, task, kind, step);
                match command.look().await? {
                    Found::NotBegun => self.execute(task, interfaces, kind, step).await,
                    Found::Running(id) => Ok(command.waiting(id.as_deref())),
                    Found::Ended { restarted, .. } => Ok(command.ended(restarted)),
                }
            }
            Some(OwnStep::PrepareInstanceBoot) => {
                prepare_instance_boot(&self.agents, task, interfaces, step, true).await
            }
            Some(OwnStep::TearDownAgent)
                if !task.node.spec.disable_power_off && is_off(task, interfaces).await? =>
            {
                let power_state = Some(PowerState::Off);
                Ok(StepOutcome::Done(Observed { power_state, ..forget_agent(task) }))
            }
            Some(
                OwnStep::Deploy
                | OwnStep::BootImage
                | OwnStep::SetBootToDisk
                | OwnStep::TearDownAgent
                | OwnStep::SwitchToTenantNetwork
                | OwnStep::BootInstance,
            ) => self.execute(task, interfaces, kind, step).await,
        }
    }

    async fn tear_down(
        &self,
        task: &TaskView,
        interfaces: &NodeInterfaces,
    ) -> Result<Observed, HardwareError> {
        let power_state = if task.node.spec.disable_power_off {
            None
        } else {
            let timeout = self.agents.config().power_timeout();
            Some(interfaces.power.set_power_state(task, PowerTarget::Off, timeout).await?)
        };
        let mut observed = interfaces.boot.clean_up_instance(task).await?;
        observed.power_state = power_state.or(observed.power_state);
        Ok(observed)
    }
}

impl AgentDeploy {
    /// Looks whether everything that is not on the node can be had.
    async fn check(&self, task: &TaskView) -> Result<(), HardwareError> {
        match self.kind {
            DeployKind::Direct => {
                let order = ImageOrder::read(&task.node, self.images.config())?;
                order.check(task, &self.images).await
            }
            DeployKind::Bootc | DeployKind::CustomAgent | DeployKind::Ramdisk => self.validate(&task.node),
        }
    }

    /// The step of the conductor that this is, if it is one.
    fn own(&self, step: &Step) -> Option<OwnStep> {
        OwnStep::find(self.kind, step).filter(|_| step.origin == StepOrigin::Conductor)
    }

    fn not_ours(&self, step: &Step) -> HardwareError {
        HardwareError::unsupported(format!(
            "the deploy interface '{}' has no step '{}'",
            self.kind.name(),
            step.label()
        ))
    }

    async fn begin_agent_step(
        &self,
        task: &TaskView,
        kind: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        let command = StepCommand::execute_step(&self.agents, task, kind, step);
        let mut params = node_document::parameters(task, self.agents.config());
        params.insert("step".to_owned(), Value::Object(step.document()));
        let outcome = command
            .begin(|known| {
                let version = command.version_parameter(known);
                params.insert(format!("{}_version", kind.as_str()), version);
                params.into()
            })
            .await?;
        Ok(outcome)
    }

    /// Switches the instance on, or restarts a node that could not be switched off.
    async fn boot_instance(
        &self,
        task: &TaskView,
        interfaces: &NodeInterfaces,
    ) -> Result<StepOutcome, HardwareError> {
        let target = if task.node.spec.disable_power_off { PowerTarget::Reboot } else { PowerTarget::On };
        let timeout = self.agents.config().power_timeout();
        let state = interfaces.power.set_power_state(task, target, timeout).await?;
        Ok(StepOutcome::Done(Observed { power_state: Some(state), ..forget_agent(task) }))
    }
}

/// The container that is to be installed.
fn container(node: &Node) -> Result<&str, HardwareError> {
    let source = oci_source(node).ok_or_else(|| {
        HardwareError::invalid(
            format!(
                "instance_info of node {} names no container: image_source has to be an oci:// URL",
                node.uuid
            ),
            "set instance_info/image_source to oci://registry/name:tag",
        )
    })?;
    ImageSource::parse(source).map_err(failed)?;
    Ok(source)
}

/// The arguments of the agent's step `execute_bootc_install`; they hold secrets.
async fn container_arguments(node: &Node) -> Result<JsonMap, HardwareError> {
    let secret = pull_secret(node).map(|secret| {
        let secret = secret.expose();
        // The agent writes what it decodes into an authentication file, where user and password are encoded once more.
        let auth = if secret.contains(':') { STANDARD.encode(secret) } else { secret.clone() };
        STANDARD.encode(auth)
    });
    let drive = configdrive(node).await?;
    Ok(JsonMap::from_iter([
        ("image_source".to_owned(), container(node)?.into()),
        ("configdrive".to_owned(), drive.map_or(Value::Null, Value::String)),
        ("oci_pull_secret".to_owned(), secret.map_or(Value::Null, Value::String)),
    ]))
}
