//! Unified kernel images: one EFI program with kernel, ramdisk and kernel line in it, computed and never stored.
//!
//! The stub is a program that looks for these in the sections of its own image, like systemd's.
//!
//! Source: UAPI.5 "Unified Kernel Image"; systemd-stub(7).

mod pe;
mod planner;

pub use planner::{UkiPlanner, UkiSpec};
