//! Operations: one request that changes many nodes, each in the way in which a request for it alone would.
//!
//! An operation is stored with its items and with its caller, never with credentials. Processes visit it one at a time, by a
//! lease; whoever commits the end of an item's task has it visited again. What an item does and that the item did it are
//! written in one transaction, so that it is done once whoever dies when.

mod carry_out;
mod create_nodes;
mod document;
mod ended;
mod filter;
mod read;
mod run;
mod start;
mod visit;
mod watch;
mod work;

pub use document::NewBulk;
pub use read::{BulkItems, BulkReading};
pub use watch::BulkNews;
