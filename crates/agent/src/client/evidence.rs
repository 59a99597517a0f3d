//! What an agent said, fit for history: readable and without secrets.

use ferric_model::redact::MASK;
use serde_json::Value;

/// The readable part of a command's error, or of the body of a refusal.
///
/// **Shape**: text, or `{type, code, message, details}`, or `{faultcode, faultstring}`.
pub fn said(error: &Value) -> String {
    let Value::Object(map) = error else {
        return match error {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
    };
    let mut parts: Vec<&str> = Vec::new();
    for key in ["message", "details", "faultstring"] {
        if let Some(text) = map.get(key).and_then(Value::as_str).map(str::trim)
            && !text.is_empty()
            && !parts.contains(&text)
        {
            parts.push(text);
        }
    }
    match parts.as_slice() {
        [] => map.get("type").and_then(Value::as_str).unwrap_or("no details").to_owned(),
        parts => parts.join(": "),
    }
}

/// Words longer than this are data (an encoded configdrive, a certificate), not explanation.
const LONGEST_WORD: usize = 256;

/// Takes the token, encoded data, and what URLs carry beside host and path, out of a text.
pub fn scrub(text: &str, token: &str) -> String {
    let text = if token.is_empty() { text.to_owned() } else { text.replace(token, MASK) };
    let text: String = text
        .split_inclusive(char::is_whitespace)
        .map(|word| if word.len() > LONGEST_WORD { "… " } else { word })
        .collect();
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(position) = rest.find("://") {
        let (before, url) = rest.split_at(position + 3);
        let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | ')' | ',');
        let (url, after) = url.split_at(url.find(ends).unwrap_or(url.len()));
        let (url, query) = url.split_at(url.find(['?', '#']).unwrap_or(url.len()));
        let authority = url.find('/').unwrap_or(url.len());
        let url = url[..authority].rfind('@').map_or(url, |at| &url[at + 1..]);
        clean.push_str(before);
        clean.push_str(url);
        if !query.is_empty() {
            clean.push_str("?…");
        }
        rest = after;
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::{said, scrub};
    use serde_json::json;

    #[test]
    fn errors_are_read_in_every_form() {
        let both = json!({"type": "X", "code": 500, "message": "failed", "details": "no disk"});
        assert_eq!(said(&both), "failed: no disk");
        assert_eq!(said(&json!({"message": "same", "details": "same"})), "same");
        assert_eq!(said(&json!({"faultcode": "Client", "faultstring": "Agent is busy"})), "Agent is busy");
        assert_eq!(said(&json!("plain")), "plain");
        assert_eq!(said(&json!({"type": "ImageChecksumError"})), "ImageChecksumError");
    }

    #[test]
    fn tokens_and_the_secret_parts_of_urls_are_taken_out() {
        let text = "GET \"https://me:pw@h:8/a/b.img?sig=s3cret\" and http://h/x?agent_token=T0KEN, see x@y (http://u@h)";
        assert_eq!(
            scrub(text, "T0KEN"),
            "GET \"https://h:8/a/b.img?…\" and http://h/x?…, see x@y (http://h)"
        );
        assert_eq!(scrub("token T0KEN.", "T0KEN"), "token ******.");
        assert_eq!(scrub("http://h/a@b c", ""), "http://h/a@b c");
        assert_eq!(
            scrub(&format!("cannot write {} to disk", "H4sI".repeat(100)), ""),
            "cannot write … to disk"
        );
    }
}
