//! The network interfaces.

mod binding;
mod flat;
mod neutron;
mod ramdisk;
mod vif;

pub use flat::flat;
pub use neutron::neutron;
