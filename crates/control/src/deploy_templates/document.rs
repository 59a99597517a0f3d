//! A deploy template as the document that operators write, in the form of the REST API.

use crate::document::{self, DocumentShape, Finer, OBJECT, TEXT, object, text};
use crate::error::ControlError;
use crate::stored_steps;
use ferric_model::JsonMap;
use ferric_model::deploy_template::DeployTemplate;
use ferric_model::schema::{JsonType as T, Schema};
use ferric_model::step::{RANK, STEP_INTERFACES};
use ferric_model::traits::TRAIT;
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

/// A new deploy template, checked.
#[derive(Debug, Clone)]
pub struct NewDeployTemplate(JsonMap);

const STEP: Schema = Schema {
    properties: &[
        ("args", Schema::of(&[T::Object])),
        ("interface", Schema { one_of_words: &STEP_INTERFACES, ..Schema::of(&[T::String]) }),
        ("priority", RANK),
        ("step", Schema { min_length: 1, ..Schema::of(&[T::String]) }),
    ],
    required: &["interface", "step", "args", "priority"],
    closed: true,
    ..Schema::of(&[T::Object])
};

const TEMPLATE: Schema = Schema {
    properties: &[
        // Accepted and forgotten, as clients expect.
        ("description", Schema { max_length: Some(255), ..TEXT }),
        ("extra", OBJECT),
        ("name", TRAIT),
        ("steps", Schema { items: Some(&STEP), min_items: 1, ..Schema::of(&[T::Array]) }),
        ("uuid", TEXT),
    ],
    required: &["steps", "name"],
    closed: true,
    ..Schema::of(&[T::Object])
};

const FINER: [(&str, Finer); 2] = [("steps", Finer::Own(stored_steps::no_duplicates)), ("uuid", Finer::Uuid)];

/// What the rank of a step is called.
const RANK_NAME: &str = "priority";

impl NewDeployTemplate {
    /// What such documents look like.
    pub const SHAPE: DocumentShape = DocumentShape::new(&TEMPLATE, &FINER);

    /// Checks a document.
    ///
    /// **Errors**: `Invalid`.
    pub fn parse(document: &Value) -> Result<Self, ControlError> {
        Ok(Self(document::checked("template", document, &TEMPLATE, &FINER)?))
    }

    /// The deploy template, with `fresh` as its UUID if the document has none.
    pub(super) fn to_template(&self, fresh: Uuid, now: OffsetDateTime) -> DeployTemplate {
        let mut template = DeployTemplate {
            id: 0,
            uuid: document::uuid(&self.0, "uuid").unwrap_or(fresh),
            generation: 0,
            name: String::new(),
            steps: Vec::new(),
            extra: JsonMap::new(),
            created_at: now,
            updated_at: None,
        };
        write(&self.0, &mut template);
        template
    }
}

/// Checks a patched document.
///
/// **Errors**: `Invalid`.
pub(super) fn check_patched(mut patched: JsonMap) -> Result<JsonMap, ControlError> {
    stored_steps::prune(&mut patched, &STEP);
    document::checked("patch", &Value::Object(patched), &TEMPLATE, &FINER)
}

/// The fields of `template` that can be patched, as they are.
pub(super) fn read(template: &DeployTemplate) -> JsonMap {
    let rows: [(&str, Value); 4] = [
        ("description", Value::Null),
        ("extra", template.extra.clone().into()),
        ("name", template.name.clone().into()),
        ("steps", stored_steps::write(&template.steps, RANK_NAME)),
    ];
    rows.into_iter().map(|(field, value)| (field.to_owned(), value)).collect()
}

/// Writes the fields of a checked document into `template`.
pub(super) fn write(map: &JsonMap, template: &mut DeployTemplate) {
    template.name = text(map, "name").unwrap_or_default();
    template.steps = stored_steps::read(map, RANK_NAME);
    template.extra = object(map, "extra");
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn wrong_documents_are_refused_in_known_words() {
        let step = json!({"interface": "bios", "step": "apply", "args": {}, "priority": 150});
        let cases = [
            (
                json!({"name": "lower", "steps": [step]}),
                "Schema error for template: 'lower' is not valid under any of the given schemas. Possible root cause: \
                 'lower' does not match '^CUSTOM_[A-Z0-9_]+$'",
            ),
            (json!({"name": "CUSTOM_A", "steps": []}), "Schema error for template: [] should be non-empty"),
            (
                json!({"name": "CUSTOM_A", "steps": [{"interface": "x"}]}),
                "Schema error for template: 'step' is a required property",
            ),
            (
                json!({"name": "CUSTOM_A", "steps": [step, step]}),
                "Deploy template invalid: Duplicate deploy steps. A template cannot have multiple deploy steps with the \
                 same interface and step. Duplicates: interface: bios, step: apply.",
            ),
        ];
        for (document, expected) in cases {
            assert_eq!(NewDeployTemplate::parse(&document).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn a_template_survives_being_a_document() {
        let document = json!({"name": "CUSTOM_A", "description": "gone", "extra": {"k": [1]}, "steps":
            [{"interface": "bios", "step": "apply", "args": {"a": 1}, "priority": "150"}]});
        let new = NewDeployTemplate::parse(&document).unwrap();
        let template = new.to_template(Uuid::nil(), OffsetDateTime::UNIX_EPOCH);
        assert_eq!(template.steps[0].rank, 150);
        let mut patched = read(&template);
        patched["steps"][0]["colour"] = "red".into();
        let mut copy = DeployTemplate { name: String::new(), steps: Vec::new(), ..template.clone() };
        write(&check_patched(patched).unwrap(), &mut copy);
        assert_eq!(copy, template);
    }
}
