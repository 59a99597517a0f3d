//! A port as the document that operators write, in the form of the REST API.

use crate::document::{self, DocumentShape, FLAG, Finer, OBJECT, TEXT, flag, object, text};
use crate::error::ControlError;
use ferric_model::JsonMap;
use ferric_model::port::{Port, PortDetail, normalize_mac};
use ferric_model::schema::{self, JsonType as T, Schema};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

/// A new port, checked as far as it can be without reading anything.
#[derive(Debug, Clone)]
pub struct NewPort(JsonMap);

const PORT: Schema = Schema {
    properties: &[
        ("address", Schema::of(&[T::String])),
        ("extra", OBJECT),
        ("is_smartnic", FLAG),
        ("local_link_connection", OBJECT),
        ("node_uuid", Schema::of(&[T::String])),
        ("node_ident", Schema::of(&[T::String])),
        ("physical_network", Schema { max_length: Some(64), ..TEXT }),
        ("portgroup_uuid", TEXT),
        ("pxe_enabled", FLAG),
        ("uuid", TEXT),
        ("name", TEXT),
        ("description", Schema { max_length: Some(255), ..TEXT }),
        ("vendor", Schema { max_length: Some(32), ..TEXT }),
        ("category", Schema { max_length: Some(80), ..TEXT }),
        ("available_for_dynamic_portgroup", Schema::of(&[T::Boolean])),
    ],
    required: &["address"],
    closed: true,
    any_of: &[
        Schema { required: &["node_ident"], ..Schema::ANY },
        Schema { required: &["node_uuid"], ..Schema::ANY },
    ],
    ..Schema::of(&[T::Object])
};

/// Members of every kind of link; a macro because each kind demands others of them.
macro_rules! link {
    ($required:expr, $network_types:expr) => {
        Schema {
            properties: &[
                ("port_id", Schema::of(&[T::String])),
                ("switch_id", Schema::of(&[T::String])),
                ("hostname", Schema::of(&[T::String])),
                ("switch_info", Schema::of(&[T::String])),
                ("network_type", Schema { one_of_words: $network_types, ..Schema::of(&[T::String]) }),
                ("vtep-logical-switch", Schema::of(&[T::String])),
                ("vtep-physical-switch", Schema::of(&[T::String])),
            ],
            required: $required,
            closed: true,
            ..Schema::of(&[T::Object])
        }
    };
}

/// Any of the kinds of link, or none.
const LINK: Schema = Schema {
    any_of: &[
        link!(&["port_id", "switch_id"], &["managed", "unmanaged"]),
        link!(&["port_id", "hostname"], &["managed", "unmanaged"]),
        link!(&["network_type"], &["unmanaged"]),
        link!(&["port_id", "vtep-logical-switch", "vtep-physical-switch"], &["managed", "unmanaged"]),
        Schema { closed: true, ..Schema::of(&[T::Object]) },
    ],
    ..Schema::ANY
};

/// What a text stands for beyond its type, in the order in which it is checked.
const FINER: [(&str, Finer); 8] = [
    ("address", Finer::Mac),
    ("node_uuid", Finer::Uuid),
    ("is_smartnic", Finer::Flag),
    ("local_link_connection", Finer::Own(read_link)),
    ("portgroup_uuid", Finer::Uuid),
    ("pxe_enabled", Finer::Flag),
    ("uuid", Finer::Uuid),
    ("available_for_dynamic_portgroup", Finer::Flag),
];

impl NewPort {
    /// What such documents look like.
    pub const SHAPE: DocumentShape = DocumentShape::new(&PORT, &FINER);

    /// Checks a document.
    ///
    /// **Errors**: `Invalid`.
    pub fn parse(document: &Value) -> Result<Self, ControlError> {
        let map = document::checked("port", document, &PORT, &FINER)?;
        if map.contains_key("node_uuid") && map.contains_key("node_ident") {
            return Err(ControlError::Invalid(format!(
                "Schema error for port: {} is valid under each of {{'required': ['node_uuid']}}, \
                 {{'required': ['node_ident']}}",
                schema::literal(document)
            )));
        }
        Ok(Self(map))
    }

    /// The value of a field, or null.
    pub fn get(&self, field: &str) -> &Value {
        self.0.get(field).unwrap_or(&Value::Null)
    }

    /// The node that is to carry the port.
    pub fn node_ident(&self) -> &str {
        let ident = self.get("node_ident").as_str();
        ident.or_else(|| self.get("node_uuid").as_str()).unwrap_or_default()
    }

    /// The port, with `fresh` as its UUID if the document has none.
    pub(super) fn to_port(&self, fresh: Uuid, node_uuid: Uuid, now: OffsetDateTime) -> Port {
        let mut port = Port {
            id: 0,
            uuid: self.get("uuid").as_str().and_then(|text| text.parse().ok()).unwrap_or(fresh),
            node_uuid,
            address: String::new(),
            name: None,
            portgroup_uuid: None,
            pxe_enabled: true,
            physical_network: None,
            detail: PortDetail::default(),
            created_at: Some(now),
            updated_at: None,
        };
        write(&self.0, &mut port);
        port
    }
}

/// Checks a patched document.
///
/// **Errors**: `Invalid`.
pub(super) fn check_patched(document: JsonMap) -> Result<JsonMap, ControlError> {
    document::checked("patch", &Value::Object(document), &PORT, &FINER)
}

