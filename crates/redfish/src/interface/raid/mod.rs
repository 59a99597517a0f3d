//! RAID: volumes of storage controllers.

mod change;
mod inventory;
mod layout;
mod level;
mod steps;

pub use steps::RedfishRaid;
