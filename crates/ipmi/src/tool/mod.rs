//! Running `ipmitool`, one command at a time for each BMC.

mod bmc;
mod command;
mod lanes;
mod process;

pub use bmc::{Bmc, Ipmitool};
pub use command::Command;
