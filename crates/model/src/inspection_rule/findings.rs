//! What rules read and change.

use crate::JsonMap;
use crate::redact;
use serde_json::Value;

/// What inspection found about one node, and the node itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Findings {
    /// The fields of the node that operators may write.
    pub node: JsonMap,
    /// Further fields, which rules only read.
    pub facts: JsonMap,
    /// Traits.
    pub traits: Vec<String>,
    /// The inventory; rules only read it.
    pub inventory: JsonMap,
    /// Everything else that was collected.
    pub plugin_data: JsonMap,
    /// The fields of the node's ports that operators may write, each with its `uuid`.
    pub ports: Vec<JsonMap>,
    /// Lines that rules asked to be logged, with their level.
    pub log: Vec<(String, String)>,
    /// Calls that rules asked for.
    pub calls: Vec<ApiCall>,
}

/// A call of a URL.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiCall {
    /// What is fetched.
    pub url: String,
    /// Headers; may hold secrets.
    pub headers: Vec<(String, String)>,
    /// How long one attempt may take, in seconds.
    pub timeout_secs: f64,
    /// Further attempts.
    pub retries: u32,
}

/// What replacement fields mean: copies without secrets, for what rules write is shown to everybody.
#[derive(Debug)]
pub(super) struct Views {
    /// `{node…}`
    pub node: Value,
    /// `{inventory…}`; no rule changes it.
    pub inventory: Value,
    /// `{plugin_data…}`
    pub plugin_data: Value,
}

impl Views {
    /// What they mean before any rule has run.
    pub(super) fn of(found: &Findings) -> Self {
        let inventory = hidden(found.inventory.clone());
        Self { node: node_view(found), inventory, plugin_data: hidden(found.plugin_data.clone()) }
    }

    /// What they mean after an action.
    pub(super) fn refresh(&mut self, found: &Findings) {
        self.node = node_view(found);
        self.plugin_data = hidden(found.plugin_data.clone());
    }
}

fn node_view(found: &Findings) -> Value {
    let mut view = found.facts.clone();
    view.extend(found.node.clone());
    view.insert("traits".to_owned(), found.traits.clone().into());
    hidden(view)
}

fn hidden(mut map: JsonMap) -> Value {
    redact::mask(&mut map, &[]);
    Value::Object(map)
}
