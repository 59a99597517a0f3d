//! Checking a value against a schema, and choosing which of its faults to name.

use super::{JsonType, Schema, literal};
use serde_json::Value;
use std::cmp::Ordering;

/// A part of a path into the value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Index(usize),
    Member(String),
}

/// One thing that is wrong.
#[derive(Debug)]
struct Fault {
    /// Where, from the value that the schema was applied to.
    path: Vec<Part>,
    /// Whether the value has the type that the schema speaks of, so that the schema was probably meant.
    right_type: bool,
    text: String,
    /// For a failed choice: what is wrong with each of the possibilities.
    choices: Vec<Fault>,
}

/// Checks `value`.
///
/// **Errors**: the text for the caller, `Schema error for <name>: …`.
pub fn check(name: &str, value: &Value, schema: &Schema) -> Result<(), String> {
    refusal(value, schema).map_or(Ok(()), |text| Err(format!("Schema error for {name}: {text}")))
}

/// What is wrong with `value`, if anything.
///
/// **Shape**: among several faults the shallowest is named, then the one that comes last by path. A failed choice is
/// followed by its likeliest cause.
/// Source: the validator behind Ironic chooses like this, and clients show the text to people.
pub fn refusal(value: &Value, schema: &Schema) -> Option<String> {
    let Fault { mut text, mut choices, .. } = descend(most_telling(faults(value, schema))?);
    let mut cause = None;
    while let Some(next) = most_telling(choices) {
        cause = Some(next.text);
        choices = next.choices;
    }
    if let Some(cause) = cause {
        text.push_str(". Possible root cause: ");
        text.push_str(&cause);
    }
    Some(text)
}

/// The fault to name among equals: the first of the most telling ones.
fn most_telling(faults: Vec<Fault>) -> Option<Fault> {
    faults.into_iter().reduce(|best, next| if relevance(&next, &best).is_gt() { next } else { best })
}

/// Goes down into a failed choice as long as one possibility is clearly nearer than the others.
fn descend(mut fault: Fault) -> Fault {
    loop {
        fault.choices.sort_by(relevance);
        match fault.choices.as_slice() {
            [] => return fault,
            [first, second, ..] if relevance(first, second).is_eq() => return fault,
            _ => fault = fault.choices.swap_remove(0),
        }
    }
}

fn relevance(a: &Fault, b: &Fault) -> Ordering {
    (b.path.len().cmp(&a.path.len()))
        .then_with(|| a.path.cmp(&b.path))
        .then_with(|| b.is_choice().cmp(&a.is_choice()))
        .then_with(|| b.right_type.cmp(&a.right_type))
}

impl Fault {
    fn is_choice(&self) -> bool {
        !self.choices.is_empty()
    }

    fn below(mut self, part: Part) -> Self {
        self.path.insert(0, part);
        self
    }
}

fn faults(value: &Value, schema: &Schema) -> Vec<Fault> {
    let right_type = !schema.types.is_empty() && schema.types.iter().any(|kind| is_of(value, *kind));
    let mut found: Vec<Fault> = own_refusals(value, schema)
        .into_iter()
        .map(|text| Fault { path: Vec::new(), right_type, text, choices: Vec::new() })
        .collect();
    if let Value::Object(members) = value {
        for (name, inner) in schema.properties {
            if let Some(member) = members.get(*name) {
                let part = Part::Member((*name).to_owned());
                found.extend(faults(member, inner).into_iter().map(|fault| fault.below(part.clone())));
            }
        }
    }
    if let (Value::Array(items), Some(inner)) = (value, schema.items) {
        for (index, item) in items.iter().enumerate() {
            found.extend(faults(item, inner).into_iter().map(|fault| fault.below(Part::Index(index))));
        }
    }
    if !schema.any_of.is_empty() {
        let attempts: Vec<Vec<Fault>> = schema.any_of.iter().map(|choice| faults(value, choice)).collect();
        if attempts.iter().all(|attempt| !attempt.is_empty()) {
            found.push(Fault {
                path: Vec::new(),
                right_type,
                text: format!("{} is not valid under any of the given schemas", literal(value)),
                choices: attempts.into_iter().flatten().collect(),
            });
        }
    }
    found
}

