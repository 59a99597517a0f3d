//! An inspection rule as the document that operators write, in the form of the REST API.

use crate::document::{self, DocumentShape, Finer, TEXT, checked, flag, text};
use crate::error::ControlError;
use ferric_model::JsonMap;
use ferric_model::inspection_rule::{InspectionRule, MAIN_PHASE, Operation, check_operations};
use ferric_model::schema::{JsonType as T, Schema};
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

/// A new rule, checked.
#[derive(Debug, Clone)]
pub struct NewInspectionRule(JsonMap);

/// Highest priority that operators may give.
const MAX_PRIORITY: i64 = 9999;

const ARGS: Schema = Schema::of(&[T::Array, T::Object]);

const ACTION: Schema = Schema {
    properties: &[
        (
            "op",
            Schema {
                one_of_words: &[
                    "fail",
                    "log",
                    "set-attribute",
                    "extend-attribute",
                    "del-attribute",
                    "set-capability",
                    "unset-capability",
                    "add-trait",
                    "remove-trait",
                    "set-plugin-data",
                    "extend-plugin-data",
                    "unset-plugin-data",
                    "set-port-attribute",
                    "extend-port-attribute",
                    "del-port-attribute",
                    "api-call",
                ],
                ..Schema::ANY
            },
        ),
        ("args", ARGS),
        ("loop", ARGS),
    ],
    required: &["op", "args"],
    ..Schema::of(&[T::Object])
};

const CONDITION: Schema = Schema {
    properties: &[
        ("op", Schema::of(&[T::String])),
        ("args", ARGS),
        ("loop", ARGS),
        ("multiple", Schema { one_of_words: &["any", "all", "first", "last"], ..Schema::ANY }),
    ],
    required: &["op", "args"],
    ..Schema::of(&[T::Object])
};

const RULE: Schema = Schema {
    properties: &[
        ("actions", Schema { items: Some(&ACTION), min_items: 1, ..Schema::of(&[T::Array]) }),
        // The stock command sends null where it is given no conditions.
        ("conditions", Schema { items: Some(&CONDITION), ..Schema::of(&[T::Array, T::Null]) }),
        ("description", Schema { max_length: Some(255), ..TEXT }),
        ("phase", Schema { max_length: Some(16), ..TEXT }),
        ("priority", Schema { minimum: Some(0), ..Schema::of(&[T::Integer]) }),
        ("sensitive", Schema::of(&[T::Boolean, T::Null])),
        ("uuid", TEXT),
    ],
    required: &["actions"],
    closed: true,
    ..Schema::of(&[T::Object])
};

const FINER: [(&str, Finer); 1] = [("uuid", Finer::Uuid)];

impl NewInspectionRule {
    /// What such documents look like.
    pub const SHAPE: DocumentShape = DocumentShape::new(&RULE, &FINER);

    /// Checks a document.
    ///
    /// **Errors**: `Invalid`.
    pub fn parse(document: &Value) -> Result<Self, ControlError> {
        let map = checked("inspection_rule", document, &RULE, &FINER)?;
        check_meaning(&map)?;
        Ok(Self(map))
    }

    /// The rule, with `fresh` as its UUID if the document has none.
    pub(super) fn to_rule(&self, fresh: Uuid, now: OffsetDateTime) -> Result<InspectionRule, ControlError> {
        let mut rule = InspectionRule {
            id: 0,
            uuid: document::uuid(&self.0, "uuid").unwrap_or(fresh),
            priority: 0,
            description: None,
            phase: None,
            sensitive: false,
            conditions: Vec::new(),
            actions: Vec::new(),
            created_at: now,
            updated_at: None,
        };
        let mut map = self.0.clone();
        map.entry("phase").or_insert_with(|| MAIN_PHASE.into());
        write(&map, &mut rule)?;
        Ok(rule)
    }
}

/// Checks a patched document.
///
/// **Errors**: `Invalid`.
pub(super) fn check_patched(document: JsonMap) -> Result<JsonMap, ControlError> {
    let map = checked("patch", &Value::Object(document), &RULE, &FINER)?;
    check_meaning(&map)?;
    Ok(map)
}

