//! Nodes.

mod belonging;
mod changes;
mod due;
mod filter;
mod free;
#[cfg(test)]
mod plans;
mod power;
mod read;
mod row;
mod sheet;
mod sort;
mod write;

pub use crate::ident::Ident as NodeIdent;
pub use belonging::OfNodes;
pub(crate) use belonging::of_nodes;
pub(crate) use changes::NodeChanges;
pub use due::{BUCKETS, Due, Visit, list_due};
pub use filter::{NodeFilter, NodeProjects};
pub(crate) use filter::{Projects, containing};
pub use free::{Wanted, list_free, list_named};
pub use power::save_power;
pub use read::{
    WithTasks, count, count_by_shard, find, find_by_addresses, find_with_tasks, list, list_parents,
    list_with_tasks, marker_exists,
};
pub(crate) use row::NodeRow;
pub use sheet::{find_sheet, find_sheets, list_keys, list_sheets, list_versions};
pub(crate) use write::save_changed;
pub use write::{delete, insert, insert_many, save, save_changes};
