//! Steps of the management interface: keys of secure boot, the BMC's clock, firmware images that nobody assigned to a
//! component.
//!
//! Source: `contract: hardware-interfaces` section 2; DSP0268, SecureBoot, ResetKeys.

use super::RedfishManagement;
use super::firmware::{IMAGE_ARGS, resume_images, start_images};
use crate::client::{Access, RedfishError, json};
use crate::resource::Action;
use crate::vmedia::managers;
use async_trait::async_trait;
use ferric_hardware::interface::StepArg;
use ferric_hardware::{HardwareError, NodeInterfaces, StepOutcome, Steps, TaskView};
use ferric_model::hardware::InterfaceKind;
use ferric_model::node::Node;
use ferric_model::step::{Repeat, Step, StepKind};
use serde_json::{Value, json as json_value};

/// Steps with the kinds that have them. Keys and clock are set to a fixed value; an image must not be installed twice.
const STEPS: [(&str, &[StepKind], Repeat); 4] = [
    ("clear_secure_boot_keys", &[StepKind::Clean, StepKind::Deploy], Repeat::Retryable),
    ("reset_secure_boot_keys_to_default", &[StepKind::Clean, StepKind::Deploy], Repeat::Retryable),
    ("set_bmc_clock", &[StepKind::Clean], Repeat::Retryable),
    ("update_firmware", &[StepKind::Clean, StepKind::Service], Repeat::Once),
];

const CLOCK_ARGS: [StepArg; 2] = [
    StepArg {
        name: "target_datetime",
        description: "the time to set, as ISO 8601 with an offset",
        required: true,
    },
    StepArg { name: "datetime_local_offset", description: "the offset from UTC, as +hh:mm", required: false },
];

#[async_trait]
impl Steps for RedfishManagement {
    fn steps(&self, kind: StepKind, _: &Node) -> Vec<Step> {
        let offered = STEPS.iter().filter(|row| row.1.contains(&kind));
        let step = |name| Step::new(InterfaceKind::Management, name, 0);
        offered.map(|row| Step { repeat: row.2, ..step(row.0) }).collect()
    }

    fn step_args(&self, step: &str) -> &'static [StepArg] {
        match step {
            "set_bmc_clock" => &CLOCK_ARGS,
            "update_firmware" => &IMAGE_ARGS,
            _ => &[],
        }
    }

    async fn execute_step(
        &self,
        task: &TaskView,
        _: &NodeInterfaces,
        _: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        let access = self.clients().open(&task.node)?;
        match step.step.as_str() {
            "clear_secure_boot_keys" => reset_keys(&access, "DeleteAllKeys").await?,
            "reset_secure_boot_keys_to_default" => reset_keys(&access, "ResetAllKeysToDefault").await?,
            "set_bmc_clock" => set_clock(&access, step).await?,
            _ => return start_images(task, step),
        }
        Ok(StepOutcome::done())
    }

    async fn resume_step(
        &self,
        task: &TaskView,
        interfaces: &NodeInterfaces,
        kind: StepKind,
        step: &Step,
    ) -> Result<StepOutcome, HardwareError> {
        let access = self.clients().open(&task.node)?;
        match resume_images(&access, task, interfaces, step).await? {
            Some(outcome) => Ok(outcome),
            None => self.execute_step(task, interfaces, kind, step).await,
        }
    }
}

async fn reset_keys(access: &Access, kind: &str) -> Result<(), HardwareError> {
    let bmc = &access.bmc;
    let system = access.system().await?;
    let settings = match system.secure_boot() {
        Some(path) => bmc.find(path).await?,
        None => None,
    };
    let action =
        settings.as_ref().and_then(|found| Action::find(found, "#SecureBoot.ResetKeys", "ResetKeysType"));
    let action = action.filter(|action| action.allows(kind)).ok_or_else(|| {
        HardwareError::unsupported("the BMC does not offer to reset the keys of secure boot in this way")
    })?;
    let accepted = bmc.post(&action.target, &json_value!({"ResetKeysType": kind}), &[]).await?;
    Ok(bmc.settle(&accepted, bmc.config().task_timeout(), &[]).await?)
}

async fn set_clock(access: &Access, step: &Step) -> Result<(), HardwareError> {
    let text = |name: &str| step.args.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let wanted = text("target_datetime").ok_or_else(|| {
        HardwareError::invalid("target_datetime is no text", "give it as ISO 8601: 2026-01-31T12:00:00+00:00")
    })?;
    let system = access.system().await?;
    let bmc = &access.bmc;
    let Some(path) = managers(access, &system).await?.into_iter().next() else {
        return Err(HardwareError::unsupported("the BMC does not show its manager"));
    };
    let manager = bmc.get(&path).await?;
    if json::text(&manager.body, &["DateTime"]).is_none() {
        return Err(HardwareError::unsupported("the BMC does not show its clock"));
    }
    let mut body = json_value!({"DateTime": wanted});
    if let Some(offset) = text("datetime_local_offset") {
        body["DateTimeLocalOffset"] = offset.into();
    }
    match bmc.patch(&path, manager.etag.as_deref(), &body, &[]).await {
        Ok(accepted) => Ok(bmc.settle(&accepted, bmc.config().task_timeout(), &[]).await?),
        Err(error @ RedfishError::Refused { status: 400, .. }) => Err(HardwareError::invalid(
            "the BMC does not accept the time",
            "give it as ISO 8601 with an offset",
        )
        .said(HardwareError::from(error).to_string())),
        Err(error) => Err(error.into()),
    }
}