/// Checks a link and brings it into its stored form.
fn read_link(field: &str, link: &Value) -> Result<Value, ControlError> {
    schema::check(field, link, &LINK).map_err(ControlError::Invalid)?;
    normalize_switch(link.clone())
}

/// Brings the identity of the switch into its stored form: a MAC address or an OpenFlow datapath.
fn normalize_switch(mut link: Value) -> Result<Value, ControlError> {
    if let Some(switch) = link.get_mut("switch_id") {
        let text = switch.as_str().unwrap_or_default().to_owned();
        let datapath = || {
            let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))?;
            let fits = hex.len() == 16 && hex.bytes().all(|b| b.is_ascii_hexdigit());
            fits.then(|| text.to_ascii_lowercase())
        };
        *switch = normalize_mac(&text)
            .or_else(datapath)
            .ok_or_else(|| {
                let text = format!("Expected a MAC address or OpenFlow datapath ID but received {text}.");
                ControlError::Invalid(text)
            })?
            .into();
    }
    Ok(link)
}

/// The fields of `port` that can be patched, as they are.
pub(crate) fn read(port: &Port) -> JsonMap {
    let detail = &port.detail;
    let rows: [(&str, Value); 13] = [
        ("address", port.address.clone().into()),
        ("available_for_dynamic_portgroup", detail.available_for_dynamic_portgroup.into()),
        ("category", detail.category.clone().into()),
        ("description", detail.description.clone().into()),
        ("extra", detail.extra.clone().into()),
        ("is_smartnic", detail.is_smartnic.into()),
        ("local_link_connection", detail.local_link_connection.clone().into()),
        ("name", port.name.clone().into()),
        ("node_uuid", port.node_uuid.to_string().into()),
        ("physical_network", port.physical_network.clone().into()),
        ("portgroup_uuid", port.portgroup_uuid.map(|uuid| uuid.to_string()).into()),
        ("pxe_enabled", port.pxe_enabled.into()),
        ("vendor", detail.vendor.clone().into()),
    ];
    rows.into_iter().map(|(field, value)| (field.to_owned(), value)).collect()
}

/// Writes the fields of a checked document into `port`; the node is left to the caller.
pub(super) fn write(map: &JsonMap, port: &mut Port) {
    port.address = text(map, "address").unwrap_or_default();
    port.name = text(map, "name");
    port.portgroup_uuid = document::uuid(map, "portgroup_uuid");
    port.pxe_enabled = flag(map, "pxe_enabled", true);
    port.physical_network = text(map, "physical_network");
    let detail = &mut port.detail;
    detail.extra = object(map, "extra");
    detail.local_link_connection = object(map, "local_link_connection");
    detail.is_smartnic = flag(map, "is_smartnic", false);
    detail.description = text(map, "description");
    detail.vendor = text(map, "vendor");
    detail.category = text(map, "category");
    detail.available_for_dynamic_portgroup = flag(map, "available_for_dynamic_portgroup", true);
}

/// `before` with the fields of a document that rules have changed; the node stays.
///
/// **Errors**: `Invalid`.
pub(crate) fn write_document(before: &Port, mut document: JsonMap) -> Result<Port, ControlError> {
    document.remove("uuid");
    let checked = check_patched(document)?;
    let mut port = before.clone();
    write(&checked, &mut port);
    Ok(port)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn wrong_documents_are_refused_in_known_words() {
        let mac = "52:54:00:aa:00:09";
        let node = "11111111-1111-4111-8111-000000000004";
        let cases = [
            (json!({"node_uuid": node}), "Schema error for port: 'address' is a required property"),
            (
                json!({"address": mac}),
                "Schema error for port: {'address': '52:54:00:aa:00:09'} is not valid under any of the given schemas. \
                 Possible root cause: 'node_ident' is a required property",
            ),
            (
                json!({"address": mac, "node_uuid": node, "colour": 1}),
                "Schema error for port: Additional properties are not allowed ('colour' was unexpected)",
            ),
            (json!({"address": "zz", "node_uuid": node}), "Expected valid MAC address for address: zz"),
            (
                json!({"address": mac, "node_uuid": node, "local_link_connection": {"switch_id": "x"}}),
                "Schema error for local_link_connection: {'switch_id': 'x'} is not valid under any of the given \
                 schemas. Possible root cause: 'port_id' is a required property",
            ),
            (
                json!({"address": mac, "node_uuid": node,
                    "local_link_connection": {"switch_id": "x", "port_id": "1"}}),
                "Expected a MAC address or OpenFlow datapath ID but received x.",
            ),
        ];
        for (document, expected) in cases {
            assert_eq!(NewPort::parse(&document).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn a_port_survives_being_a_document() {
        let document = json!({"address": "52:54:00:AA:00:09", "node_ident": "n", "pxe_enabled": "no", "name": "eth0",
            "local_link_connection": {"switch_id": "0x0011223344556677", "port_id": "1"}, "extra": {"k": [1]}});
        let new = NewPort::parse(&document).unwrap();
        let port = new.to_port(Uuid::nil(), Uuid::nil(), OffsetDateTime::UNIX_EPOCH);
        assert_eq!((port.address.as_str(), port.pxe_enabled), ("52:54:00:aa:00:09", false));
        let mut copy = Port { address: String::new(), name: None, ..port.clone() };
        write(&check_patched(read(&port)).unwrap(), &mut copy);
        assert_eq!(copy, port);
    }
}
