//! Source: VirtualMedia schema.

use super::Action;
use crate::client::{Resource, json};

/// A slot for virtual media.
#[derive(Debug, Clone)]
pub struct VirtualMedia(pub Resource);

impl VirtualMedia {
    /// Whether a CD image can be inserted. A slot that names no media types is judged by its own name.
    pub fn takes_cd(&self) -> bool {
        let types = json::texts(&self.0.body, &["MediaTypes"]);
        if types.is_empty() {
            let named = |key| {
                json::text(&self.0.body, &[key]).is_some_and(|name| name.to_ascii_uppercase().contains("CD"))
            };
            return named("Id") || named("Name");
        }
        types.iter().any(|kind| matches!(*kind, "CD" | "DVD"))
    }

    /// Whether a CD image was meant: DVD slots only come after CD slots.
    pub fn names_cd(&self) -> bool {
        json::texts(&self.0.body, &["MediaTypes"]).contains(&"CD")
    }

    /// What it can stand for, in the words of the schema.
    pub fn media_types(&self) -> Vec<&str> {
        json::texts(&self.0.body, &["MediaTypes"])
    }

    /// The image in the slot.
    pub fn image(&self) -> Option<&str> {
        json::text(&self.0.body, &["Image"])
    }

    /// Whether something is inserted; firmware that does not tell is judged by the image.
    pub fn is_inserted(&self) -> bool {
        json::flag(&self.0.body, &["Inserted"]).unwrap_or_else(|| self.image().is_some())
    }

    /// The action that inserts an image.
    pub fn insert(&self) -> Option<Action> {
        Action::find(&self.0, "#VirtualMedia.InsertMedia", "TransferProtocolType")
    }

    /// The action that ejects the image.
    pub fn eject(&self) -> Option<Action> {
        Action::find(&self.0, "#VirtualMedia.EjectMedia", "")
    }
}
