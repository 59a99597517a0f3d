//! Reading the power state of a batch of nodes. Nothing is claimed: it is only read, and a reading that comes too late is
//! ignored.

use crate::ConductorError;
use crate::batch::{Due, Spoiled, chunks, get_nodes, guarded, paced, put_off, retry};
use crate::worker::Context;
use ferric_hardware::interface::PowerLook;
use ferric_hardware::{HardwareError, HardwareErrorKind};
use ferric_model::failure::code;
use ferric_model::node::{Fault, Node};
use ferric_model::power::PowerState;
use ferric_proto::failure_to_wire;
use ferric_proto::v1::{PowerReading, PowerSyncWork, ReportPowerRequest};
use futures::{StreamExt, TryStreamExt};
use std::time::Duration;
use tokio::time::Instant;

/// Where the control plane counts failed readings in a row.
const FAILURES: &str = "power_sync_failures";

/// Reads a batch and reports it, chunk by chunk.
pub async fn run(context: &Context, work: PowerSyncWork) {
    put_off(context, context.config.power_sync_jitter()).await;
    for chunk in chunks(work.node_uuids, &work.generations) {
        if context.stopping.is_cancelled() {
            return;
        }
        let nodes = chunk.len();
        if let Err(error) = read_chunk(context, chunk).await {
            tracing::warn!(%error, nodes, "power states were not read this time");
        }
    }
}

async fn read_chunk(context: &Context, due: Vec<Due>) -> Result<(), ConductorError> {
    let nodes = get_nodes(context, due).await?;
    let count = nodes.len();
    let readings: Vec<PowerReading> = paced(context, nodes, context.config.power_sync_jitter())
        .map(|node| async move { visit(context, context.nodes.unpack(&node)?).await })
        .buffer_unordered(context.config.power_sync_concurrency)
        .try_filter_map(async |news| Ok(news))
        .try_collect()
        .await?;
    if readings.is_empty() {
        return Ok(());
    }
    let message = ReportPowerRequest { hostname: context.membership.hostname.clone(), readings };
    let answer = retry(|| context.api.report_power(message.clone())).await?;
    tracing::debug!(nodes = count, changed = answer.changed, "power states were read");
    Ok(())
}

/// What the control plane has to hear of a node.
async fn visit(context: &Context, node: Node) -> Result<Option<PowerReading>, ConductorError> {
    let reading = read(context, &node).await;
    Ok(is_news(&node, &reading).then_some(reading))
}

/// Whether the control plane has to hear of a reading: it says something else than what is known, or ends a trouble.
fn is_news(node: &Node, reading: &PowerReading) -> bool {
    let known = node.power_state.map(PowerState::as_str).unwrap_or_default();
    reading.failure.is_some()
        || (!reading.power_state.is_empty() && reading.power_state != known)
        || reading.health.as_ref().is_some_and(|health| node.status.health.as_ref() != Some(health))
        || node.fault == Some(Fault::Power)
        || node.status.driver_internal_info.contains_key(FAILURES)
}

async fn read(context: &Context, node: &Node) -> PowerReading {
    let begun = Instant::now();
    let deadline = context.config.power_timeout();
    let (look, failure) = match guarded(deadline, read_power(context, node)).await {
        Ok(look) => (look, None),
        Err(spoiled) => {
            let duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            let failure =
                error_of(spoiled, deadline).into_failure("reading the power state", None, duration_ms);
            (PowerLook::default(), Some(failure_to_wire(&failure)))
        }
    };
    PowerReading {
        node_uuid: node.uuid.to_string(),
        generation: node.generation,
        power_state: look.power_state.map(PowerState::as_str).unwrap_or_default().to_owned(),
        failure,
        health: look.health,
    }
}

fn error_of(spoiled: Spoiled, deadline: Duration) -> HardwareError {
    match spoiled {
        Spoiled::Failed(error) => error,
        Spoiled::Late => HardwareError::new(
            HardwareErrorKind::Timeout,
            code::POWER_STATE_TIMEOUT,
            format!("the BMC did not tell the power state within {} s", deadline.as_secs()),
            "check that the BMC answers and is not overloaded",
        ),
        Spoiled::Panicked => HardwareError::new(
            HardwareErrorKind::Nonsense,
            code::CONDUCTOR_PANICKED,
            "the conductor's own code failed",
            "report this with the conductor's log",
        ),
    }
}

async fn read_power(context: &Context, node: &Node) -> Result<PowerLook, HardwareError> {
    context.registry.resolve(node)?.power.look(node).await
}
