//! The hardware type against the simulator, and against small services that misbehave in ways of their own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod boot;
mod boot_device;
mod firmware;
mod inspect;
mod leniency;
mod live;
mod mockups;
mod power;
mod raid;
mod restart;
mod sensors;
mod session;
mod settings;
mod support;
mod trust;
mod vendor;
