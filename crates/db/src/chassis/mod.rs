//! Chassis.

mod read;
mod row;
mod write;

pub use read::{exists, find, list};
pub use write::{delete, insert, save};
