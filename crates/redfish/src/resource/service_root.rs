//! Source: ServiceRoot schema.

use crate::client::{Resource, json};

/// The service root.
#[derive(Debug, Clone, Copy)]
pub struct ServiceRoot<'a>(pub &'a Resource);

impl<'a> ServiceRoot<'a> {
    /// Who made the service.
    pub fn vendor(&self) -> Option<&'a str> {
        json::text(&self.0.body, &["Vendor"])
    }

    /// The collection of managers.
    pub fn managers(&self) -> Option<&'a str> {
        json::link(&self.0.body, &["Managers"])
    }

    /// The task service.
    pub fn tasks(&self) -> Option<&'a str> {
        json::link(&self.0.body, &["Tasks"])
    }

    /// The update service.
    pub fn update_service(&self) -> Option<&'a str> {
        json::link(&self.0.body, &["UpdateService"])
    }

    /// The event service.
    pub fn event_service(&self) -> Option<&'a str> {
        json::link(&self.0.body, &["EventService"])
    }

    /// The collection of registries.
    pub fn registries(&self) -> Option<&str> {
        json::link(&self.0.body, &["Registries"])
    }
}
