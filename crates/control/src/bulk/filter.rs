//! Which nodes an operation is about, as a filter: that of lists, as an object.

use crate::error::ControlError;
use ferric_db::nodes::{NodeFilter, NodeIdent};
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Fault;
use ferric_model::schema::{JsonType as T, Schema};
use serde_json::Value;
use uuid::Uuid;

const TEXT: Schema = Schema::of(&[T::String]);
const FLAG: Schema = Schema::of(&[T::Boolean]);
const UUID: Schema = Schema { format: Some("uuid"), ..TEXT };

/// What a filter looks like.
pub(super) const FILTER: Schema = Schema {
    properties: &[
        ("associated", FLAG),
        ("chassis_uuid", UUID),
        ("conductor_group", TEXT),
        ("description_contains", TEXT),
        ("driver", TEXT),
        ("fault", TEXT),
        ("include_children", FLAG),
        ("instance_name", TEXT),
        ("instance_uuid", UUID),
        ("lessee", TEXT),
        ("maintenance", FLAG),
        ("owner", TEXT),
        ("parent_node", TEXT),
        ("project", TEXT),
        ("provision_state", TEXT),
        ("resource_class", TEXT),
        ("retired", FLAG),
        ("shard", Schema { items: Some(&TEXT), min_items: 1, ..Schema::of(&[T::Array]) }),
        ("sharded", FLAG),
    ],
    closed: true,
    ..Schema::of(&[T::Object])
};

/// Reads a filter of this shape.
///
/// **Errors**: `Invalid` for words that mean nothing, and for a filter without any.
pub(super) fn read_filter(filter: &Value) -> Result<NodeFilter, ControlError> {
    if filter.as_object().is_none_or(serde_json::Map::is_empty) {
        let text =
            "An empty filter would mean every node; say at least one thing about those that are meant.";
        return Err(ControlError::Invalid(text.to_owned()));
    }
    let text = |name: &str| filter[name].as_str().map(str::to_owned);
    let flag = |name: &str| filter[name].as_bool();
    let uuid = |name: &str| match filter[name].as_str() {
        Some(text) => Uuid::try_parse(text)
            .map(Some)
            .map_err(|_| ControlError::Invalid(format!("Expected UUID for {name}: {text}"))),
        None => Ok(None),
    };
    let provision_state = match filter["provision_state"].as_str() {
        Some(word) => Some(
            ProvisionState::find(word)
                .ok_or_else(|| ControlError::Invalid(format!("Provision state \"{word}\" is not valid")))?,
        ),
        None => None,
    };
    let fault = match filter["fault"].as_str() {
        Some(word) => Some(
            Fault::find(word)
                .ok_or_else(|| ControlError::Invalid(format!("Unrecognized fault \"{word}\"")))?,
        ),
        None => None,
    };
    let shards = filter["shard"]
        .as_array()
        .map(|names| names.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    Ok(NodeFilter {
        chassis_uuid: uuid("chassis_uuid")?,
        instance_uuid: uuid("instance_uuid")?,
        instance_name: text("instance_name"),
        associated: flag("associated"),
        maintenance: flag("maintenance"),
        provision_state,
        driver: text("driver"),
        resource_class: text("resource_class"),
        fault,
        conductor_group: text("conductor_group").map(|group| group.to_lowercase()),
        owner: text("owner"),
        lessee: text("lessee"),
        project: text("project"),
        description_contains: text("description_contains"),
        retired: flag("retired"),
        shards,
        sharded: flag("sharded"),
        include_children: flag("include_children").unwrap_or_default(),
        parent_node: filter["parent_node"].as_str().map(NodeIdent::read),
        ..NodeFilter::default()
    })
}
