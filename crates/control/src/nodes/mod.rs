//! Nodes: creating, changing, reading and checking them.

mod authorize;
mod bios;
mod create;
mod delete;
mod document;
mod firmware;
mod interfaces;
mod list;
mod maintenance;
mod rules;
mod show;
mod traits;
mod update;
mod validate;
mod vifs;

pub use document::{NewNode, PATCHABLE};
pub(crate) use document::{read as document_of, write_document};
pub(crate) use interfaces::{choose as choose_interfaces, offer};
pub(crate) use rules::taken;
pub use update::UpdateNode;
pub use validate::InterfaceVerdict;
pub(crate) use vifs::takes_vifs;
