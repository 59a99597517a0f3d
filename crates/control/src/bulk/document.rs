//! An operation as the document that operators write.

use super::filter::{FILTER, read_filter};
use super::work::Work;
use crate::document::{DocumentShape, checked};
use crate::error::ControlError;
use crate::nodes::NewNode;
use crate::provision::{CLEAN_STEPS, CONFIGDRIVE, DEPLOY_STEPS};
use ferric_db::nodes::NodeFilter;
use ferric_model::JsonMap;
use ferric_model::json_patch::PATCH;
use ferric_model::operation::OperationKind;
use ferric_model::resource_name::IDENT;
use ferric_model::schema::{JsonType as T, Schema};
use serde_json::Value;
use std::collections::BTreeSet;

/// A new operation, checked as far as it can be without reading anything.
#[derive(Debug, Clone)]
pub struct NewBulk {
    /// What is done to each node.
    pub(super) kind: OperationKind,
    /// To which.
    pub(super) selection: Selection,
    /// Arguments that all items share.
    pub(super) params: Value,
    /// Most items at once.
    pub(super) max_parallel: Option<i64>,
    /// How many items may fail.
    pub(super) failure_budget: Option<i64>,
}

/// What becomes items.
#[derive(Debug, Clone)]
pub(super) enum Selection {
    /// Nodes by UUID or name.
    Nodes(Vec<String>),
    /// The nodes that fit now.
    Filter(Box<NodeFilter>),
    /// Nodes to be created.
    Documents(Vec<Value>),
}

const BOOLEAN: Schema = Schema::of(&[T::Boolean]);

const BULK: Schema = Schema {
    properties: &[
        (
            "action",
            Schema { one_of_words: &["create", "patch", "provision", "power"], ..Schema::of(&[T::String]) },
        ),
        ("nodes", Schema { items: Some(&IDENT), min_items: 1, ..Schema::of(&[T::Array]) }),
        ("filter", FILTER),
        (
            "documents",
            Schema { items: Some(&Schema::of(&[T::Object])), min_items: 1, ..Schema::of(&[T::Array]) },
        ),
        ("patch", PATCH),
        ("reset_interfaces", BOOLEAN),
        ("target", Schema::of(&[T::String])),
        ("timeout", Schema { minimum: Some(1), ..Schema::of(&[T::Integer]) }),
        ("configdrive", CONFIGDRIVE),
        ("clean_steps", CLEAN_STEPS),
        ("deploy_steps", DEPLOY_STEPS),
        ("disable_ramdisk", BOOLEAN),
        ("runbook", IDENT),
        ("max_parallel", Schema { minimum: Some(1), ..Schema::of(&[T::Integer]) }),
        ("failure_budget", Schema { minimum: Some(0), ..Schema::of(&[T::Integer, T::Null]) }),
    ],
    required: &["action"],
    closed: true,
    ..Schema::of(&[T::Object])
};

/// What every operation may say.
const SHARED: [&str; 3] = ["action", "max_parallel", "failure_budget"];

/// What says which nodes are meant.
const SELECTORS: [&str; 2] = ["nodes", "filter"];

/// Arguments of each kind: the one that must be there, and those that may.
const ARGUMENTS: [(OperationKind, &str, &[&str]); 4] = [
    (OperationKind::Create, "documents", &[]),
    (OperationKind::Patch, "patch", &["reset_interfaces"]),
    (
        OperationKind::Provision,
        "target",
        &["configdrive", "clean_steps", "deploy_steps", "disable_ramdisk", "runbook"],
    ),
    (OperationKind::Power, "target", &["timeout"]),
];

impl NewBulk {
    /// What such documents look like.
    pub const SHAPE: DocumentShape = DocumentShape::new(&BULK, &[]);

