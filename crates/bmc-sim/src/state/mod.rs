//! What a simulated server remembers, and the rules by which it changes; no clock, no I/O.

mod boot;
mod counters;
mod firmware;
mod media;
mod power;
mod server;
mod volumes;

pub use boot::Running;
pub use counters::Counters;
pub use power::{PowerState, ResetType};
pub use server::DiskImage;

pub(crate) use boot::{BootEnabled, BootMode, BootOverride, BootProgress, BootSource, BootTarget};
pub(crate) use firmware::{COMPONENTS, Firmware};
pub(crate) use media::{Media, SLOTS, Slot};
pub(crate) use power::ResetRefused;
pub(crate) use server::{Begin, Next, ServerState};
pub(crate) use volumes::{NewVolume, Volume, Volumes};
