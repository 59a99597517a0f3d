//! What a hardware type must be able to do, one trait per kind of interface.

mod boot;
mod deploy;
mod inspect;
mod management;
mod power;

pub use boot::Boot;
pub use deploy::Deploy;
pub use inspect::Inspect;
pub use management::{BootDevice, Management};
pub use power::Power;
