//! Ports.

mod filter;
mod read;
mod row;
mod write;

pub use filter::{PortFilter, PortIdent};
pub use read::{find, list, marker_exists};
pub use write::{delete, insert, save, set_physical_network};
