//! Inspection rules.

mod read;
mod row;
mod write;

pub use read::{find, list, list_of_phase, marker_exists};
pub use write::{delete, insert, save};
