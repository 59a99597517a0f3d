//! Operations and their items.

mod items;
mod read;
mod row;
mod write;

pub use items::{
    begin_item, close_pending, count_items, defer_item, end_item, end_items, end_running_item, insert_items,
    list_ended_items, list_items, list_lost_items, list_pending_items,
};
pub use read::{find, find_actor, list, list_undriven, marker_exists};
pub use write::{cancel, claim, finish, insert, prune_finished, release, renew};
