//! Booting the ramdisk, waiting for it, leaving it.

use super::Stage;
use crate::observation::add;
use crate::reporter::Ending;
use crate::task::{BOOT_AGAIN, Halt, RunningTask};
use ferric_hardware::HardwareError;
use ferric_hardware::interface::RamdiskNetwork;
use ferric_model::action::Action;
use ferric_model::boot::BootPurpose;
use ferric_model::hardware::{InterfaceKind, NETWORK_BOOT, PARAMETER_CARRYING_BOOT};
use ferric_model::lifecycle::{Event, is_legal};
use ferric_model::node::{Node, is_fast_track, keeps_ramdisk};
use ferric_model::power::PowerTarget;
use ferric_model::report::{Observed, TaskOutcome};
use serde_json::Value;

/// What is known of an agent and means nothing to the next one. A heartbeat of the old one that is still on its way finds
/// the node locked and is refused.
const OF_ONE_AGENT: [&str; 9] = [
    BOOT_AGAIN,
    "agent_url",
    "agent_verify_ca",
    "agent_version",
    "agent_last_heartbeat",
    "agent_status",
    "agent_status_message",
    "agent_command",
    "agent_wake_pending",
];

/// Boots the ramdisk and lets the task wait for its agent.
///
/// That the boot begins is reported before, so that whoever takes over boots again instead of repeating what asked for
/// the boot.
pub async fn boot_ramdisk(
    task: &mut RunningTask,
    observed: Observed,
    timeout_secs: u64,
) -> Result<Ending, Halt> {
    boot(task, observed, timeout_secs, (Stage::Booting, Stage::AwaitingRamdisk)).await
}

/// The same for an installer: the step that asked for it looks after it, as after an agent.
pub async fn boot_installer(
    task: &mut RunningTask,
    observed: Observed,
    timeout_secs: u64,
) -> Result<Ending, Halt> {
    boot(task, observed, timeout_secs, (Stage::BootingInstaller, Stage::AwaitingAgent)).await
}

async fn boot(
    task: &mut RunningTask,
    mut observed: Observed,
    timeout_secs: u64,
    (booting, awaiting): (Stage, Stage),
) -> Result<Ending, Halt> {
    // Before the power is touched: a node that cannot boot the ramdisk keeps doing what it does.
    let bootable = task.interfaces.boot.validate(&task.view.node);
    bootable.map_err(|error| task.failed(format!("{}: booting the ramdisk", task.doing()), error))?;
    task.progress.stage = booting;
    task.progress.ramdisk = true;
    add(&mut observed, forget_agent(&task.view.node));
    task.report(None, observed).await?;
    if fetches_from_us(&task.view.node) {
        task.begin_boot(BootPurpose::Ramdisk).await?;
    }
    let mut seen = Observed::default();
    match power_cycle(task, &mut seen).await {
        Ok(()) => {
            task.progress.stage = awaiting;
            park(task, seen, timeout_secs)
        }
        Err(halt) => Err(halt.saw(seen)),
    }
}

/// Lets the task wait until the agent is heard of.
pub fn park(task: &RunningTask, observed: Observed, timeout_secs: u64) -> Result<Ending, Halt> {
    let state = task.view.node.state();
    if !state.is_waiting() && !is_legal(state, Event::Wait) {
        let error =
            HardwareError::unsupported(format!("a node in state '{state}' cannot wait for the ramdisk"));
        return Err(task.failed(task.doing(), error).saw(observed));
    }
    let event = (!state.is_waiting()).then_some(Event::Wait);
    Ok(Ending { outcome: TaskOutcome::Parked { timeout_secs }, event, observed })
}

/// Whether the agent of the ramdisk was heard of since the boot.
pub fn has_agent(task: &RunningTask) -> bool {
    task.view.agent_url().is_some()
}

/// Whether the task has found an agent that runs already, on a node that is worked on by fast track: it need not boot one.
pub fn runs_already(task: &RunningTask) -> bool {
    let fresh = !task.progress.ramdisk && matches!(task.progress.stage, Stage::Pending | Stage::Started);
    fresh && has_agent(task) && is_fast_track(&task.view.node)
}

/// Goes on with the agent that runs.
pub fn use_running(task: &mut RunningTask) {
    tracing::info!("the ramdisk runs already");
    task.progress.ramdisk = true;
    task.progress.stage = Stage::AwaitingRamdisk;
}

/// Ends the ramdisk after its work, unless it is kept for the next: power off unless the node must not be, media and network away.
pub async fn leave_ramdisk(task: &RunningTask) -> Result<Observed, Halt> {
    let mut seen = Observed::default();
    if keeps_ramdisk(&task.view.node, task.view.action) {
        return Ok(seen);
    }
    if !task.view.node.spec.disable_power_off {
        seen.power_state = Some(task.set_power(PowerTarget::Off).await?);
    }
    match settle_networks(task).await {
        Ok(observed) => {
            add(&mut seen, observed);
            Ok(seen)
        }
        Err(halt) => Err(halt.saw(seen)),
    }
}

