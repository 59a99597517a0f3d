//! `anaconda`: the installer of an operating system is booted instead of the ramdisk, and does the rest by itself.
//!
//! Source: `contract: boot-and-images` section 9.

use crate::compose::{Composer, Surroundings};
use crate::order::InstallOrder;
use crate::{InstallerError, kernel_line};
use async_trait::async_trait;
use ferric_artifacts::image::check_reachable;
use ferric_artifacts::source::Source;
use ferric_hardware::interface::RamdiskNetwork;
use ferric_hardware::{Deploy, HardwareError, HardwareErrorKind, NodeInterfaces, StepOutcome, TaskView};
use ferric_model::failure::code;
use ferric_model::hardware::InterfaceKind;
use ferric_model::installer::{INSTALLER, InstallerPhase};
use ferric_model::node::Node;
use ferric_model::power::{PowerState, PowerTarget};
use ferric_model::report::Observed;
use ferric_model::secret::Secret;
use ferric_model::step::{Repeat, Step, StepKind};
use serde_json::{Value, json};
use std::sync::Arc;

/// The deploy interface `anaconda`.
#[derive(Debug)]
struct DeployAnaconda {
    composer: Composer,
    /// What cleans and serves the node: that is done by the ramdisk, as for any other node.
    ramdisk: Arc<dyn Deploy>,
}

/// Name of the only step of deploying.
const STEP: &str = "deploy";

/// Where a heartbeat leaves what the installer said.
const STATUS: &str = "agent_status";
const MESSAGE: &str = "agent_status_message";

/// The deploy interface `anaconda`, for the composition of hardware types; whatever is no deployment, `ramdisk` does.
pub fn deploy_anaconda(composer: Composer, ramdisk: Arc<dyn Deploy>) -> Arc<dyn Deploy> {
    Arc::new(DeployAnaconda { composer, ramdisk })
}

#[async_trait]
impl Deploy for DeployAnaconda {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        InstallOrder::read(node).map(drop).map_err(refused)
    }

    fn uses_ramdisk(&self, kind: StepKind, node: &Node) -> bool {
        kind != StepKind::Deploy && self.ramdisk.uses_ramdisk(kind, node)
    }

    fn steps(&self, kind: StepKind, node: &Node) -> Vec<Step> {
        if kind != StepKind::Deploy {
            return self.ramdisk.steps(kind, node);
        }
        vec![Step {
            abortable: true,
            requires_ramdisk: false,
            repeat: Repeat::Retryable,
            ..Step::new(InterfaceKind::Deploy, STEP, 100)
        }]
    }

    async fn agent_steps(&self, task: &TaskView, kind: StepKind) -> Result<Vec<Step>, HardwareError> {
        match kind {
            StepKind::Deploy => Ok(Vec::new()),
            kind => self.ramdisk.agent_steps(task, kind).await,
        }
    }

    async fn execute(
        &self,
        task: &TaskView,
        interfaces: &NodeInterfaces,
        kind: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        if kind != StepKind::Deploy {
            return self.ramdisk.execute(task, interfaces, kind, step).await;
        }
        self.prepare(task).await.map_err(refused)?;
        Ok(StepOutcome::BootInstaller(begun()))
    }

    async fn resume(
        &self,
        task: &TaskView,
        interfaces: &NodeInterfaces,
        kind: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        if kind != StepKind::Deploy {
            return self.ramdisk.resume(task, interfaces, kind, step).await;
        }
        if !task.node.status.driver_internal_info.contains_key(INSTALLER) {
            return self.execute(task, interfaces, kind, step).await;
        }
        match task.internal_str(STATUS) {
            Some("end") => self.finish(task, interfaces).await,
            Some("error") => Err(failed(task)),
            _ => Ok(StepOutcome::Wait(Observed::default())),
        }
    }

    async fn tear_down(
        &self,
        task: &TaskView,
        interfaces: &NodeInterfaces,
    ) -> Result<Observed, HardwareError> {
        self.ramdisk.tear_down(task, interfaces).await
    }
}

impl DeployAnaconda {
    /// Everything that can be found wrong before the node is touched.
    async fn prepare(&self, task: &TaskView) -> crate::Result<()> {
        let order = InstallOrder::read(&task.node)?;
        let Some(boot_url) = task.boot_url.clone() else {
            let text = "the control plane offers no boot artefacts: set the URL of the boot service in its configuration";
            return Err(InstallerError::Order(text.to_owned()));
        };
        let Some(token) = task.internal_str("agent_secret_token") else {
            let text =
                "the control plane made no token for the installer: upgrade it to the conductor's version";
            return Err(InstallerError::Order(text.to_owned()));
        };
        let around = Surroundings {
            boot_url,
            api_url: task.api_url.clone(),
            agent_token: Secret::new(token.to_owned()),
        };
        let append = ["instance_info", "driver_info"]
            .into_iter()
            .zip([&task.node.spec.instance_info, &task.node.spec.driver_info]);
        let mut append =
            append.filter_map(|(_, info)| info.get("kernel_append_params").and_then(Value::as_str));
        kernel_line(&order, &around.boot_url, append.next(), "")?;
        self.check_images(&order).await?;
        let answers = self.composer.compose(&task.node, &order, &around).await?;
        match &task.inventory {
            Some(inventory) if self.composer.config().check_storage => answers.check_storage(inventory),
            _ => Ok(()),
        }
    }

