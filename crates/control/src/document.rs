//! What the documents of all resources share: finer checks than a schema has, and plain reading of fields.

use crate::error::ControlError;
use ferric_model::JsonMap;
use ferric_model::port::normalize_mac;
use ferric_model::schema::{self, JsonType as T, Schema, read_bool};
use serde_json::Value;
use uuid::Uuid;

/// A text, or nothing.
pub(crate) const TEXT: Schema = Schema::of(&[T::String, T::Null]);
/// Anything that is read as a boolean.
pub(crate) const FLAG: Schema = Schema::of(&[T::String, T::Boolean, T::Null]);
/// An object, or nothing.
pub(crate) const OBJECT: Schema = Schema::of(&[T::Object, T::Null]);

/// What a value stands for beyond its type; it is brought into its stored form.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Finer {
    /// A boolean in any of the usual spellings.
    Flag,
    /// A MAC address with colons.
    Mac,
    /// A UUID.
    Uuid,
    /// What only one resource knows.
    Own(fn(&str, &Value) -> Result<Value, ControlError>),
}

/// What the documents of one kind look like.
#[derive(Debug, Clone, Copy)]
pub struct DocumentShape {
    schema: &'static Schema,
    finer: &'static [(&'static str, Finer)],
}

impl DocumentShape {
    /// Documents that are [`checked`] by these two.
    pub(crate) const fn new(schema: &'static Schema, finer: &'static [(&'static str, Finer)]) -> Self {
        Self { schema, finer }
    }

    /// The same as a document of JSON Schema.
    pub fn to_json_schema(&self) -> Value {
        let mut shape = self.schema.to_json_schema();
        for (field, finer) in self.finer {
            let Some((keyword, text)) = finer.keyword() else { continue };
            if let Some(property) = shape["properties"].get_mut(*field) {
                property[keyword] = text.into();
            }
        }
        shape
    }
}

/// Checks a document against its schema, then each field in the order of `finer`; null is always allowed there.
///
/// **Errors**: `Invalid`.
pub(crate) fn checked(
    name: &str,
    document: &Value,
    schema: &Schema,
    finer: &[(&str, Finer)],
) -> Result<JsonMap, ControlError> {
    schema::check(name, document, schema).map_err(ControlError::Invalid)?;
    finer_checked(document.as_object().cloned().unwrap_or_default(), finer)
}

/// The second half of [`checked`], for documents whose schema is refused in words of its own.
///
/// **Errors**: `Invalid`.
pub(crate) fn finer_checked(mut map: JsonMap, finer: &[(&str, Finer)]) -> Result<JsonMap, ControlError> {
    for (field, finer) in finer {
        if let Some(value) = map.get_mut(*field).filter(|value| !value.is_null()) {
            *value = finer.read(field, value)?;
        }
    }
    Ok(map)
}

impl Finer {
    /// What JSON Schema has to say about it.
    const fn keyword(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Mac => Some(("pattern", "^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}$")),
            Self::Uuid => Some(("format", "uuid")),
            Self::Flag | Self::Own(_) => None,
        }
    }

    fn read(self, field: &str, value: &Value) -> Result<Value, ControlError> {
        let text = || value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let expected = |what: &str| ControlError::Invalid(format!("Expected {what} for {field}: {}", text()));
        match self {
            Self::Flag => read_bool(value)
                .map(Value::Bool)
                .map_err(|said| ControlError::Invalid(format!("Invalid {field}: {said}"))),
            Self::Mac => {
                let mac = value.as_str().and_then(normalize_mac);
                mac.map(Value::String).ok_or_else(|| expected("valid MAC address"))
            }
            Self::Uuid => {
                let uuid = value.as_str().and_then(|text| Uuid::try_parse(text).ok());
                uuid.map(|uuid| uuid.to_string().into()).ok_or_else(|| expected("UUID"))
            }
            Self::Own(read) => read(field, value),
        }
    }
}

/// A text of a checked document.
pub(crate) fn text(map: &JsonMap, field: &str) -> Option<String> {
    map.get(field).and_then(Value::as_str).map(str::to_owned)
}

/// A UUID of a checked document.
pub(crate) fn uuid(map: &JsonMap, field: &str) -> Option<Uuid> {
    map.get(field).and_then(Value::as_str).and_then(|text| text.parse().ok())
}

/// A boolean of a checked document.
pub(crate) fn flag(map: &JsonMap, field: &str, default: bool) -> bool {
    map.get(field).and_then(Value::as_bool).unwrap_or(default)
}

/// An object of a checked document.
pub(crate) fn object(map: &JsonMap, field: &str) -> JsonMap {
    map.get(field).and_then(Value::as_object).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const THING: Schema = Schema {
        properties: &[("on", FLAG), ("mac", TEXT), ("uuid", TEXT), ("extra", OBJECT)],
        closed: true,
        ..Schema::of(&[T::Object])
    };
    const FINE: [(&str, Finer); 3] = [("on", Finer::Flag), ("mac", Finer::Mac), ("uuid", Finer::Uuid)];

    #[test]
    fn fields_are_brought_into_their_stored_form() {
        let id = "6C6A2E5C-4C0F-4D7E-8F5F-0C1B2A3D4E5F";
        let given = json!({"on": "yes", "mac": "52:54:00:AA:00:01", "uuid": id, "extra": null});
        let map = checked("thing", &given, &THING, &FINE).unwrap();
        assert!(flag(&map, "on", false));
        assert_eq!(text(&map, "mac").as_deref(), Some("52:54:00:aa:00:01"));
        assert_eq!(uuid(&map, "uuid").unwrap().to_string(), id.to_lowercase());
        assert_eq!(object(&map, "extra"), JsonMap::new());
        let shape = DocumentShape::new(&THING, &FINE).to_json_schema();
        assert_eq!(shape["properties"]["uuid"], json!({"type": ["string", "null"], "format": "uuid"}));
        let said = checked("thing", &json!({"uuid": "x"}), &THING, &FINE).unwrap_err().to_string();
        assert_eq!(said, "Expected UUID for uuid: x");
    }
}
