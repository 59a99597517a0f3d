//! The step `prepare_instance_boot`: the agent enters the image into the firmware's boot menu, the BMC boots the disk.

use super::agent_step::{Found, StepCommand};
use super::remembered::forget_command;
use crate::client::Agents;
use ferric_hardware::{HardwareError, NodeInterfaces, StepOutcome, TaskView};
use ferric_model::node::Node;
use ferric_model::step::Step;
use serde_json::{Value, json};

/// Begins the step, or goes on with it.
pub async fn prepare_instance_boot(
    agents: &Agents,
    task: &TaskView,
    interfaces: &NodeInterfaces,
    step: &Step,
    resumed: bool,
) -> Result<StepOutcome, HardwareError> {
    let mode = target_boot_mode(&task.node);
    // Legacy firmware starts what stands in the first sector of the disk; a whole-disk image brings it along.
    if mode == "uefi" {
        let command = StepCommand {
            agents,
            task,
            step,
            name: "image.install_bootloader".to_owned(),
            echoes_step: false,
        };
        match if resumed { command.look().await? } else { Found::NotBegun } {
            Found::NotBegun => {
                let params = json!({
                    "root_uuid": Value::Null,
                    "efi_system_part_uuid": Value::Null,
                    "prep_boot_part_uuid": Value::Null,
                    "target_boot_mode": mode,
                });
                return Ok(command.begin(|_| params).await?);
            }
            Found::Running(id) => return Ok(command.waiting(id.as_deref())),
            Found::Ended { .. } => {}
        }
    }
    let mut observed = interfaces.boot.prepare_instance(task).await?;
    observed.driver_internal_info.extend(forget_command().driver_internal_info);
    Ok(StepOutcome::Done(observed))
}

/// The boot mode that the instance is to have: asked for, found, or `uefi`.
fn target_boot_mode(node: &Node) -> String {
    let asked = node.spec.instance_info.get("deploy_boot_mode").and_then(Value::as_str).map(str::to_owned);
    asked
        .or_else(|| node.capability("boot_mode"))
        .or_else(|| node.status.boot_mode.clone())
        .filter(|mode| !mode.is_empty())
        .unwrap_or_else(|| "uefi".to_owned())
}
