//! The step `tear_down_agent`: the ramdisk writes back what it holds and ends.

use super::remembered::forget_agent;
use crate::client::{AgentClient, AgentError, Agents};
use ferric_hardware::{HardwareError, NodeInterfaces, StepOutcome, TaskView};
use ferric_model::power::{PowerState, PowerTarget};
use ferric_model::report::Observed;
use serde_json::json;

/// Ends the ramdisk: softly by its own agent, and if that does not help, by the BMC.
///
/// A node that must never be powered off has its agent locked down instead; the step `boot_instance` restarts it.
pub async fn tear_down_agent(
    agents: &Agents,
    task: &TaskView,
    interfaces: &NodeInterfaces,
) -> Result<StepOutcome, HardwareError> {
    let client = agents.client(task);
    if let Ok(client) = &client
        && let Err(error) = client.run("standby.sync", json!({})).await
    {
        tracing::warn!(node.uuid = %task.node.uuid, %error, "the agent did not write its caches back");
    }
    if task.node.spec.disable_power_off {
        lock_down(agents, &client?).await?;
        return Ok(StepOutcome::Done(forget_agent(task)));
    }
    let went_off = match &client {
        Ok(client) => power_off_softly(agents, client, task, interfaces).await,
        Err(_) => false,
    };
    let state = if went_off {
        PowerState::Off
    } else {
        let timeout = agents.config().power_timeout();
        interfaces.power.set_power_state(task, PowerTarget::Off, timeout).await?
    };
    Ok(StepOutcome::Done(Observed { power_state: Some(state), ..forget_agent(task) }))
}

/// Whether the node is off, which a take-over asks before it does anything.
pub async fn is_off(task: &TaskView, interfaces: &NodeInterfaces) -> Result<bool, HardwareError> {
    Ok(interfaces.power.get_power_state(&task.node).await? == Some(PowerState::Off))
}

async fn power_off_softly(
    agents: &Agents,
    client: &AgentClient,
    task: &TaskView,
    interfaces: &NodeInterfaces,
) -> bool {
    if let Err(error) = begin(client, "standby.power_off").await {
        tracing::warn!(node.uuid = %task.node.uuid, %error, "the agent did not power the node off");
        return false;
    }
    for _ in 0..agents.config().power_off_attempts {
        tokio::time::sleep(agents.config().power_off_pause()).await;
        match is_off(task, interfaces).await {
            Ok(true) => return true,
            Ok(false) => {}
            Err(error) => {
                tracing::debug!(node.uuid = %task.node.uuid, %error, "power state not read");
            }
        }
    }
    tracing::warn!(node.uuid = %task.node.uuid, "the node did not power itself off");
    false
}

/// Takes the agent off the network; it is locked down once it does not answer any more.
async fn lock_down(agents: &Agents, client: &AgentClient) -> Result<(), AgentError> {
    match begin(client, "system.lockdown").await {
        Ok(()) | Err(AgentError::Unreachable { .. }) => {}
        Err(error) => return Err(error),
    }
    for _ in 0..agents.config().power_off_attempts {
        tokio::time::sleep(agents.config().power_off_pause()).await;
        if matches!(client.commands().await, Err(AgentError::Unreachable { .. })) {
            return Ok(());
        }
    }
    Err(AgentError::CommandFailed {
        command: "system.lockdown".to_owned(),
        said: "the agent still answers".to_owned(),
    })
}

async fn begin(client: &AgentClient, name: &str) -> Result<(), AgentError> {
    let known = client.commands().await?;
    client.start(name, json!({}), &known).await.map(|_| ())
}
