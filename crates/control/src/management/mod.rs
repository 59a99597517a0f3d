//! What the management interface of a node does for operators.

mod boot_device;
mod boot_mode;
mod indicators;
mod nmi;
mod virtual_media;

pub use virtual_media::VIRTUAL_MEDIA;
