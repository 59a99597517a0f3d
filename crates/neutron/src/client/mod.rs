//! The conversation with Neutron.

mod call;
mod keystone;
mod network;
mod port;

pub use call::Neutron;
pub use port::NetworkPort;
