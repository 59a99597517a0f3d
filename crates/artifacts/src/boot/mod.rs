//! What the ramdisk's kernel is told.

mod append;
mod mac;
mod parameters;

pub use append::{assignment, words};
pub use mac::MacAddress;
pub use parameters::BootParameters;
