//! The nodes that periodic reading visits, kept from round to round: one that was not written since is not asked for again.
//!
//! Whoever sends nodes out says in which generation they are, which stands for all of a node. What is kept is out of date by
//! no more than the time that an envelope is under way, and what is reported of an old generation is refused.

use crate::ConductorError;
use ferric_model::node::Node;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use moka::sync::Cache;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use uuid::Uuid;

/// What an entry costs besides its bytes: key, counters and links of the cache.
const OVERHEAD_BYTES: usize = 256;

/// A node that was not sent here for so long is gone, or others visit it.
const IDLE: Duration = Duration::from_secs(3600);

/// Nodes of one process, the most visited ones.
#[derive(Debug)]
pub struct NodeCache {
    nodes: Cache<Uuid, PackedNode>,
    packer: Mutex<Packer>,
}

/// A node in one generation, compressed: batches wait with hundreds of them, and most of what a node consists of is the same
/// in all.
#[derive(Debug, Clone)]
pub struct PackedNode {
    generation: i64,
    /// Length of its JSON.
    length: usize,
    deflated: Arc<[u8]>,
}

/// Both directions are kept: to make their tables anew takes longer than to use them for one node.
#[derive(Debug)]
struct Packer {
    compress: Compress,
    decompress: Decompress,
}

impl NodeCache {
    /// A cache of at most so many bytes.
    pub fn new(max_bytes: u64) -> Self {
        let weigher = |_: &Uuid, node: &PackedNode| {
            u32::try_from(node.deflated.len() + OVERHEAD_BYTES).unwrap_or(u32::MAX)
        };
        let nodes = Cache::builder().max_capacity(max_bytes).weigher(weigher).time_to_idle(IDLE).build();
        let packer = Packer {
            compress: Compress::new(Compression::fast(), false),
            decompress: Decompress::new(false),
        };
        Self { nodes, packer: Mutex::new(packer) }
    }

    /// The node in this generation, if it is known.
    pub fn get(&self, uuid: Uuid, generation: i64) -> Option<PackedNode> {
        self.nodes.get(&uuid).filter(|node| node.generation == generation)
    }

    /// Packs a node that the control plane sent, and keeps it. One with a console is not kept: its console is tended whenever it
    /// is read.
    ///
    /// **Errors**: `Nonsense` if it is no node.
    pub fn keep(&self, text: &str) -> Result<(Node, PackedNode), ConductorError> {
        let node = parse(text.as_bytes())?;
        let deflated = self.packer().deflate(text.as_bytes())?.into();
        let packed = PackedNode { generation: node.generation, length: text.len(), deflated };
        if !node.status.console_enabled {
            self.nodes.insert(node.uuid, packed.clone());
        }
        Ok((node, packed))
    }

    /// The node as it was packed.
    ///
    /// **Errors**: `Nonsense`, which it cannot be as long as memory keeps what it is given.
    pub fn unpack(&self, node: &PackedNode) -> Result<Node, ConductorError> {
        let text = self.packer().inflate(&node.deflated, node.length)?;
        parse(&text)
    }

    /// Whoever panicked with it left nothing behind that the next one does not reset.
    fn packer(&self) -> MutexGuard<'_, Packer> {
        self.packer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Packer {
    fn deflate(&mut self, bytes: &[u8]) -> Result<Vec<u8>, ConductorError> {
        self.compress.reset();
        let mut deflated = Vec::with_capacity(most(bytes.len()));
        match self.compress.compress_vec(bytes, &mut deflated, FlushCompress::Finish).map_err(nonsense)? {
            Status::StreamEnd => Ok(deflated),
            Status::Ok | Status::BufError => {
                Err(nonsense("a node became longer than anything packed can be"))
            }
        }
    }

    fn inflate(&mut self, deflated: &[u8], length: usize) -> Result<Vec<u8>, ConductorError> {
        self.decompress.reset(false);
        let mut bytes = Vec::with_capacity(length);
        self.decompress.decompress_vec(deflated, &mut bytes, FlushDecompress::Finish).map_err(nonsense)?;
        Ok(bytes)
    }
}

/// Bytes that so many bytes have at most when they are deflated, by zlib's own bound: those that cannot become fewer are stored in
/// blocks of their own.
fn most(length: usize) -> usize {
    length + length / 8 + length / 64 + 512
}

fn parse(text: &[u8]) -> Result<Node, ConductorError> {
    serde_json::from_slice(text).map_err(nonsense)
}

fn nonsense(error: impl ToString) -> ConductorError {
    ConductorError::Nonsense(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferric_model::lifecycle::ProvisionState;
    use time::OffsetDateTime;

    fn node(number: u128) -> Node {
        Node::new(Uuid::from_u128(number), "redfish", ProvisionState::Active, OffsetDateTime::UNIX_EPOCH)
    }

    fn keep(cache: &NodeCache, node: &Node) {
        let (read, packed) = cache.keep(&serde_json::to_string(node).unwrap()).unwrap();
        assert_eq!((&read, &cache.unpack(&packed).unwrap()), (node, node));
    }

    #[test]
    fn a_node_is_given_in_its_generation_only() {
        let cache = NodeCache::new(1 << 20);
        let node = Node { generation: 7, name: Some("a".to_owned()), ..node(1) };
        keep(&cache, &node);
        assert_eq!(cache.unpack(&cache.get(node.uuid, 7).unwrap()).unwrap(), node);
        assert!(cache.get(node.uuid, 6).is_none());
        assert!(cache.get(node.uuid, 8).is_none());
        assert!(cache.get(Uuid::nil(), 7).is_none());
    }

    #[test]
    fn what_cannot_become_shorter_is_packed_too() {
        let mut packer = NodeCache::new(0).packer.into_inner().unwrap();
        for length in [0, 1, 1_000, 3_000_000] {
            let bytes: Vec<u8> = (0..length).map(|_| rand::random()).collect();
            let deflated = packer.deflate(&bytes).unwrap();
            assert!(packer.inflate(&deflated, length).unwrap() == bytes, "{length} bytes");
        }
    }

    #[test]
    fn a_node_with_a_console_is_not_kept() {
        let cache = NodeCache::new(1 << 20);
        let mut node = node(1);
        node.status.console_enabled = true;
        keep(&cache, &node);
        assert!(cache.get(node.uuid, node.generation).is_none());
    }

    #[test]
    fn it_stays_within_its_bytes() {
        let cache = NodeCache::new(16 * 1024);
        for number in 0..1_000 {
            keep(&cache, &node(number));
        }
        cache.nodes.run_pending_tasks();
        let kept = cache.nodes.entry_count();
        assert!(kept > 0 && cache.nodes.weighted_size() <= 16 * 1024, "{kept}");
    }
}
