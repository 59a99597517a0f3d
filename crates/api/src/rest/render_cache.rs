//! Nodes as JSON, kept as long as they do not change.
//!
//! What a node looks like in an answer follows from the node, which its generation stands for, and from what the request
//! asks for. Whoever reads a generation may use what was written for it before: nothing here can be out of date, and
//! nothing needs to be told when a node changes.

use super::fields::Field;
use super::fields::node_view::NodeView;
use super::microversion::Microversion;
use bytes::Bytes;
use ferric_control::NodeSight;
use ferric_model::conductor::Conductor;
use moka::sync::Cache;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What an entry costs besides its bytes: key, counters and links of the cache.
const OVERHEAD_BYTES: usize = 256;

/// Written nodes of one process, the most used ones.
#[derive(Debug)]
pub(crate) struct RenderCache(Cache<RenderKey, Written>);

/// A node as it was written.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    /// Which node it is.
    pub uuid: Uuid,
    /// What is shown of it.
    pub json: Bytes,
}

/// Everything that the bytes of one node depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RenderKey {
    /// Row numbers are never given out twice, identities may be.
    id: i64,
    generation: i64,
    sight: NodeSight,
    shape: Shape,
}

/// What the requests for one look have in common: microversion, fields, base of links and, where it is shown which one
/// stands for a node, the conductors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Shape([u8; 16]);

impl RenderCache {
    /// A cache of at most so many bytes.
    pub(crate) fn new(max_bytes: u64) -> Self {
        let weigher = |_: &RenderKey, node: &Written| {
            u32::try_from(node.json.len() + OVERHEAD_BYTES).unwrap_or(u32::MAX)
        };
        Self(Cache::builder().max_capacity(max_bytes).weigher(weigher).build())
    }

    /// The node, if it was written before.
    pub(crate) fn get(&self, key: &RenderKey) -> Option<Written> {
        self.0.get(key)
    }

    /// Keeps a written node.
    pub(crate) fn keep(&self, key: RenderKey, node: Written) {
        self.0.insert(key, node);
    }
}

impl RenderKey {
    pub(crate) fn new(id: i64, generation: i64, sight: NodeSight, shape: Shape) -> Self {
        Self { id, generation, sight, shape }
    }
}

impl Shape {
    pub(crate) fn new(
        version: Microversion,
        selection: &[&Field<NodeView>],
        base: &str,
        conductors: &[Conductor],
    ) -> Self {
        let mut digest = Sha256::new().chain_update(version.0.to_be_bytes());
        let mut add = |text: &str| {
            digest.update(text.len().to_be_bytes());
            digest.update(text);
        };
        add(base);
        selection.iter().for_each(|field| add(field.name));
        if selection.iter().any(|field| field.name == "conductor") {
            for conductor in conductors {
                add(&conductor.hostname);
                add(&conductor.conductor_group);
                conductor.drivers.keys().for_each(|driver| add(driver));
            }
        }
        let mut shape = [0; 16];
        shape.copy_from_slice(&digest.finalize()[..16]);
        Self(shape)
    }
}
