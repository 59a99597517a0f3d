//! The network interfaces against a small Neutron and Keystone.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod auth;
mod cloud;
mod networks;
mod vifs;
