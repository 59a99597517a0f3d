//! What each action does, step by step; the work itself lies in the node's interfaces.

mod abort;
mod boot_device;
mod clean;
mod deploy;
mod inspect;
mod power;
mod tear_down;
mod verify;

pub use abort::abort;
pub use boot_device::{get_boot_device, set_boot_device};
pub use clean::clean;
pub use deploy::deploy;
pub use inspect::inspect;
pub use power::power;
pub use tear_down::tear_down;
pub use verify::verify;
