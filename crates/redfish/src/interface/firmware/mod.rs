//! Firmware: which versions run, and replacing them.

mod components;
mod images;
mod steps;
mod update;

pub(super) use images::{IMAGE_ARGS, resume_images, start_images};
pub use steps::RedfishFirmware;
