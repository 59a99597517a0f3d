//! Volume connectors.

mod read;
mod row;
mod write;

pub use read::{find, list, marker_exists};
pub use write::{delete, insert, save};
