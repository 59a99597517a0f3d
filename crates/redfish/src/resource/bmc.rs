//! Source: Manager schema.

use crate::client::{Resource, json};

/// A manager: the BMC itself.
#[derive(Debug, Clone)]
pub struct Manager(pub Resource);

impl Manager {
    /// Its collection of virtual media.
    pub fn virtual_media(&self) -> Option<&str> {
        json::link(&self.0.body, &["VirtualMedia"])
    }

    /// The version of its firmware.
    pub fn firmware_version(&self) -> Option<&str> {
        json::text(&self.0.body, &["FirmwareVersion"])
    }

    /// Who made it.
    pub fn manufacturer(&self) -> Option<&str> {
        json::text(&self.0.body, &["Manufacturer"])
    }

    /// Its model.
    pub fn model(&self) -> Option<&str> {
        json::text(&self.0.body, &["Model"])
    }
}
