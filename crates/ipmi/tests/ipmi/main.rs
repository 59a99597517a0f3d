//! The hardware type `ipmi` against a program that stands for `ipmitool`, and against a simulated BMC.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod management;
mod power;
mod process;
mod program;
mod simulated;
