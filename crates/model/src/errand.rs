//! Errands: work on nodes that are related to a task's own, whose end the task waits for.

use crate::action::Action;
use crate::node::Node;
use crate::power::{PowerState, PowerTarget};
use crate::report::Failure;
use crate::task::{TaskState, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// What a task wants to be done elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Errand {
    /// What it is for, within the task: asking for the same again begins nothing new.
    pub tag: String,
    /// Where.
    pub to: Relatives,
    /// What is done there.
    pub action: Action,
    /// Its arguments.
    pub params: Value,
}

/// Nodes that are related to another one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relatives {
    /// The node that contains it.
    Parent,
    /// The nodes that it contains; only these, by UUID or name, if any are named.
    Children(Vec<String>),
}

/// How an errand stands on one node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrandState {
    /// What it is for.
    pub tag: String,
    /// The node.
    pub node_uuid: Uuid,
    /// How its task stands.
    pub state: TaskState,
    /// Why it failed.
    pub failure: Option<Failure>,
}

/// Key of a task's arguments under which the tag of its errand lies.
pub const ERRAND_TAG: &str = "errand";

impl Errand {
    /// Whether there is anything to do on `node`: power is not changed that is as it is to be, nor that of a child with a supply of
    /// its own.
    pub fn concerns(&self, node: &Node) -> bool {
        if self.action != Action::Power {
            return true;
        }
        let Ok(power) = serde_json::from_value::<params::Power>(self.params.clone()) else { return true };
        let is_there = node.power_state == Some(power.target.final_state());
        let independent = self.to != Relatives::Parent && has_dedicated_power(node);
        !is_there && !independent
    }

    /// A change of power.
    pub fn power(tag: &str, to: Relatives, target: PowerTarget) -> Self {
        let params = serde_json::json!(params::Power { target, timeout_secs: None });
        Self { tag: tag.to_owned(), to, action: Action::Power, params }
    }
}

/// Whether a child has power whatever its parent's is.
pub fn has_dedicated_power(node: &Node) -> bool {
    match node.spec.driver_info.get("has_dedicated_power_supply") {
        Some(Value::Bool(dedicated)) => *dedicated,
        Some(Value::String(text)) => {
            matches!(text.to_ascii_lowercase().as_str(), "true" | "yes" | "on" | "1")
        }
        _ => false,
    }
}

/// Whether the parent's power decides over the child's.
pub fn depends_on_parent(child: &Node) -> bool {
    child.parent_node.is_some() && !has_dedicated_power(child)
}

/// Whether a child's power must be off before its parent's is.
pub fn must_be_off_first(child: &Node) -> bool {
    child.power_state == Some(PowerState::On) && !has_dedicated_power(child)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::ProvisionState;
    use serde_json::json;
    use time::OffsetDateTime;

    #[test]
    fn power_is_only_changed_where_it_has_to_be() {
        let mut node = Node::new(Uuid::nil(), "x", ProvisionState::Active, OffsetDateTime::UNIX_EPOCH);
        let off = Errand::power("t", Relatives::Children(Vec::new()), PowerTarget::Off);
        assert!(off.concerns(&node), "nobody knows its power");
        node.power_state = Some(PowerState::Off);
        assert!(!off.concerns(&node));
        node.power_state = Some(PowerState::On);
        assert!(off.concerns(&node) && must_be_off_first(&node));
        node.spec.driver_info.insert("has_dedicated_power_supply".into(), json!("True"));
        assert!(!off.concerns(&node) && !must_be_off_first(&node));
        node.parent_node = Some(Uuid::nil());
        assert!(!depends_on_parent(&node));
    }
}
