//! Deploy templates.

mod read;
mod row;
mod write;

pub use read::{find, list, list_by_names, marker_exists};
pub use write::{delete, insert, save};
