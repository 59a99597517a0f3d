//! Tasks: accepted actions with their leases.

mod read;
mod row;
mod write;

pub use read::{
    count_active_by_action, count_active_in_fullest_group, count_unfinished, find, find_active,
    find_by_boot_token, find_with_nodes, list_awaited, list_due, list_expired_leases, list_overdue,
    list_queued_before,
};
pub(crate) use row::{TaskChanges, TaskRow};
pub(crate) use write::save_fenced;
pub use write::{insert, insert_within, prune_finished, renew, save};
