//! Nodes.

mod filter;
mod read;
mod row;
mod sort;
mod write;

pub(crate) use filter::containing;
pub use filter::{NodeFilter, NodeIdent, NodeProjects};
pub use read::{count, find, find_with_tasks, list, list_uuids_for_power_sync, marker_exists};
pub use write::{delete, insert, save};
