//! Booleans in all spellings that Ironic's clients use.

use super::literal;
use serde_json::Value;

const YES: [&str; 6] = ["1", "t", "true", "on", "y", "yes"];
const NO: [&str; 6] = ["0", "f", "false", "off", "n", "no"];

/// Reads a boolean, or a text or number that stands for one.
///
/// **Errors**: a text that names the spellings.
pub fn read_bool(value: &Value) -> Result<bool, String> {
    let text = match value {
        Value::Bool(known) => return Ok(*known),
        Value::String(text) => text.trim().to_lowercase(),
        other => other.to_string(),
    };
    if YES.contains(&text.as_str()) {
        return Ok(true);
    }
    if NO.contains(&text.as_str()) {
        return Ok(false);
    }
    let mut all: Vec<String> = YES.into_iter().chain(NO).map(|word| format!("'{word}'")).collect();
    all.sort_unstable();
    let given = value.as_str().map_or_else(|| literal(value), str::to_owned);
    Err(format!("Unrecognized value '{given}', acceptable values are: {}", all.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::read_bool;
    use serde_json::json;

    #[test]
    fn every_usual_spelling_is_read() {
        for yes in [json!(true), json!("True"), json!(" yes "), json!(1), json!("on")] {
            assert_eq!(read_bool(&yes), Ok(true));
        }
        for no in [json!(false), json!("OFF"), json!(0)] {
            assert_eq!(read_bool(&no), Ok(false));
        }
        for bad in [json!("maybe"), json!(2), json!([]), json!("")] {
            assert!(read_bool(&bad).unwrap_err().starts_with("Unrecognized value '"));
        }
    }
}
