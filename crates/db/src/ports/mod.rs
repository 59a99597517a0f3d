//! Ports.

mod filter;
mod read;
mod row;
mod write;

pub use crate::ident::Ident as PortIdent;
pub use filter::PortFilter;
pub use read::{find, find_with_node, list, list_of_nodes, marker_exists};
pub use write::{delete, insert, save, set_physical_network};
