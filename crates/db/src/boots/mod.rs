//! Attempts to boot, and what was seen of their files.

mod read;
mod row;
mod write;

pub use read::{files, find_by_token, find_open, latest_of_task, list_overdue};
pub use write::{begin, end, expect, prune_ended, see};
