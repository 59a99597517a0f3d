//! A runbook as the document that operators write, in the form of the REST API.

use crate::document::{self, DocumentShape, Finer, OBJECT, TEXT, flag, object, text};
use crate::error::ControlError;
use crate::stored_steps;
use ferric_model::JsonMap;
use ferric_model::runbook::Runbook;
use ferric_model::schema::{JsonType as T, Pattern, Schema};
use ferric_model::step::{RANK, STEP_INTERFACES};
use ferric_model::traits::TRAIT;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

/// A new runbook, checked.
#[derive(Debug, Clone)]
pub struct NewRunbook(JsonMap);

const STEP: Schema = Schema {
    properties: &[
        ("args", Schema::of(&[T::Object])),
        ("interface", Schema { one_of_words: &STEP_INTERFACES, ..Schema::of(&[T::String]) }),
        ("step", Schema { min_length: 1, ..Schema::of(&[T::String]) }),
        ("order", RANK),
    ],
    required: &["interface", "step", "order"],
    closed: true,
    ..Schema::of(&[T::Object])
};

const STEPS: Schema = Schema { items: Some(&STEP), min_items: 1, ..Schema::of(&[T::Array]) };
const SWITCH: Schema = Schema::of(&[T::Boolean, T::Null]);
const SHORT: Schema = Schema { max_length: Some(255), ..TEXT };

/// A name that can stand in a path.
const NAME: Schema = Schema {
    min_length: 1,
    max_length: Some(255),
    pattern: Some(Pattern {
        text: r"^[A-Za-z0-9\-._~]+$",
        matches: |t| !t.is_empty() && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b)),
    }),
    ..Schema::of(&[T::String])
};

/// Where the name is the trait that a node must have.
const NAMED_BY_TRAIT: Schema = Schema {
    properties: &[
        ("uuid", TEXT),
        ("name", TRAIT),
        ("steps", STEPS),
        ("disable_ramdisk", SWITCH),
        ("extra", OBJECT),
        ("public", SWITCH),
        ("owner", SHORT),
    ],
    required: &["steps", "name"],
    closed: true,
    ..Schema::of(&[T::Object])
};

/// Where traits are kept apart from the name.
const NAMED_FREELY: Schema = Schema {
    properties: &[
        ("uuid", TEXT),
        ("name", NAME),
        ("steps", STEPS),
        ("disable_ramdisk", SWITCH),
        ("extra", OBJECT),
        ("public", SWITCH),
        ("owner", SHORT),
        ("description", SHORT),
    ],
    ..NAMED_BY_TRAIT
};

const FINER: [(&str, Finer); 2] = [("steps", Finer::Own(stored_steps::no_duplicates)), ("uuid", Finer::Uuid)];

/// What the rank of a step is called.
const RANK_NAME: &str = "order";

impl NewRunbook {
    /// What such documents look like.
    pub const SHAPE: DocumentShape = DocumentShape::new(&NAMED_FREELY, &FINER);

    /// Checks a document; `free_name` when the caller's dialect keeps traits apart from the name.
    ///
    /// **Errors**: `Invalid`.
    pub fn parse(document: &Value, free_name: bool) -> Result<Self, ControlError> {
        let schema = if free_name { &NAMED_FREELY } else { &NAMED_BY_TRAIT };
        Ok(Self(document::checked("runbook", document, schema, &FINER)?))
    }

    /// The runbook, with `fresh` as its UUID if the document has none.
    pub(super) fn to_runbook(&self, fresh: Uuid, now: OffsetDateTime) -> Runbook {
        let mut runbook = Runbook {
            id: 0,
            uuid: document::uuid(&self.0, "uuid").unwrap_or(fresh),
            generation: 0,
            name: String::new(),
            description: None,
            disable_ramdisk: false,
            public: false,
            owner: None,
            traits: Vec::new(),
            steps: Vec::new(),
            extra: JsonMap::new(),
            created_at: now,
            updated_at: None,
        };
        write(&self.0, &mut runbook);
        runbook
    }
}

/// Checks a patched document.
///
/// **Errors**: `Invalid`.
pub(super) fn check_patched(mut patched: JsonMap) -> Result<JsonMap, ControlError> {
    stored_steps::prune(&mut patched, &STEP);
    document::checked("patch", &Value::Object(patched), &NAMED_FREELY, &FINER)
}

/// The fields of `runbook` that can be patched, as they are.
pub(super) fn read(runbook: &Runbook) -> JsonMap {
    let rows: [(&str, Value); 7] = [
        ("description", runbook.description.clone().into()),
        ("disable_ramdisk", runbook.disable_ramdisk.into()),
        ("extra", runbook.extra.clone().into()),
        ("name", runbook.name.clone().into()),
        ("owner", runbook.owner.clone().into()),
        ("public", runbook.public.into()),
        ("steps", stored_steps::write(&runbook.steps, RANK_NAME)),
    ];
    rows.into_iter().map(|(field, value)| (field.to_owned(), value)).collect()
}

/// Writes the fields of a checked document into `runbook`.
pub(super) fn write(map: &JsonMap, runbook: &mut Runbook) {
    runbook.name = text(map, "name").unwrap_or_default();
    runbook.description = text(map, "description");
    runbook.disable_ramdisk = flag(map, "disable_ramdisk", false);
    runbook.public = flag(map, "public", false);
    runbook.owner = text(map, "owner");
    runbook.steps = stored_steps::read(map, RANK_NAME);
    runbook.extra = object(map, "extra");
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_are_traits_in_old_dialects_and_free_in_new_ones() {
        let step = json!({"interface": "bios", "step": "apply", "order": 1});
        let document = json!({"name": "wipe.all~1", "steps": [step]});
        let said = NewRunbook::parse(&document, false).unwrap_err().to_string();
        assert!(said.starts_with("Schema error for runbook: 'wipe.all~1' is not valid under any"), "{said}");
        NewRunbook::parse(&document, true).unwrap();
        let cases = [
            (
                json!({"name": "a b", "steps": [step]}),
                r"Schema error for runbook: 'a b' does not match '^[A-Za-z0-9\\-._~]+$'",
            ),
            (json!({"name": "CUSTOM_A", "steps": []}), "Schema error for runbook: [] should be non-empty"),
            (
                json!({"name": "CUSTOM_A", "steps": [step], "traits": ["CUSTOM_A"]}),
                "Schema error for runbook: Additional properties are not allowed ('traits' was unexpected)",
            ),
            (
                json!({"name": "CUSTOM_A", "steps": [step], "public": "yes"}),
                "Schema error for runbook: 'yes' is not of type 'boolean', 'null'",
            ),
        ];
        for (document, expected) in cases {
            assert_eq!(NewRunbook::parse(&document, true).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn a_runbook_survives_being_a_document() {
        let document = json!({"name": "wipe", "description": "all of it", "extra": {"k": [1]}, "public": true,
            "disable_ramdisk": true, "owner": "p", "steps":
            [{"interface": "raid", "step": "delete", "order": "2"}]});
        let new = NewRunbook::parse(&document, true).unwrap();
        let runbook = new.to_runbook(Uuid::nil(), OffsetDateTime::UNIX_EPOCH);
        assert_eq!((runbook.steps[0].rank, runbook.public), (2, true));
        let mut copy = Runbook { name: String::new(), steps: Vec::new(), owner: None, ..runbook.clone() };
        write(&check_patched(read(&runbook)).unwrap(), &mut copy);
        assert_eq!(copy, runbook);
    }
}
