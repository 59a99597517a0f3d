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
}
