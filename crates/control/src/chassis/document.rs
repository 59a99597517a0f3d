//! A chassis as the document that operators write, in the form of the REST API.

use crate::document::{self, DocumentShape, Finer, OBJECT, TEXT, object, text};
use crate::error::ControlError;
use ferric_model::JsonMap;
use ferric_model::chassis::Chassis;
use ferric_model::schema::{JsonType as T, Schema};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

/// A new chassis, checked as far as it can be without reading anything.
#[derive(Debug, Clone)]
pub struct NewChassis(JsonMap);

const CHASSIS: Schema = Schema {
    properties: &[
        ("uuid", TEXT),
        ("extra", OBJECT),
        ("description", Schema { max_length: Some(255), ..TEXT }),
    ],
    closed: true,
    ..Schema::of(&[T::Object])
};

const FINER: [(&str, Finer); 1] = [("uuid", Finer::Uuid)];

impl NewChassis {
    /// What such documents look like.
    pub const SHAPE: DocumentShape = DocumentShape::new(&CHASSIS, &FINER);

    /// Checks a document.
    ///
    /// **Errors**: `Invalid`.
    pub fn parse(document: &Value) -> Result<Self, ControlError> {
        document::checked("chassis", document, &CHASSIS, &FINER).map(Self)
    }

    /// The chassis, with `fresh` as its UUID if the document has none.
    pub(super) fn to_chassis(&self, fresh: Uuid, now: OffsetDateTime) -> Chassis {
        let mut chassis = Chassis {
            id: 0,
            uuid: document::uuid(&self.0, "uuid").unwrap_or(fresh),
            description: None,
            extra: JsonMap::new(),
            created_at: now,
            updated_at: None,
        };
        write(&self.0, &mut chassis);
        chassis
    }
}

/// Checks a patched document of the chassis `uuid`.
///
/// **Errors**: `Invalid`.
pub(super) fn check_patched(patched: JsonMap, uuid: Uuid) -> Result<JsonMap, ControlError> {
    let map = document::checked("patch", &Value::Object(patched), &CHASSIS, &FINER)?;
    if document::uuid(&map, "uuid") != Some(uuid) {
        let text = "Cannot overwrite UUID for an existing Chassis.";
        return Err(ControlError::Invalid(text.to_owned()));
    }
    Ok(map)
}

/// The fields of `chassis` that can be patched, as they are.
pub(super) fn read(chassis: &Chassis) -> JsonMap {
    let rows: [(&str, Value); 3] = [
        ("uuid", chassis.uuid.to_string().into()),
        ("description", chassis.description.clone().into()),
        ("extra", chassis.extra.clone().into()),
    ];
    rows.into_iter().map(|(field, value)| (field.to_owned(), value)).collect()
}

/// Writes the fields of a checked document into `chassis`; its UUID stays.
pub(super) fn write(map: &JsonMap, chassis: &mut Chassis) {
    chassis.description = text(map, "description");
    chassis.extra = object(map, "extra");
}
