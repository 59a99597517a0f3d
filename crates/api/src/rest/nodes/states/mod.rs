//! States of nodes: showing them here, changing them in the files beside.

pub(super) mod boot_mode;
pub(super) mod console;
pub(super) mod power;
pub(super) mod provision;
pub(super) mod raid;
mod runbook;
mod show;

pub(super) use show::get;
