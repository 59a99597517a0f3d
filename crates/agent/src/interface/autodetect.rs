//! `autodetect`: each deployment is carried out as its instance_info wants it.
//!
//! The node's deploy interface stays what it is; what was chosen shows in `driver_internal_info`. So there is nothing to
//! restore, whatever happens between a deployment and the cleaning after it.

use super::deploy::AgentDeploy;
use super::image_order::{failed, pull_secret};
use super::kind::{DeployKind, oci_source, text};
use crate::client::Agents;
use async_trait::async_trait;
use ferric_artifacts::image::{ImageSource, Images};
use ferric_artifacts::oci::OciKind;
use ferric_hardware::{Deploy, HardwareError, NodeInterfaces, StepOutcome, TaskView};
use ferric_model::node::Node;
use ferric_model::report::Observed;
use ferric_model::step::{Step, StepKind, StepOrigin};
use serde_json::{Value, json};

/// Key of `driver_internal_info`: which interface a deployment uses, and for which image that was found out.
const DETECTED: &str = "detected_deploy_interface";

/// The deploy interface `autodetect`.
#[derive(Debug)]
pub struct AutodetectDeploy {
    /// In the order in which they are tried.
    candidates: Vec<AgentDeploy>,
    /// For nodes that fit none: it says what is missing, and cleans.
    fallback: AgentDeploy,
    images: Images,
}

impl AutodetectDeploy {
    /// Tries what the configuration names, in its order.
    pub fn new(agents: &Agents, images: &Images) -> Self {
        let deploy = |kind| AgentDeploy::new(kind, agents.clone(), images.clone());
        let candidates =
            agents.config().autodetect_deploy_interfaces.iter().map(|kind| deploy(*kind)).collect();
        Self { candidates, fallback: deploy(DeployKind::Direct), images: images.clone() }
    }

    /// The interface for a node, as far as it is known.
    fn chosen(&self, node: &Node) -> &AgentDeploy {
        let remembered = remembered(node);
        let known = self.candidates.iter().find(|candidate| Some(candidate.kind().name()) == remembered);
        known.or_else(|| self.fitting(node)).unwrap_or(&self.fallback)
    }

    fn fitting(&self, node: &Node) -> Option<&AgentDeploy> {
        self.candidates.iter().find(|candidate| candidate.kind().fits(node))
    }

    /// Asks the registry where nobody else knows.
    async fn detect(&self, node: &Node) -> Result<&AgentDeploy, HardwareError> {
        let bootc = self.candidates.iter().position(|candidate| candidate.kind() == DeployKind::Bootc);
        let other = self.candidates.iter().position(|candidate| candidate.kind().fits(node));
        if let (Some(bootc), Some(source)) = (bootc, oci_source(node))
            && other.is_none_or(|other| bootc < other || self.candidates[other].kind() == DeployKind::Direct)
            && let ImageSource::Oci(reference) = ImageSource::parse(source).map_err(failed)?
        {
            let arch = text(&node.spec.properties, "cpu_arch");
            let found =
                self.images.oci(&reference, pull_secret(node).as_ref(), arch).await.map_err(failed)?;
            if matches!(found.kind, OciKind::Container) {
                return Ok(&self.candidates[bootc]);
            }
        }
        Ok(self.fitting(node).unwrap_or(&self.fallback))
    }
}

/// What was found out about the image that the node has now.
fn remembered(node: &Node) -> Option<&str> {
    let found = node.status.driver_internal_info.get(DETECTED)?;
    let same = found["image_source"].as_str() == text(&node.spec.instance_info, "image_source");
    found["interface"].as_str().filter(|_| same)
}

#[async_trait]
impl Deploy for AutodetectDeploy {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        self.chosen(node).validate(node)
    }

    fn uses_ramdisk(&self, kind: StepKind, node: &Node) -> bool {
        self.chosen(node).uses_ramdisk(kind, node)
    }

    fn boots_from_disk(&self, node: &Node) -> bool {
        self.chosen(node).boots_from_disk(node)
    }

    fn steps(&self, kind: StepKind, node: &Node) -> Vec<Step> {
        self.chosen(node).steps(kind, node)
    }

    async fn agent_steps(&self, task: &TaskView, kind: StepKind) -> Result<Vec<Step>, HardwareError> {
        self.chosen(&task.node).agent_steps(task, kind).await
    }

    async fn execute(
        &self,
        task: &TaskView,
        interfaces: &NodeInterfaces,
        kind: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        let begins =
            kind == StepKind::Deploy && step.step == "deploy" && step.origin == StepOrigin::Conductor;
        if !begins {
            return self.chosen(&task.node).execute(task, interfaces, kind, step).await;
        }
        let deploy = self.detect(&task.node).await?;
        tracing::info!(node.uuid = %task.node.uuid, interface = deploy.kind().name(), "deploy interface detected");
        let outcome = deploy.execute(task, interfaces, kind, step).await?;
        let found = json!({
            "interface": deploy.kind().name(),
            "image_source": text(&task.node.spec.instance_info, "image_source"),
        });
        Ok(with(outcome, DETECTED, found))
    }

    async fn resume(
        &self,
        task: &TaskView,
        interfaces: &NodeInterfaces,
        kind: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        if kind == StepKind::Deploy && step.step == "deploy" && step.origin == StepOrigin::Conductor {
            return self.execute(task, interfaces, kind, step).await;
        }
        self.chosen(&task.node).resume(task, interfaces, kind, step).await
    }

    async fn tear_down(
        &self,
        task: &TaskView,
        interfaces: &NodeInterfaces,
    ) -> Result<Observed, HardwareError> {
        let mut observed = self.chosen(&task.node).tear_down(task, interfaces).await?;
        observed.driver_internal_info.insert(DETECTED.to_owned(), Value::Null);
        Ok(observed)
    }
}

fn with(outcome: StepOutcome, key: &str, value: Value) -> StepOutcome {
    let add = |mut observed: Observed| {
        observed.driver_internal_info.insert(key.to_owned(), value);
        observed
    };
    match outcome {
        StepOutcome::Done(observed) => StepOutcome::Done(add(observed)),
        StepOutcome::BootRamdisk(observed) => StepOutcome::BootRamdisk(add(observed)),
        StepOutcome::BootInstaller(observed) => StepOutcome::BootInstaller(add(observed)),
        StepOutcome::Wait(observed) => StepOutcome::Wait(add(observed)),
        StepOutcome::Reboot(observed) => StepOutcome::Reboot(add(observed)),
        StepOutcome::Again(observed) => StepOutcome::Again(add(observed)),
        StepOutcome::RebootAndResume(observed) => StepOutcome::RebootAndResume(add(observed)),
    }
}
