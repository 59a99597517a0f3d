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

impl Findings {
    /// What `{node…}` means.
    pub(super) fn node_view(&self) -> Value {
        let mut view = self.facts.clone();
        view.extend(self.node.clone());
        view.insert("traits".to_owned(), self.traits.clone().into());
        hidden(view)
    }

    /// What `{inventory…}` means.
    pub(super) fn inventory_view(&self) -> Value {
        hidden(self.inventory.clone())
    }

    /// What `{plugin_data…}` means.
    pub(super) fn plugin_view(&self) -> Value {
        hidden(self.plugin_data.clone())
    }
}

/// Rules never read secrets: what they write is shown to everybody.
fn hidden(mut map: JsonMap) -> Value {
    redact::mask(&mut map, &[]);
    Value::Object(map)
}
