//! What each action does, step by step; the work itself lies in the node's interfaces.

mod abort;
mod boot_device;
mod boot_mode;
mod clean;
mod console;
mod deploy;
mod indicators;
mod inspect;
mod nmi;
mod power;
mod settings;
mod tear_down;
mod vendor;
mod verify;
mod vif;
mod virtual_media;

pub use abort::abort;
pub use boot_device::{get_boot_device, set_boot_device};
pub use boot_mode::{set_boot_mode, set_secure_boot};
pub use clean::clean;
pub use console::{get_console, start_console, stop_console};
pub use deploy::deploy;
pub use indicators::{get_indicator, list_indicators, set_indicator};
pub use inspect::inspect;
pub use nmi::inject_nmi;
pub use power::power;
pub use tear_down::tear_down;
pub use vendor::vendor_method;
pub use verify::verify;
pub use vif::{attach_vif, detach_vif};
pub use virtual_media::{attach_virtual_media, detach_virtual_media, get_virtual_media};
