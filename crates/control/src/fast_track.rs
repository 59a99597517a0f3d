//! Fast track: using a ramdisk that runs already.
//!
//! Source: `contract: agent-protocol` section 9.

use crate::control::Control;
use ferric_model::action::Action;
use ferric_model::node::{Node, wants_fast_track};
use ferric_model::power::PowerState;
use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

impl Control {
    /// Whether ramdisks of the node stay for what comes next.
    pub(crate) fn works_by_fast_track(&self, node: &Node) -> bool {
        wants_fast_track(node).unwrap_or(self.settings().fast_track)
    }

    /// Whether a ramdisk runs on the node that `action` can use: one that was heard of a moment ago on a node that is on.
    pub(crate) fn finds_ramdisk(&self, node: &Node, action: Action) -> bool {
        if !matches!(action, Action::Clean | Action::Deploy) || node.power_state != Some(PowerState::On) {
            return false;
        }
        let internal = |key: &str| node.status.driver_internal_info.get(key).and_then(Value::as_str);
        let heard = internal("agent_last_heartbeat").and_then(|at| OffsetDateTime::parse(at, &Rfc3339).ok());
        let longest = i64::try_from(self.settings().fast_track_timeout_secs).unwrap_or(i64::MAX / 2);
        internal("agent_url").is_some()
            && internal("agent_secret_token").is_some()
            && heard.is_some_and(|at| self.now() - at <= Duration::seconds(longest))
    }
}
