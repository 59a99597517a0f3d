//! Steps that a caller gives to a verb.

use crate::error::ControlError;
use ferric_model::hardware::InterfaceKind;
use ferric_model::schema::{self, JsonType as T, Schema};
use ferric_model::step::{RANK, STEP_INTERFACES, Step, StepOrigin, read_rank};
use serde_json::Value;

/// What the steps of `clean` and `service` look like.
pub const CLEAN_STEPS: Schema = Schema {
    items: Some(&Schema {
        properties: &[
            ("interface", Schema { one_of_words: &STEP_INTERFACES, ..Schema::ANY }),
            ("step", Schema { min_length: 1, ..Schema::of(&[T::String]) }),
            ("args", Schema::of(&[T::Object])),
            ("order", RANK),
            ("execute_on_child_nodes", Schema::of(&[T::Boolean])),
            ("limit_child_node_execution", Schema::of(&[T::Array])),
        ],
        required: &["interface", "step"],
        closed: true,
        ..Schema::of(&[T::Object])
    }),
    ..Schema::of(&[T::Array])
};

/// What the steps of `active` and `rebuild` look like.
pub const DEPLOY_STEPS: Schema = Schema {
    items: Some(&Schema {
        properties: &[
            ("args", Schema::of(&[T::Object])),
            ("interface", Schema { one_of_words: &STEP_INTERFACES, ..Schema::of(&[T::String]) }),
            ("priority", RANK),
            ("step", Schema { min_length: 1, ..Schema::of(&[T::String]) }),
        ],
        required: &["interface", "step", "args", "priority"],
        closed: true,
        ..Schema::of(&[T::Object])
    }),
    ..Schema::of(&[T::Array])
};

/// Reads the steps of `clean`, in the order in which they are to run.
///
/// **Errors**: `Invalid`.
pub fn read_clean_steps(steps: &Value) -> Result<Vec<Step>, ControlError> {
    in_order("clean", steps)
}

/// Reads the steps of `service`, in the order in which they are to run.
///
/// **Errors**: `Invalid`.
pub fn read_service_steps(steps: &Value) -> Result<Vec<Step>, ControlError> {
    in_order("service", steps)
}

fn in_order(kind: &str, steps: &Value) -> Result<Vec<Step>, ControlError> {
    let mut read = read(kind, steps, &CLEAN_STEPS)?;
    let order = |step: &Value| step.get("order").and_then(read_rank);
    let items = steps.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut ranked: Vec<(Option<i64>, Step)> = items.iter().map(order).zip(read.drain(..)).collect();
    ranked.sort_by_key(|(order, _)| order.unwrap_or(i64::MAX));
    Ok(ranked.into_iter().map(|(_, step)| step).collect())
}

/// Reads the steps of `active` and `rebuild`.
///
/// **Errors**: `Invalid`.
pub fn read_deploy_steps(steps: &Value) -> Result<Vec<Step>, ControlError> {
    let read = read("deploy", steps, &DEPLOY_STEPS)?;
    for (index, step) in read.iter().enumerate() {
        if read[..index].iter().any(|other| other.label() == step.label()) {
            return Err(ControlError::Invalid(format!(
                "Duplicate deploy steps. Duplicates: {}",
                step.label()
            )));
        }
    }
    Ok(read)
}

fn read(kind: &str, steps: &Value, schema: &Schema) -> Result<Vec<Step>, ControlError> {
    if let Some(text) = schema::refusal(steps, schema) {
        return Err(ControlError::Invalid(format!("Invalid {kind}_steps: {text}")));
    }
    let items = steps.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().map(|item| one(kind, item)).collect()
}

fn one(kind: &str, item: &Value) -> Result<Step, ControlError> {
    let text = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default();
    let interface = InterfaceKind::find(text("interface"))
        .ok_or_else(|| ControlError::Invalid(format!("Invalid {kind}_steps: unknown interface")))?;
    let mut step =
        Step::new(interface, text("step"), item.get("priority").and_then(read_rank).unwrap_or_default());
    step.args = item.get("args").and_then(Value::as_object).cloned().unwrap_or_default();
    step.origin = StepOrigin::Conductor;
    step.on_children = read_children(kind, item)?;
    check_wait(kind, &step)?;
    Ok(step)
}

/// The child nodes on which a step is to run, if it is one for them.
fn read_children(kind: &str, item: &Value) -> Result<Option<Vec<String>>, ControlError> {
    let only = item.get("limit_child_node_execution").and_then(Value::as_array).map(Vec::as_slice);
    let names: Option<Vec<String>> =
        only.unwrap_or_default().iter().map(|name| name.as_str().map(str::to_owned)).collect();
    let names = names.ok_or_else(|| {
        let text = "limit_child_node_execution must be a list of UUIDs or names";
        ControlError::Invalid(format!("Invalid {kind}_steps: {text}"))
    })?;
    let wanted = item.get("execute_on_child_nodes").and_then(Value::as_bool).unwrap_or_default();
    if !wanted && !names.is_empty() {
        let text = "limit_child_node_execution needs execute_on_child_nodes";
        return Err(ControlError::Invalid(format!("Invalid {kind}_steps: {text}")));
    }
    Ok(wanted.then_some(names))
}

/// The longest wait, in seconds: a week.
const LONGEST_WAIT_SECS: i64 = 604_800;

/// Refuses a wait whose time makes no sense.
fn check_wait(kind: &str, step: &Step) -> Result<(), ControlError> {
    let Some(seconds) = step.args.get("seconds").filter(|_| step.step == "wait") else { return Ok(()) };
    if read_rank(seconds).is_some_and(|seconds| (0..=LONGEST_WAIT_SECS).contains(&seconds)) {
        return Ok(());
    }
    Err(ControlError::Invalid(format!(
        "Invalid {kind}_steps: the argument 'seconds' of the step wait must be a whole number from 0 to {LONGEST_WAIT_SECS}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn steps_run_in_the_order_asked_for() {
        let steps = json!([
            {"interface": "raid", "step": "b", "order": "2"},
            {"interface": "deploy", "step": "a", "order": 1, "args": {"x": 1}},
            {"interface": "bios", "step": "c"},
        ]);
        let labels: Vec<String> = read_clean_steps(&steps).unwrap().iter().map(Step::label).collect();
        assert_eq!(labels, ["deploy.a", "raid.b", "bios.c"]);
    }

    #[test]
    fn wrong_steps_are_refused() {
        let cases = [
            (
                read_clean_steps(&json!([{"step": "x"}])),
                "Invalid clean_steps: 'interface' is a required property",
            ),
            (
                read_clean_steps(&json!([{"interface": "network", "step": "x"}])),
                "Invalid clean_steps: 'network' is not one of ['vendor', 'power', 'management', 'firmware', 'deploy', \
                 'bios', 'raid']",
            ),
            (
                read_deploy_steps(&json!([{"interface": "deploy", "step": "x", "args": {}}])),
                "Invalid deploy_steps: 'priority' is a required property",
            ),
        ];
        for (read, expected) in cases {
            assert_eq!(read.unwrap_err().to_string(), expected);
        }
        let twice = json!({"interface": "deploy", "step": "x", "args": {}, "priority": 1});
        assert!(read_deploy_steps(&json!([twice, twice])).is_err());
    }
}
