//! Kickstart files: their sections and commands, what is wrong with them, and what is added to them.
//!
//! Source: the kickstart reference of pykickstart (its RHEL 9 syntax), with which Anaconda reads.

mod additions;
mod arguments;
mod commands;
mod document;
mod lint;
mod storage_command;

pub use additions::complete;
pub(crate) use additions::config_drive;
pub use arguments::{Arguments, Takes};
pub use document::{Command, Document, Include, Section, parse};
pub(crate) use lint::foreign;
pub use lint::{LintRules, lint};
pub use storage_command::{
    AutoPart, BootLoader, ClearPart, IgnoreDisk, LogicalVolume, Partition, Raid, RaidLevel, StorageCommand,
    VolumeGroup,
};