/// What is wrong with the value itself, not with what lies inside it.
fn own_refusals(value: &Value, schema: &Schema) -> Vec<String> {
    let mut found = Vec::new();
    if !schema.types.is_empty() && !schema.types.iter().any(|kind| is_of(value, *kind)) {
        let kinds: Vec<String> = schema.types.iter().map(|kind| format!("'{}'", kind.as_str())).collect();
        found.push(format!("{} is not of type {}", literal(value), kinds.join(", ")));
    }
    if let Value::String(text) = value {
        let length = text.chars().count();
        if length < schema.min_length {
            let reason = if schema.min_length == 1 { "should be non-empty" } else { "is too short" };
            found.push(format!("{} {reason}", literal(value)));
        }
        if schema.max_length.is_some_and(|max| length > max) {
            found.push(format!("{} is too long", literal(value)));
        }
        if let Some(pattern) = &schema.pattern
            && !(pattern.matches)(text)
        {
            let quoted = literal(&Value::String(pattern.text.to_owned()));
            found.push(format!("{} does not match {quoted}", literal(value)));
        }
    }
    if !schema.one_of_words.is_empty() && !value.as_str().is_some_and(|t| schema.one_of_words.contains(&t)) {
        let words: Vec<Value> = schema.one_of_words.iter().map(|word| (*word).into()).collect();
        found.push(format!("{} is not one of {}", literal(value), literal(&Value::Array(words))));
    }
    if let (Some(minimum), Some(number)) = (schema.minimum, value.as_f64())
        && number < minimum as f64
    {
        found.push(format!("{} is less than the minimum of {minimum}", literal(value)));
    }
    if let Value::Array(items) = value
        && items.len() < schema.min_items
    {
        let reason = if schema.min_items == 1 { "should be non-empty" } else { "is too short" };
        found.push(format!("{} {reason}", literal(value)));
    }
    if let Value::Object(members) = value {
        for name in schema.required.iter().filter(|name| !members.contains_key(**name)) {
            found.push(format!("'{name}' is a required property"));
        }
        if schema.closed {
            found.extend(unexpected(members.keys().map(String::as_str), schema));
        }
    }
    found
}

fn unexpected<'a>(names: impl Iterator<Item = &'a str>, schema: &Schema) -> Option<String> {
    let known = |name: &&str| schema.properties.iter().any(|row| row.0 == *name);
    let mut extra: Vec<&str> = names.filter(|name| !known(name)).collect();
    extra.sort_unstable();
    let verb = match extra.len() {
        0 => return None,
        1 => "was",
        _ => "were",
    };
    let quoted: Vec<String> = extra.into_iter().map(|name| literal(&name.into())).collect();
    Some(format!("Additional properties are not allowed ({} {verb} unexpected)", quoted.join(", ")))
}

fn is_of(value: &Value, kind: JsonType) -> bool {
    match kind {
        JsonType::Object => value.is_object(),
        JsonType::Array => value.is_array(),
        JsonType::String => value.is_string(),
        JsonType::Boolean => value.is_boolean(),
        JsonType::Integer => {
            value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|n| n.fract() == 0.0)
        }
        JsonType::Null => value.is_null(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{JsonType as T, Pattern, Schema};
    use super::check;
    use serde_json::json;

    const TRAIT: Schema = Schema {
        types: &[T::String],
        any_of: &[
            Schema {
                pattern: Some(Pattern {
                    text: "^CUSTOM_[A-Z0-9_]+$",
                    matches: |text| text.starts_with("CUSTOM_"),
                }),
                ..Schema::ANY
            },
            Schema { one_of_words: &["HW_CPU_X86_VMX"], ..Schema::ANY },
        ],
        ..Schema::ANY
    };
    const NODE: Schema = Schema {
        types: &[T::Object],
        properties: &[
            ("driver", Schema::of(&[T::String])),
            ("name", Schema { max_length: Some(4), ..Schema::of(&[T::String, T::Null]) }),
            ("traits", Schema { items: Some(&TRAIT), ..Schema::of(&[T::Array]) }),
        ],
        required: &["driver"],
        closed: true,
        ..Schema::ANY
    };

    #[test]
    fn the_most_telling_fault_is_named() {
        let cases = [
            (json!({"driver": "x", "name": null, "traits": ["CUSTOM_A", "HW_CPU_X86_VMX"]}), ""),
            (json!([]), "[] is not of type 'object'"),
            (json!({"name": 5}), "'driver' is a required property"),
            (json!({"driver": "x", "name": 5}), "5 is not of type 'string', 'null'"),
            (json!({"driver": "x", "name": "ddddd"}), "'ddddd' is too long"),
            (json!({"driver": 1, "name": 5}), "5 is not of type 'string', 'null'"),
            (
                json!({"driver": "x", "b": 1, "a": 1}),
                "Additional properties are not allowed ('a', 'b' were unexpected)",
            ),
            (
                json!({"driver": "x", "traits": ["no"]}),
                "'no' is not valid under any of the given schemas. Possible root cause: 'no' does not match \
                 '^CUSTOM_[A-Z0-9_]+$'",
            ),
        ];
        for (value, expected) in cases {
            let found = check("node", &value, &NODE).err().unwrap_or_default();
            let expected = if expected.is_empty() {
                String::new()
            } else {
                format!("Schema error for node: {expected}")
            };
            assert_eq!(found, expected);
        }
    }
}
