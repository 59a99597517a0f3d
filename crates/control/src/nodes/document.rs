//! A node as the document that operators write, in the form of the REST API.

use super::{interfaces, rules};
use crate::document::{DocumentShape, FLAG, Finer, OBJECT, TEXT, checked};
use crate::error::ControlError;
use ferric_model::JsonMap;
use ferric_model::conductor::Conductor;
use ferric_model::hardware::InterfaceKind;
use ferric_model::node::Node;
use ferric_model::schema::{self, JsonType as T, Schema};
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A new node, checked as far as it can be without reading anything.
#[derive(Debug, Clone)]
pub struct NewNode(JsonMap);

/// What can be patched, in the order in which refusals list it.
pub const PATCHABLE: [&str; 37] = [
    "automated_clean",
    "bios_interface",
    "boot_interface",
    "chassis_uuid",
    "conductor_group",
    "console_interface",
    "deploy_interface",
    "description",
    "disable_power_off",
    "driver",
    "driver_info",
    "extra",
    "inspect_interface",
    "instance_info",
    "instance_name",
    "instance_uuid",
    "lessee",
    "maintenance",
    "management_interface",
    "name",
    "network_data",
    "network_interface",
    "owner",
    "power_interface",
    "properties",
    "protected",
    "protected_reason",
    "raid_interface",
    "rescue_interface",
    "resource_class",
    "retired",
    "retired_reason",
    "shard",
    "storage_interface",
    "vendor_interface",
    "parent_node",
    "firmware_interface",
];

/// Longest description.
pub(super) const DESCRIPTION_MAX: usize = 4096;

/// Shape of the documents in `network_data` as far as it is checked: the three lists are there.
const NETWORK_DATA: Schema = Schema {
    properties: &[
        ("links", Schema::of(&[T::Array])),
        ("networks", Schema::of(&[T::Array])),
        ("services", Schema::of(&[T::Array])),
    ],
    required: &["links", "networks", "services"],
    ..Schema::of(&[T::Object])
};

/// Properties of both schemas, and those that only patches have.
macro_rules! properties {
    ($($extra:expr),*) => {
        &[
            ("automated_clean", FLAG),
            ("bios_interface", TEXT),
            ("boot_interface", TEXT),
            ("boot_mode", TEXT),
            ("chassis_uuid", TEXT),
            ("conductor_group", TEXT),
            ("console_enabled", FLAG),
            ("console_interface", TEXT),
            ("deploy_interface", TEXT),
            ("description", Schema { max_length: Some(DESCRIPTION_MAX), ..TEXT }),
            ("disable_power_off", FLAG),
            ("driver", Schema::of(&[T::String])),
            ("driver_info", OBJECT),
            ("extra", OBJECT),
            ("firmware_interface", TEXT),
            ("inspect_interface", TEXT),
            ("instance_info", OBJECT),
            ("instance_name", Schema { min_length: 1, max_length: Some(255), ..TEXT }),
            ("instance_uuid", TEXT),
            ("lessee", TEXT),
            ("management_interface", TEXT),
            ("maintenance", FLAG),
            ("name", TEXT),
            (
                "network_data",
                Schema {
                    any_of: &[
                        Schema::of(&[T::Null]),
                        Schema { closed: true, ..Schema::of(&[T::Object]) },
                        NETWORK_DATA,
                    ],
                    ..Schema::ANY
                },
            ),
            ("network_interface", TEXT),
            ("owner", TEXT),
            ("parent_node", Schema { max_length: Some(36), ..TEXT }),
            ("power_interface", TEXT),
            ("properties", OBJECT),
            ("raid_interface", TEXT),
            ("rescue_interface", TEXT),
            ("resource_class", Schema { max_length: Some(80), ..TEXT }),
            ("retired", FLAG),
            ("retired_reason", TEXT),
            ("secure_boot", FLAG),
            ("shard", TEXT),
            ("storage_interface", TEXT),
            ("uuid", TEXT),
            ("vendor_interface", TEXT),
            $($extra),*
        ]
    };
}

/// What may be given when a node is created.
const NODE: Schema =
    Schema { properties: properties!(), required: &["driver"], closed: true, ..Schema::of(&[T::Object]) };

