//! The step `deploy` of `ramdisk`: the node boots the user's system, now and at every start.

use super::kind::text;
use ferric_hardware::{HardwareError, NodeInterfaces, StepOutcome, TaskView};
use ferric_model::node::Node;
use ferric_model::power::PowerTarget;
use ferric_model::report::Observed;
use std::time::Duration;

/// Whether there is something to boot.
pub fn validate(node: &Node) -> Result<(), HardwareError> {
    let field = |name: &str| text(&node.spec.instance_info, name).is_some();
    if field("boot_iso") || (field("kernel") && field("ramdisk")) {
        return Ok(());
    }
    Err(HardwareError::invalid(
        format!("instance_info of node {} has neither boot_iso nor kernel and ramdisk", node.uuid),
        "set instance_info/boot_iso, or instance_info/kernel and instance_info/ramdisk",
    ))
}

/// Boots it: power off, networks of the user, what is booted, power on.
pub async fn boot(
    task: &TaskView,
    interfaces: &NodeInterfaces,
    timeout: Duration,
) -> Result<StepOutcome, HardwareError> {
    if !task.node.spec.disable_power_off {
        interfaces.power.set_power_state(task, PowerTarget::Off, timeout).await?;
    }
    let connected = interfaces.network.connect_vifs(task).await?;
    let mut seen = interfaces.boot.prepare_instance(task).await?;
    seen.port_changes.extend(connected.port_changes);
    let target = if task.node.spec.disable_power_off { PowerTarget::Reboot } else { PowerTarget::On };
    let state = interfaces.power.set_power_state(task, target, timeout).await?;
    Ok(StepOutcome::Done(Observed { power_state: Some(state), ..seen }))
}