    async fn check_images(&self, order: &InstallOrder) -> crate::Result<()> {
        let config = self.composer.config();
        if !config.check_images {
            return Ok(());
        }
        let sources = self.composer.sources();
        for source in [Some(&order.kernel), Some(&order.ramdisk), order.stage2.as_ref()].into_iter().flatten()
        {
            match source {
                Source::Http(url) => {
                    drop(check_reachable(sources, url, config.check_images_timeout()).await?)
                }
                // Files lie on the hosts of the boot service, not of this conductor.
                Source::File(_) | Source::Memory(_) => {}
            }
        }
        if let Some((url, _)) = &order.image {
            check_reachable(sources, url, config.check_images_timeout()).await?;
        }
        Ok(())
    }

    /// The installer is done: the node goes off and comes up from its disk. Each part sets something to a fixed value.
    async fn finish(
        &self,
        task: &TaskView,
        interfaces: &NodeInterfaces,
    ) -> Result<StepOutcome, HardwareError> {
        let config = self.composer.config();
        let may_be_off = !task.node.spec.disable_power_off;
        if may_be_off {
            self.power_off(task, interfaces).await?;
        }
        let mut seen = interfaces.boot.clean_up_ramdisk(task).await?;
        add(&mut seen, interfaces.network.leave_ramdisk_network(task, RamdiskNetwork::Provisioning).await?);
        add(&mut seen, interfaces.boot.prepare_instance(task).await?);
        add(&mut seen, interfaces.network.connect_vifs(task).await?);
        let target = if may_be_off { PowerTarget::On } else { PowerTarget::Reboot };
        let state = interfaces.power.set_power_state(task, target, config.power_timeout()).await?;
        seen.power_state = Some(state);
        Ok(StepOutcome::Done(seen))
    }

    /// What the installer still writes gets a chance to reach the disk.
    async fn power_off(
        &self,
        task: &TaskView,
        interfaces: &NodeInterfaces,
    ) -> Result<PowerState, HardwareError> {
        let config = self.composer.config();
        if interfaces.power.get_power_state(&task.node).await? == Some(PowerState::Off) {
            return Ok(PowerState::Off);
        }
        if config.soft_power_off_secs > 0 {
            let softly =
                interfaces.power.set_power_state(task, PowerTarget::SoftOff, config.soft_power_off()).await;
            match softly {
                Ok(state) => return Ok(state),
                Err(error) => {
                    tracing::info!(node.uuid = %task.node.uuid, %error, "the installer did not switch the node off");
                }
            }
        }
        interfaces.power.set_power_state(task, PowerTarget::Off, config.power_timeout()).await
    }
}

/// What is known of an installation that begins.
fn begun() -> Observed {
    let mut observed = Observed::default();
    let nothing = json!({"phase": InstallerPhase::Booting.as_str(), "since": null, "fetched": null, "fetched_at": null});
    observed.driver_internal_info.insert(INSTALLER.to_owned(), nothing);
    for key in [STATUS, MESSAGE] {
        observed.driver_internal_info.insert(key.to_owned(), Value::Null);
    }
    observed
}

fn failed(task: &TaskView) -> HardwareError {
    let error = HardwareError::new(
        HardwareErrorKind::AgentFailed,
        code::INSTALLER_FAILED,
        "the installer reported that it failed",
        "read the installer's last log lines in the node's history, and look at its console",
    );
    match task.internal_str(MESSAGE) {
        Some(message) => error.said(message),
        None => error,
    }
}

fn refused(error: InstallerError) -> HardwareError {
    let kind = match &error {
        InstallerError::Source(source) if source.retryable() => HardwareErrorKind::Unreachable,
        _ => HardwareErrorKind::InvalidParameter,
    };
    let (code, advice) = match &error {
        InstallerError::Order(_) => (code::INSTALLER_ORDER_INCOMPLETE, "complete the node's instance_info"),
        InstallerError::Template(_) => (
            code::INSTALLER_TEMPLATE_UNUSABLE,
            "correct the template; the variables are listed in ferric-installer's README",
        ),
        InstallerError::Refused(_) => {
            (code::INSTALLER_ANSWERS_REFUSED, "correct the template, or allow what is refused")
        }
        InstallerError::DoesNotFit(_) => (
            code::INSTALLER_STORAGE_DOES_NOT_FIT,
            "change the layout or choose another node; inspect the node again if its disks were changed",
        ),
        InstallerError::Source(_) => (
            code::INSTALLER_SOURCE_UNUSABLE,
            "check that kernel, ramdisk, stage2, image and template can be fetched",
        ),
    };
    HardwareError::new(kind, code, error.to_string(), advice)
}

/// Adds what was seen later.
fn add(seen: &mut Observed, later: Observed) {
    seen.driver_internal_info.extend(later.driver_internal_info);
    seen.port_changes.extend(later.port_changes);
    seen.power_state = later.power_state.or(seen.power_state);
}
