//! Volume connectors and targets as the documents that operators write, in the form of the REST API.

use crate::document::{self, DocumentShape, Finer, OBJECT, TEXT, checked, object, text};
use crate::error::ControlError;
use ferric_model::JsonMap;
use ferric_model::schema::{JsonType as T, Schema};
use ferric_model::volume::{VolumeConnector, VolumeTarget};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

/// A new volume connector, checked.
#[derive(Debug, Clone)]
pub struct NewVolumeConnector(JsonMap);

/// A new volume target, checked.
#[derive(Debug, Clone)]
pub struct NewVolumeTarget(JsonMap);

/// A text that must be there.
const WORD: Schema = Schema { max_length: Some(255), ..Schema::of(&[T::String]) };

const CONNECTOR: Schema = Schema {
    properties: &[
        ("connector_id", WORD),
        ("extra", OBJECT),
        ("node_uuid", WORD),
        ("type", WORD),
        ("uuid", TEXT),
    ],
    required: &["connector_id", "node_uuid", "type"],
    closed: true,
    ..Schema::of(&[T::Object])
};

const TARGET: Schema = Schema {
    properties: &[
        ("boot_index", Schema::of(&[T::Integer])),
        ("extra", OBJECT),
        ("node_uuid", WORD),
        ("properties", OBJECT),
        ("uuid", TEXT),
        ("volume_id", WORD),
        ("volume_type", WORD),
    ],
    required: &["boot_index", "node_uuid", "volume_id", "volume_type"],
    closed: true,
    ..Schema::of(&[T::Object])
};

const FINER: [(&str, Finer); 2] = [("node_uuid", Finer::Uuid), ("uuid", Finer::Uuid)];

impl NewVolumeConnector {
    /// Its shape.
    pub const SHAPE: DocumentShape = DocumentShape::new(&CONNECTOR, &FINER);

    /// Checks a document.
    ///
    /// **Errors**: `Invalid`.
    pub fn parse(document: &Value) -> Result<Self, ControlError> {
        checked("connector", document, &CONNECTOR, &FINER).map(Self)
    }

    /// The node it is to belong to.
    pub(super) fn node_uuid(&self) -> Uuid {
        document::uuid(&self.0, "node_uuid").unwrap_or_default()
    }

    /// The connector, with `fresh` as its UUID if the document has none.
    pub(super) fn to_connector(&self, fresh: Uuid, now: OffsetDateTime) -> VolumeConnector {
        let mut connector = VolumeConnector {
            id: 0,
            uuid: document::uuid(&self.0, "uuid").unwrap_or(fresh),
            node_uuid: self.node_uuid(),
            kind: String::new(),
            connector_id: String::new(),
            extra: JsonMap::new(),
            created_at: now,
            updated_at: None,
        };
        write_connector(&self.0, &mut connector);
        connector
    }
}

impl NewVolumeTarget {
    /// Its shape.
    pub const SHAPE: DocumentShape = DocumentShape::new(&TARGET, &FINER);

    /// Checks a document.
    ///
    /// **Errors**: `Invalid`.
    pub fn parse(document: &Value) -> Result<Self, ControlError> {
        checked("target", document, &TARGET, &FINER).map(Self)
    }

    /// The node it is to belong to.
    pub(super) fn node_uuid(&self) -> Uuid {
        document::uuid(&self.0, "node_uuid").unwrap_or_default()
    }

    /// The target, with `fresh` as its UUID if the document has none.
    pub(super) fn to_target(&self, fresh: Uuid, now: OffsetDateTime) -> VolumeTarget {
        let mut target = VolumeTarget {
            id: 0,
            uuid: document::uuid(&self.0, "uuid").unwrap_or(fresh),
            node_uuid: self.node_uuid(),
            volume_type: String::new(),
            boot_index: 0,
            volume_id: String::new(),
            properties: JsonMap::new(),
            extra: JsonMap::new(),
            created_at: now,
            updated_at: None,
        };
        write_target(&self.0, &mut target);
        target
    }
}

