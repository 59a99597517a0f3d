//! A conductor against a control plane and hardware that are played by the tests; the bus is in process.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod control_plane;
mod failure;
mod hardware;
mod lease;
mod log;
mod operations;
mod pauses;
mod power_sync;
mod ramdisk;
mod scene;
mod sensors;
mod take_over;
mod verbs;
mod walk;
mod work;
