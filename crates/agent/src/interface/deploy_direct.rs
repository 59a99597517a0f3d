//! `direct`: the agent fetches a whole-disk image and writes it, and cleans.

use super::agent_step::{Found, StepCommand};
use super::image_order::ImageOrder;
use super::node_document;
use super::prepare_instance_boot::prepare_instance_boot;
use super::remembered::{forget_agent, forget_flow};
use super::steps::{OwnStep, read_steps};
use super::tear_down_agent::{is_off, tear_down_agent};
use crate::client::{AgentError, Agents};
use async_trait::async_trait;
use ferric_artifacts::source::Sources;
use ferric_hardware::interface::RamdiskNetwork;
use ferric_hardware::{Deploy, HardwareError, NodeInterfaces, StepOutcome, TaskView};
use ferric_model::node::Node;
use ferric_model::power::{PowerState, PowerTarget};
use ferric_model::report::Observed;
use ferric_model::step::{Step, StepKind, StepOrigin};
use serde_json::Value;
use std::sync::Arc;

/// The deploy interface `direct`.
#[derive(Debug, Clone)]
pub struct DeployDirect {
    agents: Agents,
    sources: Sources,
}

/// The deploy interface `direct`, for the composition of hardware types.
pub fn deploy_direct(agents: Agents, sources: Sources) -> Arc<dyn Deploy> {
    Arc::new(DeployDirect { agents, sources })
}

#[async_trait]
impl Deploy for DeployDirect {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        ImageOrder::read(node, self.agents.config()).map(|_| ())
    }

    fn uses_ramdisk(&self, kind: StepKind, _node: &Node) -> bool {
        kind != StepKind::Verify
    }

    fn steps(&self, kind: StepKind, _node: &Node) -> Vec<Step> {
        if kind == StepKind::Deploy { OwnStep::all().collect() } else { Vec::new() }
    }

    async fn agent_steps(&self, task: &TaskView, kind: StepKind) -> Result<Vec<Step>, HardwareError> {
        if !self.uses_ramdisk(kind, &task.node) {
            return Ok(Vec::new());
        }
        let name = format!("{0}.get_{0}_steps", kind.as_str());
        let client = self.agents.client(task)?;
        match client.run(&name, node_document::parameters(task).into()).await {
            Ok(result) => Ok(read_steps(kind, &name, &result, self.agents.config())?),
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
        match own(step) {
            None if step.origin == StepOrigin::Agent => self.begin_agent_step(task, kind, step).await,
            None => Err(not_ours(step)),
            Some(OwnStep::Deploy) => {
                let order = ImageOrder::read(&task.node, self.agents.config())?;
                order.check(&self.sources, self.agents.config()).await?;
                Ok(StepOutcome::BootRamdisk(forget_flow(task)))
            }
            Some(OwnStep::WriteImage) => self.begin_write_image(task, kind, step).await,
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
        match own(step) {
            None if step.origin == StepOrigin::Conductor => Err(not_ours(step)),
            None | Some(OwnStep::WriteImage) => {
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

impl DeployDirect {
    async fn begin_agent_step(
        &self,
        task: &TaskView,
        kind: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        let command = StepCommand::execute_step(&self.agents, task, kind, step);
        let mut params = node_document::parameters(task);
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

    async fn begin_write_image(
        &self,
        task: &TaskView,
        kind: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        let config = self.agents.config();
        let order = ImageOrder::read(&task.node, config)?;
        let args = order.arguments(&task.node, &self.sources, config).await?;
        self.begin_agent_step(task, kind, &Step { args, ..step.clone() }).await
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

/// The step of the conductor that this is, if it is one.
fn own(step: &Step) -> Option<OwnStep> {
    OwnStep::find(step).filter(|_| step.origin == StepOrigin::Conductor)
}

fn not_ours(step: &Step) -> HardwareError {
    HardwareError::unsupported(format!("the deploy interface 'direct' has no step '{}'", step.label()))
}
