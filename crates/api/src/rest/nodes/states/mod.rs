//! States of nodes: showing them here, changing them in the files beside.

pub(super) mod power;
pub(super) mod provision;
mod show;
mod steps;

pub(super) use show::get;
