//! The step `prepare_instance_boot`: the agent makes the disk bootable and enters it into the firmware's boot menu, the BMC
//! boots the disk.

use super::agent_step::{Found, StepCommand};
use super::boot_mode::target_boot_mode;
use super::image_order::is_partition_image;
use super::remembered::forget_command;
use crate::client::{AgentError, Agents};
use ferric_hardware::{HardwareError, NodeInterfaces, StepOutcome, TaskView};
use ferric_model::step::Step;
use serde_json::{Value, json};

const PARTITIONS: &str = "standby.get_partition_uuids";

/// Parameter of the command that installs the boot loader, and what the agent calls it when asked.
const UUIDS: [(&str, &str); 3] = [
    ("root_uuid", "root uuid"),
    ("efi_system_part_uuid", "efi system partition uuid"),
    ("prep_boot_part_uuid", "PReP Boot partition uuid"),
];

/// Begins the step, or goes on with it.
pub async fn prepare_instance_boot(
    agents: &Agents,
    task: &TaskView,
    interfaces: &NodeInterfaces,
    step: &Step,
    resumed: bool,
) -> Result<StepOutcome, HardwareError> {
    let mode = target_boot_mode(&task.node);
    let partition = is_partition_image(&task.node)?;
    // Legacy firmware starts what stands in the first sector of the disk; a whole-disk image brings it along.
    if partition || mode == "uefi" {
        let command = StepCommand {
            agents,
            task,
            step,
            name: "image.install_bootloader".to_owned(),
            echoes_step: false,
        };
        match if resumed { command.look().await? } else { Found::NotBegun } {
            Found::NotBegun => {
                let uuids = if partition { partition_uuids(agents, task).await? } else { Value::Null };
                let mut params = json!({"target_boot_mode": mode});
                for (parameter, told) in UUIDS {
                    params[parameter] = uuids.get(told).cloned().unwrap_or(Value::Null);
                }
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

/// What the agent called the partitions that it made.
async fn partition_uuids(agents: &Agents, task: &TaskView) -> Result<Value, AgentError> {
    let uuids = agents.client(task)?.run(PARTITIONS, json!({})).await?;
    if uuids["root uuid"].as_str().is_some_and(|uuid| !uuid.is_empty()) {
        return Ok(uuids);
    }
    Err(AgentError::Nonsense {
        command: PARTITIONS.to_owned(),
        reason: "it does not name the root partition, without which no boot loader can be installed"
            .to_owned(),
    })
}
