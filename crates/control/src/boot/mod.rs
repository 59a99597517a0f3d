//! Booting: what a node may fetch, attempts to boot, and what was seen of them.

mod attempt;
mod ticket;
mod verdict;

pub(crate) use attempt::BOOT_AGAIN;
pub(crate) use verdict::{Standing, standing, verdict};
