//! What all work on batches of nodes shares. Nothing is claimed: nodes are only read, and whatever is missed is read in the
//! next round.

use crate::ConductorError;
use crate::backoff::pause;
use crate::worker::Context;
use ferric_hardware::HardwareError;
use ferric_model::node::Node;
use ferric_proto::v1::GetNodesRequest;
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Nodes that are asked for at once.
pub const CHUNK: usize = 500;

/// How often each call is tried.
const ATTEMPTS: u32 = 3;

/// Why the reading of one node gave nothing.
#[derive(Debug)]
pub enum Spoiled {
    /// The hardware could not be read.
    Failed(HardwareError),
    /// It took longer than it may.
    Late,
    /// The conductor's own code failed.
    Panicked,
}

/// The nodes with these UUIDs, secrets included; those that are gone are left out.
pub async fn get_nodes(context: &Context, node_uuids: &[String]) -> Result<Vec<Node>, ConductorError> {
    let message = GetNodesRequest { node_uuids: node_uuids.to_vec() };
    // An error would say that the semaphore is closed, which nobody does.
    let _turn = context.fetching.acquire().await;
    let answer = retry(|| context.api.get_nodes(message.clone())).await?;
    let nodes = answer.nodes_json.iter().map(|text| serde_json::from_str(text)).collect::<Result<_, _>>();
    nodes.map_err(|error| ConductorError::Nonsense(error.to_string()))
}

/// Reads one node; whatever becomes of that, the others of its batch are read.
pub async fn guarded<T>(
    deadline: Duration,
    read: impl Future<Output = Result<T, HardwareError>>,
) -> Result<T, Spoiled> {
    match AssertUnwindSafe(timeout(deadline, read)).catch_unwind().await {
        Ok(Ok(read)) => read.map_err(Spoiled::Failed),
        Ok(Err(_)) => Err(Spoiled::Late),
        Err(_) => Err(Spoiled::Panicked),
    }
}

/// Calls the control plane, again if that may help.
pub async fn retry<T, F>(call: impl Fn() -> F) -> Result<T, ConductorError>
where
    F: Future<Output = Result<T, ConductorError>>,
{
    let mut attempt = 1;
    loop {
        match call().await {
            Err(error) if error.retryable() && attempt < ATTEMPTS => {
                sleep(pause(attempt)).await;
                attempt += 1;
            }
            result => return result,
        }
    }
}
