//! Virtual media: which slot, how an image gets into it, and how it gets out again.

mod eject;
mod insert;
mod select;

pub use eject::eject_all;
pub use insert::insert;
pub use select::{MediaKind, cd_slots, managers, slots};
