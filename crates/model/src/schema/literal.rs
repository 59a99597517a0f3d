//! JSON values as they are quoted in refusals.

use serde_json::Value;
use std::fmt::Write;

/// Writes a value the way Ironic's messages quote it, which clients match texts against.
///
/// Source: literals of Python: `None`, `True`, single quotes unless the text holds one and no double quote.
pub fn literal(value: &Value) -> String {
    let mut out = String::new();
    write_value(&mut out, value);
    out
}

fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("None"),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) => write_text(out, text),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(out, index);
                write_value(out, item);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (index, (name, member)) in members.iter().enumerate() {
                separate(out, index);
                write_text(out, name);
                out.push_str(": ");
                write_value(out, member);
            }
            out.push('}');
        }
    }
}

fn separate(out: &mut String, index: usize) {
    if index > 0 {
        out.push_str(", ");
    }
}

fn write_text(out: &mut String, text: &str) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if (c as u32) < 0x20 || c as u32 == 0x7f => {
                // A String never refuses to be written to.
                write!(out, "\\x{:02x}", c as u32).unwrap_or_default();
            }
            c => out.push(c),
        }
    }
    out.push(quote);
}

#[cfg(test)]
mod tests {
    use super::literal;
    use serde_json::json;

    #[test]
    fn values_are_quoted_as_clients_know_them() {
        let value = json!({"a": null, "b": [true, 1, 1.5], "c": "it's", "d": "x\ny"});
        assert_eq!(literal(&value), r#"{'a': None, 'b': [True, 1, 1.5], 'c': "it's", 'd': 'x\ny'}"#);
    }
}
