//! Harness of the system tests.

pub mod services;