/// Takes the ramdisk's media away and the node out of the ramdisk's network, into those of its instance where it has one.
pub async fn settle_networks(task: &RunningTask) -> Result<Observed, Halt> {
    let failed =
        |what: &str, error, seen| Err(task.failed(format!("{}: {what}", task.doing()), error).saw(seen));
    let mut seen = Observed::default();
    match task.interfaces.boot.clean_up_ramdisk(&task.view).await {
        Ok(observed) => add(&mut seen, observed),
        Err(error) => return failed("taking the ramdisk away", error, seen),
    }
    let Some(network) = RamdiskNetwork::of(task.view.action) else { return Ok(seen) };
    match task.interfaces.network.leave_ramdisk_network(&task.view, network).await {
        Ok(observed) => add(&mut seen, observed),
        Err(error) => return failed("leaving the ramdisk's network", error, seen),
    }
    if network.replaces_vifs() {
        match task.interfaces.network.connect_vifs(&task.view).await {
            Ok(observed) => add(&mut seen, observed),
            Err(error) => return failed("connecting the VIFs again", error, seen),
        }
    }
    Ok(seen)
}

/// Takes the ramdisk of `action` away after a failure, its media and its network, as far as that is possible.
pub async fn abandon_ramdisk(task: &RunningTask, action: Action) -> Observed {
    let mut seen = Observed::default();
    match task.interfaces.boot.clean_up_ramdisk(&task.view).await {
        Ok(observed) => add(&mut seen, observed),
        Err(error) => tracing::warn!(%error, "the ramdisk could not be taken away"),
    }
    let Some(network) = RamdiskNetwork::of(action) else { return seen };
    match task.interfaces.network.leave_ramdisk_network(&task.view, network).await {
        Ok(observed) => add(&mut seen, observed),
        Err(error) => tracing::warn!(%error, "the node could not be taken out of the ramdisk's network"),
    }
    if network.replaces_vifs() {
        match task.interfaces.network.connect_vifs(&task.view).await {
            Ok(observed) => add(&mut seen, observed),
            Err(error) => tracing::warn!(%error, "the node's VIFs could not be connected again"),
        }
    }
    seen
}

/// Off, prepared, on; a node that must not be powered off is prepared and restarted.
async fn power_cycle(task: &RunningTask, seen: &mut Observed) -> Result<(), Halt> {
    let may_be_off = !task.view.node.spec.disable_power_off;
    if may_be_off {
        seen.power_state = Some(task.set_power(PowerTarget::Off).await?);
    }
    if let Some(network) = RamdiskNetwork::of(task.view.action) {
        if network.replaces_vifs() {
            let left = task.interfaces.network.disconnect_vifs(&task.view).await;
            let failed = |error| task.failed(format!("{}: disconnecting the VIFs", task.doing()), error);
            add(seen, left.map_err(failed)?);
        }
        let entered = task.interfaces.network.enter_ramdisk_network(&task.view, network).await;
        let failed = |error| task.failed(format!("{}: entering the ramdisk's network", task.doing()), error);
        add(seen, entered.map_err(failed)?);
    }
    let prepared = task.interfaces.boot.prepare_ramdisk(&task.view).await;
    add(
        seen,
        prepared.map_err(|error| task.failed(format!("{}: preparing the ramdisk", task.doing()), error))?,
    );
    let target = if may_be_off { PowerTarget::On } else { PowerTarget::Reboot };
    seen.power_state = Some(task.set_power(target).await?);
    Ok(())
}

/// Whether what the node boots comes from the boot service, so that it can be seen to come.
fn fetches_from_us(node: &Node) -> bool {
    let boot = node.spec.interfaces.get(&InterfaceKind::Boot).map(String::as_str);
    boot.is_some_and(|boot| PARAMETER_CARRYING_BOOT.contains(&boot) || NETWORK_BOOT.contains(&boot))
}

/// A token that was made before the boot is handed to every ramdisk of the task; any other dies with its ramdisk.
fn forget_agent(node: &Node) -> Observed {
    let mut observed = Observed::default();
    let patch = &mut observed.driver_internal_info;
    patch.extend(OF_ONE_AGENT.map(|key| (key.to_owned(), Value::Null)));
    let pregenerated = node.status.driver_internal_info.get("agent_secret_token_pregenerated");
    if pregenerated != Some(&Value::Bool(true)) {
        patch.insert("agent_secret_token".to_owned(), Value::Null);
    }
    observed
}
