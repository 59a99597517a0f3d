//! Nodes.

mod belonging;
mod filter;
mod free;
mod read;
mod row;
mod sheet;
mod sort;
mod write;

pub use crate::ident::Ident as NodeIdent;
pub use belonging::OfNodes;
pub(crate) use belonging::of_nodes;
pub(crate) use filter::containing;
pub use filter::{NodeFilter, NodeProjects};
pub use free::{Wanted, list_free, list_named};
pub use read::{
    count, count_by_shard, find, find_with_tasks, list, list_uuids_for_power_sync, marker_exists,
};
pub use sheet::{find_sheet, find_sheets, list_keys, list_sheets};
pub use write::{delete, insert, save};
