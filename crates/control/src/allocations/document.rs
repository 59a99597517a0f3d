//! An allocation as the document that operators write, in the form of the REST API.

use crate::document::{self, DocumentShape, Finer, OBJECT, TEXT, finer_checked, object, text};
use crate::error::ControlError;
use ferric_model::JsonMap;
use ferric_model::allocation::Allocation;
use ferric_model::resource_name::{IDENT, is_logical_name};
use ferric_model::schema::{self, JsonType as T, Schema};
use ferric_model::traits::TRAIT;
use serde_json::Value;

/// A new allocation, checked as far as it can be without reading anything.
#[derive(Debug, Clone)]
pub struct NewAllocation(JsonMap);

const CLASS: Schema = Schema { max_length: Some(80), ..TEXT };
const IDENTS: Schema = Schema { items: Some(&IDENT), ..Schema::of(&[T::Array, T::Null]) };
const TRAITS: Schema = Schema { items: Some(&TRAIT), ..Schema::of(&[T::Array, T::Null]) };

const ALLOCATION: Schema = Schema {
    properties: &[
        ("candidate_nodes", IDENTS),
        ("extra", OBJECT),
        ("name", TEXT),
        ("owner", TEXT),
        ("resource_class", CLASS),
        ("traits", TRAITS),
        ("uuid", TEXT),
    ],
    closed: true,
    ..Schema::of(&[T::Object])
};

/// Where a node can be named that has an instance already.
const BACKFILL: Schema = Schema {
    properties: &[
        ("candidate_nodes", IDENTS),
        ("extra", OBJECT),
        ("name", TEXT),
        ("owner", TEXT),
        ("resource_class", CLASS),
        ("traits", TRAITS),
        ("uuid", TEXT),
        ("node", TEXT),
    ],
    ..ALLOCATION
};

const PATCHED: Schema =
    Schema { properties: &[("extra", OBJECT), ("name", TEXT)], closed: true, ..Schema::of(&[T::Object]) };

const FINER: [(&str, Finer); 1] = [("uuid", Finer::Uuid)];

impl NewAllocation {
    /// What such documents look like.
    pub const SHAPE: DocumentShape = DocumentShape::new(&BACKFILL, &FINER);

    /// Checks a document; `backfills` when the caller's dialect can name a node.
    ///
    /// **Errors**: `Invalid`.
    pub fn parse(document: &Value, backfills: bool) -> Result<Self, ControlError> {
        let schema = if backfills { &BACKFILL } else { &ALLOCATION };
        if let Some(text) = schema::refusal(document, schema) {
            return Err(ControlError::Invalid(format!("Schema error: {text}")));
        }
        let map = document.as_object().cloned().unwrap_or_default();
        Ok(Self(finer_checked(map, &FINER)?))
    }

    /// A text of the document; an empty one counts as none.
    pub(super) fn text(&self, field: &str) -> Option<String> {
        text(&self.0, field).filter(|text| !text.is_empty())
    }

    /// The UUID that the document asks for.
    pub(super) fn uuid(&self) -> Option<uuid::Uuid> {
        document::uuid(&self.0, "uuid")
    }

    /// The texts of a list of the document, each once.
    pub(super) fn texts(&self, field: &str) -> Vec<String> {
        let mut texts: Vec<String> = Vec::new();
        for item in self.0.get(field).and_then(Value::as_array).into_iter().flatten() {
            if let Some(text) = item.as_str().filter(|text| !texts.iter().any(|known| known == text)) {
                texts.push(text.to_owned());
            }
        }
        texts
    }

    /// Operator's free-form data.
    pub(super) fn extra(&self) -> JsonMap {
        object(&self.0, "extra")
    }
}

/// Refuses a name that cannot stand in a path; `doing` is the verb of the refusal.
pub(super) fn check_name(name: Option<&str>, doing: &str) -> Result<(), ControlError> {
    match name.filter(|name| !name.is_empty() && !is_logical_name(name)) {
        Some(name) => {
            Err(ControlError::Invalid(format!("Cannot {doing} allocation with invalid name '{name}'")))
        }
        None => Ok(()),
    }
}

/// Checks a patched document.
///
/// **Errors**: `Invalid`.
pub(super) fn check_patched(patched: JsonMap) -> Result<JsonMap, ControlError> {
    let map = document::checked("patch", &Value::Object(patched), &PATCHED, &[])?;
    check_name(map.get("name").and_then(Value::as_str), "update")?;
    Ok(map)
}

/// The fields of `allocation` that can be patched, as they are.
pub(super) fn read(allocation: &Allocation) -> JsonMap {
    let rows: [(&str, Value); 2] =
        [("extra", allocation.extra.clone().into()), ("name", allocation.name.clone().into())];
    rows.into_iter().map(|(field, value)| (field.to_owned(), value)).collect()
}

/// Writes the fields of a checked document into `allocation`.
pub(super) fn write(map: &JsonMap, allocation: &mut Allocation) {
    allocation.name = text(map, "name").filter(|name| !name.is_empty());
    allocation.extra = object(map, "extra");
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn wrong_documents_are_refused_in_known_words() {
        let cases = [
            (
                json!({"resource_class": "gold", "traits": ["nope"]}),
                "Schema error: 'nope' is not valid under any of the given schemas. Possible root cause: 'nope' does not \
                 match '^CUSTOM_[A-Z0-9_]+$'",
            ),
            (
                json!({"node": "n"}),
                "Schema error: Additional properties are not allowed ('node' was unexpected)",
            ),
            (json!({"uuid": "x"}), "Expected UUID for uuid: x"),
            (json!({"resource_class": 5}), "Schema error: 5 is not of type 'string', 'null'"),
        ];
        for (document, expected) in cases {
            assert_eq!(NewAllocation::parse(&document, false).unwrap_err().to_string(), expected);
        }
        let new =
            NewAllocation::parse(&json!({"node": "n", "candidate_nodes": ["b", "a", "b"]}), true).unwrap();
        assert_eq!(new.texts("candidate_nodes"), ["b", "a"]);
        assert_eq!((new.text("node").as_deref(), new.text("name")), (Some("n"), None));
    }

    #[test]
    fn names_stand_in_paths() {
        check_name(Some("a-1"), "create").unwrap();
        let said = check_name(Some("a b"), "create").unwrap_err().to_string();
        assert_eq!(said, "Cannot create allocation with invalid name 'a b'");
        let patched = json!({"name": "a/b", "extra": {}});
        let said = check_patched(patched.as_object().unwrap().clone()).unwrap_err().to_string();
        assert_eq!(said, "Cannot update allocation with invalid name 'a/b'");
    }
}
