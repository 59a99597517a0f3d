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

    /// Its identity.
    pub fn id(&self) -> &str {
        self.0.id()
    }

    /// Its temperatures and fans, in the older form.
    pub fn thermal(&self) -> Option<&str> {
        json::link(&self.0.body, &["Thermal"])
    }

    /// Its power supplies, in the older form.
    pub fn power(&self) -> Option<&str> {
        json::link(&self.0.body, &["Power"])
    }

    /// Its temperatures and fans.
    pub fn thermal_subsystem(&self) -> Option<&str> {
        json::link(&self.0.body, &["ThermalSubsystem"])
    }

    /// Its power supplies.
    pub fn power_subsystem(&self) -> Option<&str> {
        json::link(&self.0.body, &["PowerSubsystem"])
    }
}