/// What a patched node must look like.
const PATCHED: Schema = Schema {
    properties: properties!(("protected", FLAG), ("protected_reason", TEXT)),
    required: &["driver"],
    closed: true,
    ..Schema::of(&[T::Object])
};

/// What a text stands for beyond its type, in the order in which it is checked.
const FINER: [(&str, Finer); 9] = [
    ("automated_clean", Finer::Flag),
    ("chassis_uuid", Finer::Uuid),
    ("console_enabled", Finer::Flag),
    ("disable_power_off", Finer::Flag),
    ("instance_uuid", Finer::Uuid),
    ("protected", Finer::Flag),
    ("maintenance", Finer::Flag),
    ("retired", Finer::Flag),
    ("uuid", Finer::Uuid),
];

impl NewNode {
    /// What such documents look like.
    pub const SHAPE: DocumentShape = DocumentShape::new(&NODE, &FINER);

    /// Checks a document.
    ///
    /// **Errors**: `Invalid`.
    pub fn parse(document: &Value) -> Result<Self, ControlError> {
        checked("node", document, &NODE, &FINER).map(Self)
    }

    /// The value of a field, or null.
    pub fn get(&self, field: &str) -> &Value {
        self.0.get(field).unwrap_or(&Value::Null)
    }

    /// Writes the fields into `node`.
    pub(super) fn fill(&self, node: &mut Node) {
        write(&self.0, node);
    }

    /// The interfaces that were asked for.
    pub(super) fn interfaces(&self) -> BTreeMap<InterfaceKind, String> {
        requested(&self.0)
    }
}

/// Checks a patched document.
///
/// **Errors**: `Invalid`.
pub(super) fn check_patched(document: JsonMap) -> Result<JsonMap, ControlError> {
    checked("patch", &Value::Object(document), &PATCHED, &FINER)
}

/// Checks `network_data` of a patch on its own, where the text is plainer.
///
/// **Errors**: `Invalid`.
pub(super) fn check_network_data(value: &Value) -> Result<(), ControlError> {
    match schema::refusal(value, &NETWORK_DATA) {
        Some(text) => Err(ControlError::Invalid(format!("Invalid network_data: {text} "))),
        None => Ok(()),
    }
}

/// The fields of `node` that can be patched, as they are.
pub(crate) fn read(node: &Node) -> JsonMap {
    let spec = &node.spec;
    let mut map = JsonMap::new();
    let mut put = |field: &str, value: Value| {
        map.insert(field.to_owned(), value);
    };
    for kind in InterfaceKind::ALL {
        put(&format!("{kind}_interface"), spec.interfaces.get(&kind).cloned().into());
    }
    put("automated_clean", spec.automated_clean.into());
    put("chassis_uuid", node.chassis_uuid.map(|uuid| uuid.to_string()).into());
    put("conductor_group", node.conductor_group.clone().into());
    put("description", node.description.clone().into());
    put("disable_power_off", spec.disable_power_off.into());
    put("driver", node.driver.clone().into());
    put("driver_info", spec.driver_info.clone().into());
    put("extra", spec.extra.clone().into());
    put("instance_info", spec.instance_info.clone().into());
    put("instance_name", node.instance_name.clone().into());
    put("instance_uuid", node.instance_uuid.map(|uuid| uuid.to_string()).into());
    put("lessee", node.lessee.clone().into());
    put("maintenance", node.maintenance.into());
    put("name", node.name.clone().into());
    put("network_data", spec.network_data.clone().into());
    put("owner", node.owner.clone().into());
    put("parent_node", node.parent_node.map(|uuid| uuid.to_string()).into());
    put("properties", spec.properties.clone().into());
    put("protected", spec.protected.into());
    put("protected_reason", spec.protected_reason.clone().into());
    put("resource_class", node.resource_class.clone().into());
    put("retired", node.retired.into());
    put("retired_reason", spec.retired_reason.clone().into());
    put("shard", node.shard.clone().into());
    map
}

