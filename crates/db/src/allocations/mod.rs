//! Allocations.

mod filter;
mod read;
mod row;
mod write;

pub use filter::AllocationFilter;
pub use read::{find, find_of_node, list, list_allocating, marker_exists};
pub use write::{delete, delete_unchanged, insert, save};
