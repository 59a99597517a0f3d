//! Comparing two answers.

use serde_json::{Map, Value};

/// Host name of both conductors.
pub const HOST: &str = "golden-host";

/// Blanks what a server makes up itself, and opens documents in strings.
pub fn normalized(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(blanked(text)),
        Value::Array(items) => Value::Array(items.iter().map(normalized).collect()),
        Value::Object(members) => Value::Object(members.iter().map(member).collect::<Map<_, _>>()),
        plain => plain.clone(),
    }
}

fn member((name, value): (&String, &Value)) -> (String, Value) {
    let value = match value {
        Value::String(text) if name == "error_message" => {
            serde_json::from_str(text).map_or_else(|_| value.clone(), |inner: Value| normalized(&inner))
        }
        // A set on the recorded side.
        Value::Array(items) if name.starts_with("enabled_") => {
            let mut items: Vec<Value> = items.iter().map(normalized).collect();
            items.sort_by_key(ToString::to_string);
            Value::Array(items)
        }
        // What conductors keep for themselves.
        _ if name == "driver_internal_info" => Value::Null,
        other => normalized(other),
    };
    (blanked(name), value)
}

fn blanked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(length) = uuid_at(rest).or_else(|| time_at(rest)) {
            out.push_str("<made up>");
            rest = &rest[length..];
        } else {
            let next = rest.chars().next().map_or(1, char::len_utf8);
            out.push_str(&rest[..next]);
            rest = &rest[next..];
        }
    }
    out
}

/// Length of an identity at the start of the text, unless it is one that the recording chose itself.
fn uuid_at(text: &str) -> Option<usize> {
    let head = text.get(..36)?;
    let chosen = head.starts_with("11111111") || head.starts_with("99999999");
    (!chosen && head.as_bytes()[8] == b'-' && uuid::Uuid::try_parse(head).is_ok()).then_some(36)
}

/// Length of a time at the start of the text.
fn time_at(text: &str) -> Option<usize> {
    let shape = |pattern: &str| {
        let head = text.get(..pattern.len())?;
        let fits = |(have, want): (u8, u8)| if want == b'0' { have.is_ascii_digit() } else { have == want };
        head.bytes().zip(pattern.bytes()).all(fits).then_some(pattern.len())
    };
    shape("0000-00-00T00:00:00.000000+00:00").or_else(|| shape("0000-00-00T00:00:00+00:00"))
}

/// Adds a line for each difference.
pub fn differences(path: &str, recorded: &Value, answered: &Value, out: &mut Vec<String>) {
    match (recorded, answered) {
        (Value::Object(a), Value::Object(b)) => {
            for name in a.keys().chain(b.keys().filter(|name| !a.contains_key(*name))) {
                let missing = Value::String("<absent>".to_owned());
                let (x, y) = (a.get(name).unwrap_or(&missing), b.get(name).unwrap_or(&missing));
                differences(&format!("{path}.{name}"), x, y, out);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (x, y)) in a.iter().zip(b).enumerate() {
                differences(&format!("{path}[{index}]"), x, y, out);
            }
        }
        (a, b) if a == b => {}
        (a, b) => out.push(format!("{path}: recorded {a}, answered {b}")),
    }
}
