//! Consoles with the programs of the field, and with Debian's simulator of BMCs where that is installed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

mod bmc;
mod consoles;
mod launcher;
