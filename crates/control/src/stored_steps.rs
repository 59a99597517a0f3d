//! Steps of deploy templates and runbooks as operators write them.

use crate::error::ControlError;
use ferric_model::JsonMap;
use ferric_model::hardware::InterfaceKind;
use ferric_model::schema::Schema;
use ferric_model::step::{StoredStep, read_rank};
use serde_json::{Value, json};

/// Refuses two steps of one name.
pub(crate) fn no_duplicates(_field: &str, steps: &Value) -> Result<Value, ControlError> {
    let items = steps.as_array().map(Vec::as_slice).unwrap_or_default();
    let key = |item: &Value| (item["interface"].clone(), item["step"].clone());
    let mut twice: Vec<String> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let text = format!("interface: {}, step: {}", word(item, "interface"), word(item, "step"));
        if items[..index].iter().any(|other| key(other) == key(item)) && !twice.contains(&text) {
            twice.push(text);
        }
    }
    if twice.is_empty() {
        return Ok(steps.clone());
    }
    Err(ControlError::Invalid(format!(
        "Deploy template invalid: Duplicate deploy steps. A template cannot have multiple deploy steps with the same \
         interface and step. Duplicates: {}.",
        twice.join("; ")
    )))
}

/// Takes away what a step in a patched document has beyond the members of `schema`.
pub(crate) fn prune(document: &mut JsonMap, schema: &Schema) {
    let steps = document.get_mut("steps").and_then(Value::as_array_mut);
    for step in steps.into_iter().flatten().filter_map(Value::as_object_mut) {
        step.retain(|member, _| schema.properties.iter().any(|known| known.0 == member));
    }
}

/// The steps of a checked document; `rank` is what their rank is called there.
pub(crate) fn read(document: &JsonMap, rank: &str) -> Vec<StoredStep> {
    let items = document.get("steps").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let one = |item: &Value| {
        Some(StoredStep {
            interface: InterfaceKind::find(word(item, "interface"))?,
            step: word(item, "step").to_owned(),
            args: item.get("args").and_then(Value::as_object).cloned().unwrap_or_default(),
            rank: item.get(rank).and_then(read_rank)?,
        })
    };
    items.iter().filter_map(one).collect()
}

/// The steps as a document.
pub(crate) fn write(steps: &[StoredStep], rank: &str) -> Value {
    let one = |step: &StoredStep| json!({"interface": step.interface, "step": step.step, "args": step.args, rank: step.rank});
    steps.iter().map(one).collect()
}

fn word<'a>(item: &'a Value, member: &str) -> &'a str {
    item.get(member).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_survive_being_a_document_and_duplicates_are_named() {
        let step = json!({"interface": "bios", "step": "apply", "args": {"a": 1}, "order": "2"});
        let document = json!({"steps": [step]});
        let read_back = read(document.as_object().unwrap(), "order");
        assert_eq!(read_back[0].rank, 2);
        let again = json!({"steps": write(&read_back, "order")});
        assert_eq!(read(again.as_object().unwrap(), "order"), read_back);
        let said = no_duplicates("steps", &json!([step, step])).unwrap_err().to_string();
        assert!(said.ends_with("Duplicates: interface: bios, step: apply."), "{said}");
    }
}
