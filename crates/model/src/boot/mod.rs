//! Booting: what a node may fetch, what it was seen to fetch, and how its firmware starts what it boots.

mod evidence;
mod mode;
mod ticket;

pub use evidence::{BootAttempt, BootFetch, BootFile};
pub use mode::{BootMode, BootModeError, secure_boot_wanted, wanted_boot_mode};
pub use ticket::{BootPurpose, BootTicket};
