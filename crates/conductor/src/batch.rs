//! What all work on batches of nodes shares. Nothing is claimed: nodes are only read, and whatever is missed is read in the
//! next round.

use crate::ConductorError;
use crate::backoff::{full_jitter, pause};
use crate::node_cache::PackedNode;
use crate::worker::Context;
use ferric_hardware::HardwareError;
use ferric_model::node::Node;
use ferric_proto::v1::GetNodesRequest;
use futures::{FutureExt, Stream, StreamExt, TryStreamExt, stream};
use std::iter::{repeat, repeat_with, zip};
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// Nodes that are asked for at once.
const CHUNK: usize = 500;

/// Nodes whose consoles are tended at once.
const TENDED_AT_ONCE: usize = 16;

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

/// A node to visit.
#[derive(Debug)]
pub struct Due {
    uuid: String,
    /// None from a control plane that does not say it.
    generation: Option<i64>,
}

/// The nodes of an envelope, in chunks that may be asked for at once.
pub fn chunks(node_uuids: Vec<String>, generations: &[i64]) -> Vec<Vec<Due>> {
    let told = generations.len() == node_uuids.len();
    let count = node_uuids.len().div_ceil(CHUNK);
    let generations = generations.iter().copied().filter(|_| told).map(Some).chain(repeat(None));
    let mut due = zip(node_uuids, generations).map(|(uuid, generation)| Due { uuid, generation });
    repeat_with(|| due.by_ref().take(CHUNK).collect()).take(count).collect()
}

/// These nodes, secrets included; those that are gone are left out. Only those are asked for that were written since they were
/// read here.
pub async fn get_nodes(context: &Context, due: Vec<Due>) -> Result<Vec<PackedNode>, ConductorError> {
    let mut found = Vec::with_capacity(due.len());
    let mut node_uuids = Vec::new();
    for Due { uuid, generation } in due {
        let known = generation.zip(uuid.parse().ok()).and_then(|(at, uuid)| context.nodes.get(uuid, at));
        match known {
            Some(node) => found.push(node),
            None => node_uuids.push(uuid),
        }
    }
    if node_uuids.is_empty() {
        return Ok(found);
    }
    let mut read = stream::iter(read(context, node_uuids).await?)
        .map(|text| keep(context, text))
        .buffer_unordered(TENDED_AT_ONCE);
    while let Some(node) = read.try_next().await? {
        found.push(node);
    }
    Ok(found)
}

async fn keep(context: &Context, text: String) -> Result<PackedNode, ConductorError> {
    let (node, packed) = context.nodes.keep(&text)?;
    tend_console(context, &node).await;
    Ok(packed)
}

/// These nodes as JSON.
async fn read(context: &Context, node_uuids: Vec<String>) -> Result<Vec<String>, ConductorError> {
    let message = GetNodesRequest { node_uuids };
    // An error would say that the semaphore is closed, which nobody does.
    let _turn = context.fetching.acquire().await;
    Ok(retry(|| context.api.get_nodes(message.clone())).await?.nodes_json)
}

/// A node that was just read is a good moment to look after what runs here for it: of a node as it was before, a console would
/// be stopped that the operator has just asked for.
async fn tend_console(context: &Context, node: &Node) {
    if let Ok(interfaces) = context.registry.resolve(node) {
        interfaces.console.tend(node).await;
    }
}

/// Waits a random time up to this before a batch is read.
pub async fn put_off(context: &Context, at_most: Duration) {
    tokio::select! {
        () = context.stopping.cancelled() => {}
        () = sleep(full_jitter(at_most)) => {}
    }
}

/// The nodes one by one, evenly over a time: neither the BMCs nor this process have to do with all of them at once. A conductor
/// that stops begins with no further one: nobody waits for them.
pub fn paced(context: &Context, nodes: Vec<PackedNode>, over: Duration) -> impl Stream<Item = PackedNode> {
    let begun = Instant::now();
    let each = over / u32::try_from(nodes.len().max(1)).unwrap_or(u32::MAX);
    let turns = (0..).map(move |turn| begun + each * turn);
    let nodes = stream::iter(zip(nodes, turns)).then(async |(node, turn)| {
        sleep_until(turn).await;
        node
    });
    nodes.take_until(context.stopping.cancelled())
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
