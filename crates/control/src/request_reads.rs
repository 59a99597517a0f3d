//! The nodes that one request has read, so that its use cases need not read them again.
//!
//! A transport looks at a node before it asks a use case, and the use case decides on the same node. What was read first is
//! good enough for the decision: it is committed by compare-and-set, and made anew on a fresh read if the node has changed
//! since. Whoever tries again by itself must [`take`], not [`recall`].

use ferric_db::inherit;
use ferric_db::nodes::NodeIdent;
use ferric_model::node::Node;
use ferric_model::task::Task;
use std::cell::RefCell;
use uuid::Uuid;

tokio::task_local! {
    static READS: RefCell<Vec<Read>>;
}

/// Most nodes that a request remembers.
const MOST: usize = 4;

/// A node with its unfinished tasks.
#[derive(Debug, Clone)]
pub(crate) struct Read {
    /// The node.
    pub node: Node,
    /// Tasks that have not ended, oldest first.
    pub active: Vec<Task>,
}

impl Read {
    fn is_of(&self, ident: &NodeIdent) -> bool {
        match ident {
            NodeIdent::Uuid(uuid) => self.node.uuid == *uuid,
            NodeIdent::Name(name) => self.node.name.as_ref() == Some(name),
        }
    }
}

/// Runs the work of one request, which remembers the nodes that it reads. Statements are noted where those of the present
/// task are.
pub fn in_request<F: Future>(work: F) -> impl Future<Output = F::Output> {
    READS.scope(RefCell::default(), inherit(work))
}

/// Remembers a node; does nothing outside of requests.
pub(crate) fn remember(read: &Read) {
    with(|reads| {
        reads.retain(|known| known.node.uuid != read.node.uuid);
        if reads.len() == MOST {
            reads.remove(0);
        }
        reads.push(read.clone());
    });
}

/// The node, if the request has read it.
pub(crate) fn recall(ident: &NodeIdent) -> Option<Node> {
    with(|reads| reads.iter().find(|read| read.is_of(ident)).map(|read| read.node.clone())).flatten()
}

/// The node with its tasks, and forgets it: next time it is read anew.
pub(crate) fn take(ident: &NodeIdent) -> Option<Read> {
    with(|reads| reads.iter().position(|read| read.is_of(ident)).map(|at| reads.swap_remove(at))).flatten()
}

/// Forgets a node that is about to be written.
pub(crate) fn forget(uuid: Uuid) {
    with(|reads| reads.retain(|known| known.node.uuid != uuid));
}

fn with<T>(use_them: impl FnOnce(&mut Vec<Read>) -> T) -> Option<T> {
    READS.try_with(|reads| use_them(&mut reads.borrow_mut())).ok()
}