/// The fields of a connector that can be patched, as they are.
pub(super) fn read_connector(connector: &VolumeConnector) -> JsonMap {
    let rows: [(&str, Value); 4] = [
        ("connector_id", connector.connector_id.clone().into()),
        ("extra", connector.extra.clone().into()),
        ("node_uuid", connector.node_uuid.to_string().into()),
        ("type", connector.kind.clone().into()),
    ];
    rows.into_iter().map(|(field, value)| (field.to_owned(), value)).collect()
}

/// Writes a patched document, once checked, into a connector.
///
/// **Errors**: `Invalid`.
pub(super) fn patch_connector(map: JsonMap, connector: &mut VolumeConnector) -> Result<(), ControlError> {
    let map = checked("patch", &Value::Object(map), &CONNECTOR, &FINER)?;
    write_connector(&map, connector);
    Ok(())
}

fn write_connector(map: &JsonMap, connector: &mut VolumeConnector) {
    connector.node_uuid = document::uuid(map, "node_uuid").unwrap_or(connector.node_uuid);
    connector.kind = text(map, "type").unwrap_or_default();
    connector.connector_id = text(map, "connector_id").unwrap_or_default();
    connector.extra = object(map, "extra");
}

/// The fields of a target that can be patched, as they are.
pub(super) fn read_target(target: &VolumeTarget) -> JsonMap {
    let rows: [(&str, Value); 6] = [
        ("boot_index", target.boot_index.into()),
        ("extra", target.extra.clone().into()),
        ("node_uuid", target.node_uuid.to_string().into()),
        ("properties", target.properties.clone().into()),
        ("volume_id", target.volume_id.clone().into()),
        ("volume_type", target.volume_type.clone().into()),
    ];
    rows.into_iter().map(|(field, value)| (field.to_owned(), value)).collect()
}

/// Writes a patched document, once checked, into a target.
///
/// **Errors**: `Invalid`.
pub(super) fn patch_target(map: JsonMap, target: &mut VolumeTarget) -> Result<(), ControlError> {
    let map = checked("patch", &Value::Object(map), &TARGET, &FINER)?;
    write_target(&map, target);
    Ok(())
}

fn write_target(map: &JsonMap, target: &mut VolumeTarget) {
    target.node_uuid = document::uuid(map, "node_uuid").unwrap_or(target.node_uuid);
    target.volume_type = text(map, "volume_type").unwrap_or_default();
    target.boot_index = map.get("boot_index").and_then(Value::as_i64).unwrap_or_default();
    target.volume_id = text(map, "volume_id").unwrap_or_default();
    target.properties = object(map, "properties");
    target.extra = object(map, "extra");
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn documents_survive_being_written_and_read() {
        let node = "11111111-1111-4111-8111-000000000004";
        let given = json!({"node_uuid": node, "type": "iqn", "connector_id": "iqn.x", "extra": {"k": 1}});
        let now = OffsetDateTime::UNIX_EPOCH;
        let connector = NewVolumeConnector::parse(&given).unwrap().to_connector(Uuid::nil(), now);
        let mut copy = VolumeConnector { kind: String::new(), ..connector.clone() };
        patch_connector(read_connector(&connector), &mut copy).unwrap();
        assert_eq!(copy, connector);
        let given = json!({"node_uuid": node, "volume_type": "iscsi", "volume_id": "v", "boot_index": 3});
        let target = NewVolumeTarget::parse(&given).unwrap().to_target(Uuid::nil(), now);
        let mut copy = VolumeTarget { boot_index: 0, ..target.clone() };
        patch_target(read_target(&target), &mut copy).unwrap();
        assert_eq!(copy, target);
        let said = NewVolumeConnector::parse(&json!({"node_uuid": node, "type": 5, "connector_id": "x"}));
        assert_eq!(said.unwrap_err().to_string(), "Schema error for connector: 5 is not of type 'string'");
    }
}
