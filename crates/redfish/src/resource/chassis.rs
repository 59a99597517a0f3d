//! Source: Chassis schema.

use crate::client::{Resource, json};

/// A chassis.
#[derive(Debug, Clone)]
pub struct Chassis(pub Resource);

impl Chassis {
    /// Who made it.
    pub fn manufacturer(&self) -> Option<&str> {
        json::text(&self.0.body, &["Manufacturer"])
    }

    /// Its model.
    pub fn model(&self) -> Option<&str> {
        json::text(&self.0.body, &["Model"])
    }

    /// Its serial number.
    pub fn serial_number(&self) -> Option<&str> {
        json::text(&self.0.body, &["SerialNumber"])
    }

    /// Its collection of network adapters.
    pub fn network_adapters(&self) -> Option<&str> {
        json::link(&self.0.body, &["NetworkAdapters"])
    }
}
