//! Operations of rules and the arguments they take, as data.

use crate::JsonMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One condition or action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// Its word; a condition with `!` before it must not hold.
    pub op: String,
    /// Arguments by name, or in the order of its signature.
    pub args: Value,
    /// What it is repeated over, as `item`: each of a list, or one object.
    #[serde(rename = "loop", default, skip_serializing_if = "is_nothing")]
    pub over: Option<Value>,
    /// How the answers of a repeated condition become one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multiple: Option<Multiple>,
}

/// How the answers of a repeated condition become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Multiple {
    /// One of them is enough.
    Any,
    /// All must hold.
    All,
    /// The first that holds is enough.
    First,
    /// The last one counts.
    Last,
}

/// The arguments of an operation.
#[derive(Debug)]
pub struct Signature {
    /// Its word.
    pub op: &'static str,
    /// Arguments that must be given, in order.
    pub required: &'static [&'static str],
    /// Arguments that may be given, in order.
    pub optional: &'static [&'static str],
    /// Arguments in which `{…}` stands for something even without a loop.
    pub interpolated: &'static [&'static str],
}

const fn row(
    op: &'static str,
    required: &'static [&'static str],
    optional: &'static [&'static str],
    interpolated: &'static [&'static str],
) -> Signature {
    Signature { op, required, optional, interpolated }
}

/// Every condition.
pub static CONDITIONS: [Signature; 11] = [
    row("eq", &["values"], &["force_strings"], &["values"]),
    row("lt", &["values"], &["force_strings"], &["values"]),
    row("gt", &["values"], &["force_strings"], &["values"]),
    row("is-empty", &["value"], &[], &["value"]),
    row("in-net", &["address", "subnet"], &[], &["address", "subnet"]),
    row("matches", &["value", "regex"], &[], &["value"]),
    row("contains", &["value", "regex"], &[], &["value"]),
    row("one-of", &["value"], &["values"], &["value"]),
    row("is-none", &["value"], &[], &["value"]),
    row("is-true", &["value"], &[], &["value"]),
    row("is-false", &["value"], &[], &["value"]),
];

/// Every action.
pub static ACTIONS: [Signature; 16] = [
    row("fail", &["msg"], &[], &[]),
    row("log", &["msg"], &["level"], &["msg"]),
    row("set-attribute", &["path", "value"], &[], &["value"]),
    row("extend-attribute", &["path", "value"], &["unique"], &["value"]),
    row("del-attribute", &["path"], &[], &[]),
    row("set-capability", &["name", "value"], &[], &["value"]),
    row("unset-capability", &["name"], &[], &[]),
    row("add-trait", &["name"], &[], &[]),
    row("remove-trait", &["name"], &[], &[]),
    row("set-plugin-data", &["path", "value"], &[], &["value"]),
    row("extend-plugin-data", &["path", "value"], &["unique"], &["value"]),
    row("unset-plugin-data", &["path"], &[], &[]),
    row("set-port-attribute", &["port_id", "path", "value"], &[], &["value"]),
    row("extend-port-attribute", &["port_id", "path", "value"], &["unique"], &["value"]),
    row("del-port-attribute", &["port_id", "path"], &[], &[]),
    row("api-call", &["url"], &["headers", "proxies", "timeout", "retries", "backoff_factor"], &["url"]),
];

/// Checks what a schema cannot: that each operation exists and is given the arguments it takes.
///
/// **Errors**: the text for the caller.
pub fn check_operations(conditions: &[Operation], actions: &[Operation]) -> Result<(), String> {
    for condition in conditions {
        let (op, _) = condition.plain_op()?;
        check("condition", &CONDITIONS, op, &condition.args)?;
    }
    actions.iter().try_for_each(|action| check("action", &ACTIONS, &action.op, &action.args))
}

fn check(kind: &str, table: &[Signature], op: &str, args: &Value) -> Result<(), String> {
    let signature =
        table.iter().find(|row| row.op == op).ok_or_else(|| format!("Unsupported {kind} operator: {op}"))?;
    let wrong = |said: String| format!("Invalid parameters for {kind} operator {op}: {said}");
    let named = signature.named(args).map_err(wrong)?;
    let missing: Vec<&str> =
        signature.required.iter().copied().filter(|name| !named.contains_key(*name)).collect();
    if !missing.is_empty() {
        return Err(wrong(format!("missing required argument(s): {}", missing.join(", "))));
    }
    let takes = |name: &str| signature.required.contains(&name) || signature.optional.contains(&name);
    let unexpected: Vec<&str> = named.keys().map(String::as_str).filter(|name| !takes(name)).collect();
    if !unexpected.is_empty() {
        return Err(wrong(format!("unexpected argument(s): {}", unexpected.join(", "))));
    }
    Ok(())
}

impl Signature {
    /// The arguments by name.
    ///
    /// **Errors**: what is neither an object nor a list, and a list that is too long.
    pub(super) fn named(&self, args: &Value) -> Result<JsonMap, String> {
        match args {
            Value::Object(map) => Ok(map.clone()),
            Value::Array(list) if list.len() > self.required.len() + self.optional.len() => {
                Err("too many arguments".to_owned())
            }
            Value::Array(list) => {
                let names = self.required.iter().chain(self.optional);
                Ok(names.zip(list).map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
            }
            _ => Err("args must be either a list or dictionary".to_owned()),
        }
    }
}

impl Operation {
    /// The word of a condition, and whether it must not hold.
    ///
    /// **Errors**: more than one exclamation mark.
    pub(super) fn plain_op(&self) -> Result<(&str, bool), String> {
        let op = self.op.trim();
        match op.strip_prefix('!') {
            Some(rest) if rest.contains('!') => {
                Err(format!("Multiple exclamation marks are not allowed in operator {op}"))
            }
            Some(rest) => Ok((rest.trim(), true)),
            None => Ok((op, false)),
        }
    }
}

/// Whether there is nothing to repeat over.
fn is_nothing(over: &Option<Value>) -> bool {
    match over {
        Some(Value::Array(list)) => list.is_empty(),
        Some(Value::Object(map)) => map.is_empty(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn operation(op: &str, args: Value) -> Operation {
        Operation { op: op.to_owned(), args, over: None, multiple: None }
    }

    #[test]
    fn arguments_are_checked_by_signature() {
        let cases = [
            ("eq", json!({"values": [1, 2]}), None),
            ("!eq", json!([[1, 2], true]), None),
            ("eq", json!({}), Some("missing required argument(s): values")),
            ("in-net", json!(["1.1.1.1"]), Some("missing required argument(s): subnet")),
            ("is-true", json!({"value": 1, "x": 2}), Some("unexpected argument(s): x")),
            ("is-true", json!("x"), Some("args must be either a list or dictionary")),
            ("is-true", json!([1, 2]), Some("too many arguments")),
        ];
        for (op, args, said) in cases {
            let checked = check_operations(&[operation(op, args)], &[]);
            let op = op.trim_start_matches('!');
            let expected = said.map(|said| format!("Invalid parameters for condition operator {op}: {said}"));
            assert_eq!(checked.err(), expected);
        }
        let bad = check_operations(&[], &[operation("explode", json!({}))]);
        assert_eq!(bad, Err("Unsupported action operator: explode".to_owned()));
    }

    #[test]
    fn an_empty_loop_is_not_shown() {
        let given = json!({"op": "eq", "args": [], "loop": []});
        let read: Operation = serde_json::from_value(given).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), json!({"op": "eq", "args": []}));
    }
}
