//! Reading the sensors of a batch of nodes. What is read stays in this process; what cannot be read says nothing of the node
//! that the reading of power states would not say, and is only counted.

use crate::batch::{Spoiled, chunks, get_nodes, guarded, paced, put_off};
use crate::node_cache::PackedNode;
use crate::worker::Context;
use ferric_hardware::interface::Sensor;
use ferric_hardware::{HardwareError, HardwareErrorKind};
use ferric_model::node::Node;
use ferric_proto::v1::SensorsWork;
use futures::StreamExt;

/// Kind of a failure that is the conductor's own.
const PANICKED: &str = "panic";

/// Reads a batch, chunk by chunk.
pub async fn run(context: &Context, work: SensorsWork) {
    context.readings.forget_expired();
    put_off(context, context.config.sensor_jitter()).await;
    for chunk in chunks(work.node_uuids, &work.generations) {
        if context.stopping.is_cancelled() {
            return;
        }
        let count = chunk.len();
        match get_nodes(context, chunk).await {
            Ok(nodes) => read_all(context, nodes, work.interval_secs).await,
            Err(error) => tracing::warn!(%error, nodes = count, "sensors were not read this time"),
        }
    }
}

/// Reads some nodes at once.
async fn read_all(context: &Context, nodes: Vec<PackedNode>, interval_secs: u64) {
    paced(context, nodes, context.config.sensor_jitter())
        .map(|node| async move {
            match context.nodes.unpack(&node) {
                Ok(node) => visit(context, &node, interval_secs).await,
                Err(error) => tracing::error!(%error, "the sensors of a node were not read"),
            }
        })
        .buffer_unordered(context.config.sensor_concurrency)
        .collect::<()>()
        .await;
}

async fn visit(context: &Context, node: &Node, interval_secs: u64) {
    let kind = match guarded(context.config.sensor_timeout(), read(context, node)).await {
        Ok(sensors) => return context.readings.keep(node, sensors, interval_secs),
        Err(Spoiled::Failed(error)) => {
            tracing::debug!(node.uuid = %node.uuid, %error, "its sensors could not be read");
            error.kind()
        }
        Err(Spoiled::Late) => {
            tracing::debug!(node.uuid = %node.uuid, "its sensors could not be read in time");
            HardwareErrorKind::Timeout.as_str()
        }
        Err(Spoiled::Panicked) => {
            tracing::error!(node.uuid = %node.uuid, "the conductor's own code failed at its sensors");
            PANICKED
        }
    };
    context.readings.count_failure(kind);
}

async fn read(context: &Context, node: &Node) -> Result<Vec<Sensor>, HardwareError> {
    context.registry.resolve(node)?.management.sensors(node).await
}
