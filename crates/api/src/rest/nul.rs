//! The one character that texts may not hold: PostgreSQL keeps none of them, and both back ends shall take the same.
//!
//! Source: PostgreSQL documentation, section 8.3 "Character Types".

use super::error::Fault;
use super::route::{Found, Route};
use serde_json::Value;

/// What callers are told.
pub(crate) const REFUSAL: &str = "The character U+0000 is not allowed in texts.";

/// Routes whose documents are kept as JSON, which escapes the character: what servers say of themselves may hold anything.
const KEPT_AS_JSON: [&str; 1] = ["continue_inspection"];

/// Refuses a request that holds the character in its path, its arguments or its document.
pub(crate) fn refuse(
    (route, params): &Found,
    given: &[(String, Value)],
    document: &Value,
) -> Result<(), Fault> {
    let in_params = params.iter().any(|(_, text)| text.contains('\0'));
    let in_given = given.iter().any(|(_, value)| is_in(value));
    if in_params || in_given || is_checked(route) && is_in(document) {
        return Err(Fault::invalid(REFUSAL));
    }
    Ok(())
}

/// Whether a text anywhere in a document holds it; names of members are texts as well.
pub(crate) fn is_in(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(is_in),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || is_in(value)),
        _ => false,
    }
}

fn is_checked(route: &Route) -> bool {
    !KEPT_AS_JSON.contains(&route.path)
}

#[cfg(test)]
mod tests {
    use super::is_in;
    use serde_json::{Value, json};

    #[test]
    fn it_is_found_wherever_there_are_texts() {
        let parsed: Value = serde_json::from_str(r#"{"a": ["b", {"c": "x\u0000"}]}"#).unwrap();
        assert!(is_in(&parsed) && is_in(&json!({"a\0": 1})) && is_in(&json!("\0")));
        let escaped: Value = serde_json::from_str(r#"{"a": ["\\u0000", null, 0, false, "\u0001"]}"#).unwrap();
        assert!(!is_in(&escaped));
    }
}
