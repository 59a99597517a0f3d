//! Portgroups.

mod filter;
mod read;
mod row;
mod write;

pub use filter::PortgroupFilter;
pub use read::{find, find_with_member, list, marker_exists};
pub use write::{delete, insert, save};
