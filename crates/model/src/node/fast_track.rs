//! Fast track: a ramdisk that has done its work stays for the next.
//!
//! Source: `contract: agent-protocol` section 9.

use super::Node;
use crate::action::Action;
use serde_json::Value;

/// Key of `driver_internal_info` that is true while a task works by fast track.
pub const FAST_TRACK: &str = "fast_track";

/// Whether the node is worked on by fast track.
pub fn is_fast_track(node: &Node) -> bool {
    node.status.driver_internal_info.get(FAST_TRACK) == Some(&Value::Bool(true))
}

/// Whether the ramdisk of `action` stays on the node after it ended well.
pub fn keeps_ramdisk(node: &Node, action: Action) -> bool {
    is_fast_track(node) && matches!(action, Action::Clean | Action::TearDown | Action::Inspect)
}

/// What the node itself says about it, if anything.
pub fn wants_fast_track(node: &Node) -> Option<bool> {
    match node.spec.driver_info.get(FAST_TRACK)? {
        Value::Bool(wanted) => Some(*wanted),
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}