/// What a schema cannot say.
fn check_meaning(map: &JsonMap) -> Result<(), ControlError> {
    if let Some(phase) = text(map, "phase").filter(|phase| phase != MAIN_PHASE) {
        let text = format!("Invalid phase: {phase}. Valid phases are: {MAIN_PHASE}");
        return Err(ControlError::Invalid(text));
    }
    if map.get("priority").and_then(Value::as_i64).is_some_and(|priority| priority > MAX_PRIORITY) {
        let text = format!("Priority must be between 0 and {MAX_PRIORITY} for user-defined rules.");
        return Err(ControlError::Invalid(text));
    }
    check_operations(&operations(map, "conditions")?, &operations(map, "actions")?)
        .map_err(ControlError::Invalid)
}

fn operations(map: &JsonMap, field: &str) -> Result<Vec<Operation>, ControlError> {
    let Some(list) = map.get(field).filter(|list| !list.is_null()) else { return Ok(Vec::new()) };
    let mut list: Vec<Operation> = serde_json::from_value(list.clone())
        .map_err(|error| ControlError::Invalid(format!("Invalid {field}: {error}")))?;
    for operation in &mut list {
        let repeats = operation.over.is_some() && field == "conditions";
        operation.multiple =
            repeats.then(|| operation.multiple.unwrap_or(ferric_model::inspection_rule::Multiple::Any));
    }
    Ok(list)
}

/// The fields of `rule` that can be patched, as they are.
pub(super) fn read(rule: &InspectionRule) -> JsonMap {
    let rows: [(&str, Value); 6] = [
        ("actions", json!(rule.actions)),
        ("conditions", json!(rule.conditions)),
        ("description", rule.description.clone().into()),
        ("phase", rule.phase.clone().into()),
        ("priority", rule.priority.into()),
        ("sensitive", rule.sensitive.into()),
    ];
    rows.into_iter().map(|(field, value)| (field.to_owned(), value)).collect()
}

/// Writes the fields of a checked document into `rule`.
pub(super) fn write(map: &JsonMap, rule: &mut InspectionRule) -> Result<(), ControlError> {
    rule.priority = map.get("priority").and_then(Value::as_i64).unwrap_or_default();
    rule.description = text(map, "description");
    rule.phase = text(map, "phase");
    rule.sensitive = flag(map, "sensitive", false);
    rule.conditions = operations(map, "conditions")?;
    rule.actions = operations(map, "actions")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferric_model::inspection_rule::ACTIONS;

    #[test]
    fn the_schema_knows_every_action() {
        let words: Vec<&str> = ACTIONS.iter().map(|row| row.op).collect();
        let op = ACTION.properties.iter().find(|row| row.0 == "op").unwrap();
        assert_eq!(op.1.one_of_words, words);
    }

    #[test]
    fn wrong_documents_are_refused() {
        let act = json!({"op": "fail", "args": {"msg": "x"}});
        let cases = [
            (json!({}), "'actions' is a required property"),
            (json!({"actions": [act], "phase": "early"}), "Invalid phase: early. Valid phases are: main"),
            (json!({"actions": [act], "priority": 10000}), "Priority must be between 0 and 9999"),
            (json!({"actions": [{"op": "fail", "args": {}}]}), "missing required argument(s): msg"),
            (
                json!({"actions": [act], "conditions": [{"op": "!!eq", "args": {}}]}),
                "Multiple exclamation marks",
            ),
            (
                json!({"actions": [act], "conditions": [{"op": "same", "args": {}}]}),
                "Unsupported condition operator: same",
            ),
        ];
        for (document, expected) in cases {
            let said = NewInspectionRule::parse(&document).unwrap_err().to_string();
            assert!(said.contains(expected), "{said}");
        }
    }

    #[test]
    fn a_rule_survives_being_a_document() {
        let given = json!({"actions": [{"op": "log", "args": ["x"], "loop": [1]}], "priority": 7,
            "conditions": [{"op": "is-true", "args": {"value": "{item}"}, "loop": ["yes"]}]});
        let new = NewInspectionRule::parse(&given).unwrap();
        assert!(NewInspectionRule::parse(&json!({"actions": given["actions"], "conditions": null})).is_ok());
        let rule = new.to_rule(Uuid::nil(), OffsetDateTime::UNIX_EPOCH).unwrap();
        assert_eq!(rule.phase.as_deref(), Some("main"));
        let mut copy = InspectionRule { actions: Vec::new(), priority: 0, ..rule.clone() };
        write(&check_patched(read(&rule)).unwrap(), &mut copy).unwrap();
        assert_eq!(copy, rule);
    }
}