/// Writes the fields of a checked document into `node`; interfaces and parent are left to the caller.
pub(super) fn write(map: &JsonMap, node: &mut Node) {
    let text = |field: &str| map.get(field).and_then(Value::as_str).map(str::to_owned);
    let flag = |field: &str| map.get(field).and_then(Value::as_bool);
    let object = |field: &str| map.get(field).and_then(Value::as_object).cloned().unwrap_or_default();
    node.name = text("name");
    node.driver = text("driver").unwrap_or_default();
    node.maintenance = flag("maintenance").unwrap_or_default();
    node.instance_uuid = text("instance_uuid").and_then(|uuid| Uuid::try_parse(&uuid).ok());
    node.instance_name = text("instance_name");
    node.resource_class = text("resource_class");
    node.conductor_group = text("conductor_group").unwrap_or_default().to_lowercase();
    node.owner = text("owner");
    node.lessee = text("lessee");
    node.shard = text("shard");
    node.chassis_uuid = text("chassis_uuid").and_then(|uuid| Uuid::try_parse(&uuid).ok());
    node.retired = flag("retired").unwrap_or_default();
    node.description = text("description");
    let spec = &mut node.spec;
    spec.driver_info = object("driver_info");
    spec.properties = object("properties");
    spec.extra = object("extra");
    spec.instance_info = object("instance_info");
    spec.network_data = object("network_data");
    spec.automated_clean = flag("automated_clean");
    spec.protected = flag("protected").unwrap_or_default();
    spec.protected_reason = text("protected_reason");
    spec.retired_reason = text("retired_reason");
    spec.disable_power_off = flag("disable_power_off").unwrap_or_default();
}

/// `before` with the fields of a document that rules have changed; chassis and parent stay.
///
/// **Errors**: `Invalid`.
pub(crate) fn write_document(
    conductors: &[Conductor],
    before: &Node,
    document: JsonMap,
) -> Result<Node, ControlError> {
    let checked = check_patched(document)?;
    let mut node = before.clone();
    write(&checked, &mut node);
    if let Some(name) = &node.name {
        rules::name(name, |name| format!("'{name}' is no name for a node"))?;
    }
    let interfaces = requested(&checked);
    if node.driver != before.driver || interfaces != before.spec.interfaces {
        interfaces::choose(conductors, &mut node, &interfaces)?;
    }
    Ok(node)
}

/// The interfaces that a document names.
pub(super) fn requested(map: &JsonMap) -> BTreeMap<InterfaceKind, String> {
    let named = |kind: InterfaceKind| {
        let name = map.get(&format!("{kind}_interface"))?.as_str()?;
        Some((kind, name.to_owned()))
    };
    InterfaceKind::ALL.into_iter().filter_map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferric_model::lifecycle::ProvisionState;
    use serde_json::json;

    fn refusal(document: Value) -> String {
        NewNode::parse(&document).unwrap_err().to_string()
    }

    #[test]
    fn wrong_documents_are_refused_in_known_words() {
        let cases = [
            (json!({}), "Schema error for node: 'driver' is a required property"),
            (json!("x"), "Schema error for node: 'x' is not of type 'object'"),
            (json!({"driver": "d", "name": 5}), "Schema error for node: 5 is not of type 'string', 'null'"),
            (
                json!({"driver": "d", "protected": false}),
                "Schema error for node: Additional properties are not allowed ('protected' was unexpected)",
            ),
            (json!({"driver": "d", "uuid": "not-uuid"}), "Expected UUID for uuid: not-uuid"),
            (
                json!({"driver": "d", "maintenance": "maybe"}),
                "Invalid maintenance: Unrecognized value 'maybe', acceptable values are: '0', '1', 'f', 'false', 'n', \
                 'no', 'off', 'on', 't', 'true', 'y', 'yes'",
            ),
        ];
        for (document, expected) in cases {
            assert_eq!(refusal(document), expected);
        }
    }

    #[test]
    fn a_node_survives_being_a_document() {
        let now = time::OffsetDateTime::UNIX_EPOCH;
        let mut node = Node::new(Uuid::nil(), "d", ProvisionState::Enroll, now);
        node.name = Some("n".into());
        node.conductor_group = "g".into();
        node.spec.automated_clean = Some(false);
        node.spec.extra.insert("k".into(), json!([1, {"a": null}]));
        node.spec.interfaces.insert(InterfaceKind::Power, "fake".into());
        let document = check_patched(read(&node)).unwrap();
        let mut copy = Node::new(Uuid::nil(), "", ProvisionState::Enroll, now);
        write(&document, &mut copy);
        copy.spec.interfaces = requested(&document);
        assert_eq!(copy, node);
    }
}
