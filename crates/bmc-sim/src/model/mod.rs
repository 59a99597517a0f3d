//! Hardware models: what a simulated server is made of, as data.

mod compact;
mod hardware;
mod storage;

pub(crate) use hardware::{BiosAttribute, BiosKind, Bus, Disk, HardwareModel};

/// Every model; server `i` is of model `i mod MODELS.len()`.
pub(crate) const MODELS: &[&HardwareModel] = &[&compact::COMPACT, &storage::STORAGE];
