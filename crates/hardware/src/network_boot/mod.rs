//! Booting over the network: the node asks DHCP, fetches a boot loader, and the loader asks for what is meant for its card.
//!
//! All four interfaces do the same: tell DHCP what to answer, and let the management interface make the node boot from the
//! network once. What is fetched then is made by the boot service.

mod config;
mod dhcp;
mod dnsmasq;
mod interface;
mod kind;

pub use config::{DhcpProvider, NetworkBootConfig};
pub use interface::network_boot;