    /// Checks a document.
    ///
    /// **Errors**: `Invalid`.
    pub fn parse(document: &Value) -> Result<Self, ControlError> {
        let mut map = checked("bulk", document, &BULK, &[])?;
        let word = map.get("action").and_then(Value::as_str).unwrap_or_default();
        let Some((kind, needed, allowed)) = ARGUMENTS.into_iter().find(|row| row.0.as_str() == word) else {
            return Err(ControlError::internal("the schema lets an action pass that has no row"));
        };
        let creates = kind == OperationKind::Create;
        let takes = |name: &str| {
            name == needed
                || allowed.contains(&name)
                || SHARED.contains(&name)
                || (!creates && SELECTORS.contains(&name))
        };
        if let Some(name) = map.keys().find(|name| !takes(name)) {
            let text = format!("\"{name}\" makes no sense with the action \"{word}\".");
            return Err(ControlError::Invalid(text));
        }
        if !map.contains_key(needed) {
            let text = format!("The action \"{word}\" needs \"{needed}\".");
            return Err(ControlError::Invalid(text));
        }
        let max_parallel = map.get("max_parallel").and_then(Value::as_i64);
        let failure_budget = map.get("failure_budget").and_then(Value::as_i64);
        let selection = select(&mut map, creates)?;
        map.retain(|name, _| !SHARED.contains(&name.as_str()));
        let params = Value::Object(map);
        Work::read(kind, &params)?;
        Ok(Self { kind, selection, params, max_parallel, failure_budget })
    }
}

fn select(map: &mut JsonMap, creates: bool) -> Result<Selection, ControlError> {
    if creates {
        let Some(Value::Array(documents)) = map.remove("documents") else {
            return Err(ControlError::internal("documents are a list"));
        };
        for (position, document) in documents.iter().enumerate() {
            NewNode::parse(document)
                .map_err(|error| ControlError::Invalid(format!("Document {position}: {error}")))?;
        }
        return Ok(Selection::Documents(documents));
    }
    match (map.remove("nodes"), map.remove("filter")) {
        (Some(nodes), None) => {
            let nodes: Vec<String> =
                nodes.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
            let mut seen = BTreeSet::new();
            match nodes.iter().find(|node| !seen.insert(node.as_str())) {
                Some(twice) => Err(ControlError::Invalid(format!("Node {twice} is named twice."))),
                None => Ok(Selection::Nodes(nodes)),
            }
        }
        (None, Some(filter)) => Ok(Selection::Filter(Box::new(read_filter(&filter)?))),
        _ => Err(ControlError::Invalid(
            "Either \"nodes\" or \"filter\" must say which nodes are meant.".to_owned(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_makes_no_sense_is_refused_before_anything_is_read() {
        let patch = json!([{"op": "add", "path": "/extra/a", "value": 1}]);
        let steps = json!([{"interface": "deploy", "step": "erase"}]);
        let cases = [
            (json!({}), "Schema error for bulk: 'action' is a required property"),
            (json!({"action": "power", "target": "power on"}), "Either \"nodes\" or \"filter\" must say"),
            (json!({"action": "power", "nodes": ["a"]}), "The action \"power\" needs \"target\"."),
            (json!({"action": "power", "nodes": ["a", "a"], "target": "power on"}), "Node a is named twice."),
            (json!({"action": "power", "nodes": [], "target": "power on"}), "Schema error for bulk: "),
            (json!({"action": "power", "nodes": ["a"], "target": "up"}), "There is no power target \"up\"."),
            (
                json!({"action": "power", "nodes": ["a"], "target": "power on", "patch": patch}),
                "\"patch\" makes no sense with the action \"power\".",
            ),
            (json!({"action": "power", "filter": {}, "target": "power on"}), "An empty filter"),
            (json!({"action": "patch", "nodes": ["a"], "patch": []}), "The patch changes nothing."),
            (
                json!({"action": "patch", "nodes": ["a"], "patch": [{"op": "add", "path": "/uuid", "value": "x"}]}),
                "Cannot patch /uuid. Only the following can be updated: ",
            ),
            (
                json!({"action": "create", "documents": [{"driver": "d"}, {}]}),
                "Document 1: Schema error for node",
            ),
            (
                json!({"action": "create", "documents": [{"driver": "d"}], "nodes": ["a"]}),
                "\"nodes\" makes no sense",
            ),
            (
                json!({"action": "provision", "nodes": ["a"], "target": "fly"}),
                "There is no provision verb \"fly\".",
            ),
            (
                json!({"action": "provision", "nodes": ["a"], "target": "clean"}),
                "\"clean_steps\" is required",
            ),
            (
                json!({"action": "provision", "nodes": ["a"], "target": "manage", "clean_steps": steps}),
                "\"clean_steps\" is only valid when setting target provision state to clean",
            ),
            (
                json!({"action": "provision", "filter": {"provision_state": "gone"}, "target": "manage"}),
                "Provision state \"gone\" is not valid",
            ),
        ];
        for (document, expected) in cases {
            let said = NewBulk::parse(&document).unwrap_err().to_string();
            assert!(said.starts_with(expected), "{document}: {said}");
        }
    }
}
