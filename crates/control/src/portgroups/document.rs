//! A portgroup as the document that operators write, in the form of the REST API.

use crate::document::{self, DocumentShape, FLAG, Finer, OBJECT, TEXT, flag, object, text};
use crate::error::ControlError;
use ferric_model::JsonMap;
use ferric_model::portgroup::{Portgroup, PortgroupDetail};
use ferric_model::schema::{JsonType as T, Schema};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

/// A new portgroup, checked as far as it can be without reading anything.
#[derive(Debug, Clone)]
pub struct NewPortgroup(JsonMap);

const PORTGROUP: Schema = Schema {
    properties: &[
        ("address", TEXT),
        ("category", Schema { max_length: Some(80), ..TEXT }),
        ("extra", OBJECT),
        ("mode", TEXT),
        ("name", TEXT),
        ("node_uuid", Schema::of(&[T::String])),
        ("physical_network", Schema { max_length: Some(64), ..TEXT }),
        ("properties", OBJECT),
        ("standalone_ports_supported", FLAG),
        ("uuid", TEXT),
    ],
    required: &["node_uuid"],
    closed: true,
    ..Schema::of(&[T::Object])
};

/// What a text stands for beyond its type, in the order in which it is checked.
const FINER: [(&str, Finer); 4] = [
    ("address", Finer::Mac),
    ("node_uuid", Finer::Uuid),
    ("standalone_ports_supported", Finer::Flag),
    ("uuid", Finer::Uuid),
];

impl NewPortgroup {
    /// What such documents look like.
    pub const SHAPE: DocumentShape = DocumentShape::new(&PORTGROUP, &FINER);

    /// Checks a document.
    ///
    /// **Errors**: `Invalid`.
    pub fn parse(document: &Value) -> Result<Self, ControlError> {
        document::checked("portgroup", document, &PORTGROUP, &FINER).map(Self)
    }

    /// The value of a field, or null.
    pub fn get(&self, field: &str) -> &Value {
        self.0.get(field).unwrap_or(&Value::Null)
    }

    /// The portgroup, with `fresh` as its UUID and `mode` as its mode if the document has none.
    pub(super) fn to_portgroup(
        &self,
        fresh: Uuid,
        node_uuid: Uuid,
        mode: &str,
        now: OffsetDateTime,
    ) -> Portgroup {
        let mut portgroup = Portgroup {
            id: 0,
            uuid: document::uuid(&self.0, "uuid").unwrap_or(fresh),
            node_uuid,
            name: None,
            address: None,
            mode: None,
            standalone_ports_supported: true,
            physical_network: None,
            category: None,
            dynamic_portgroup: false,
            detail: PortgroupDetail::default(),
            created_at: now,
            updated_at: None,
        };
        write(&self.0, &mut portgroup);
        portgroup.mode = portgroup.mode.filter(|mode| !mode.is_empty()).or_else(|| Some(mode.to_owned()));
        portgroup
    }
}

/// Checks a patched document.
///
/// **Errors**: `Invalid`.
pub(super) fn check_patched(patched: JsonMap) -> Result<JsonMap, ControlError> {
    if !patched.contains_key("mode") {
        let text = "'mode' is a mandatory attribute and can not be removed";
        return Err(ControlError::Invalid(text.to_owned()));
    }
    document::checked("patch", &Value::Object(patched), &PORTGROUP, &FINER)
}

/// The fields of `portgroup` that can be patched, as they are.
pub(super) fn read(portgroup: &Portgroup) -> JsonMap {
    let rows: [(&str, Value); 9] = [
        ("address", portgroup.address.clone().into()),
        ("category", portgroup.category.clone().into()),
        ("extra", portgroup.detail.extra.clone().into()),
        ("mode", portgroup.mode.clone().into()),
        ("name", portgroup.name.clone().into()),
        ("node_uuid", portgroup.node_uuid.to_string().into()),
        ("physical_network", portgroup.physical_network.clone().into()),
        ("properties", portgroup.detail.properties.clone().into()),
        ("standalone_ports_supported", portgroup.standalone_ports_supported.into()),
    ];
    rows.into_iter().map(|(field, value)| (field.to_owned(), value)).collect()
}

/// Writes the fields of a checked document into `portgroup`; the node is left to the caller.
pub(super) fn write(map: &JsonMap, portgroup: &mut Portgroup) {
    portgroup.name = text(map, "name");
    portgroup.address = text(map, "address");
    portgroup.mode = text(map, "mode");
    portgroup.standalone_ports_supported = flag(map, "standalone_ports_supported", true);
    portgroup.physical_network = text(map, "physical_network");
    portgroup.category = text(map, "category");
    portgroup.detail.extra = object(map, "extra");
    portgroup.detail.properties = object(map, "properties");
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_portgroup_survives_being_a_document() {
        let document = json!({"node_uuid": Uuid::nil(), "address": "52:54:00:AA:00:09", "name": "bond0",
            "standalone_ports_supported": "no", "mode": "", "properties": {"miimon": 100}, "extra": {"k": [1]},
            "physical_network": "n", "category": "c"});
        let new = NewPortgroup::parse(&document).unwrap();
        let portgroup = new.to_portgroup(Uuid::nil(), Uuid::nil(), "802.3ad", OffsetDateTime::UNIX_EPOCH);
        assert_eq!(portgroup.address.as_deref(), Some("52:54:00:aa:00:09"));
        assert_eq!(
            (portgroup.mode.as_deref(), portgroup.standalone_ports_supported),
            (Some("802.3ad"), false)
        );
        let mut copy =
            Portgroup { name: None, mode: None, detail: PortgroupDetail::default(), ..portgroup.clone() };
        write(&check_patched(read(&portgroup)).unwrap(), &mut copy);
        assert_eq!(copy, portgroup);
    }
}
