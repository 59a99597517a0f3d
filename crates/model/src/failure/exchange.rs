//! One request to a BMC and its answer, as far as people may see them.

use crate::redact;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Most bytes of a request's body.
const MOST_OF_REQUEST: usize = 1024;

/// Most bytes of an answer's body. With method, path and request an exchange stays below 4 KiB.
const MOST_OF_RESPONSE: usize = 2560;

/// Most bytes of a path.
const MOST_OF_PATH: usize = 256;

/// An excerpt of what was said between Ferric and a BMC.
///
/// **Invariant**: no part holds a secret: whoever fills it masks the bodies first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Exchange {
    /// HTTP method.
    pub method: String,
    /// Path of the resource.
    pub path: String,
    /// HTTP status of the answer; none when there was no answer.
    pub status: Option<u16>,
    /// Body of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// Body of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<String>,
}

impl Exchange {
    /// A request without an answer.
    pub fn new(method: &str, path: &str) -> Self {
        Self { method: method.to_owned(), path: excerpt(path, MOST_OF_PATH), ..Self::default() }
    }

    /// Adds the masked body of the request.
    #[must_use]
    pub fn sent(mut self, body: &str) -> Self {
        self.request = Some(excerpt(body, MOST_OF_REQUEST)).filter(|text| !text.is_empty());
        self
    }

    /// Adds the answer with its masked body.
    #[must_use]
    pub fn answered(mut self, status: u16, body: &str) -> Self {
        self.status = Some(status);
        self.response = Some(excerpt(body, MOST_OF_RESPONSE)).filter(|text| !text.is_empty());
        self
    }
}

/// The text of a body without secrets: values under secret names, one-time parts of URLs, and every text of `hide`.
pub fn masked_body(body: &[u8], hide: &[&str]) -> String {
    let mut text = match serde_json::from_slice::<Value>(body) {
        Ok(mut value) => {
            redact::mask_value(&mut value);
            value.to_string()
        }
        // What is no JSON is a web page or worse; its beginning tells which.
        Err(_) => String::from_utf8_lossy(body).split_whitespace().collect::<Vec<_>>().join(" "),
    };
    for secret in hide.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, redact::MASK);
    }
    redact::mask_urls(&text)
}

/// The beginning of a text, at most `most` bytes long with the mark that something follows.
fn excerpt(text: &str, most: usize) -> String {
    const MORE: &str = "…";
    if text.len() <= most {
        return text.to_owned();
    }
    let mut end = most - MORE.len();
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{MORE}", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::{Exchange, masked_body};

    #[test]
    fn an_exchange_stays_small_and_readable() {
        let long = "ü".repeat(10_000);
        let exchange = Exchange::new("PATCH", &long).sent(&long).answered(400, &long);
        let text = serde_json::to_string(&exchange).unwrap();
        assert!(text.len() <= 4096, "{} bytes", text.len());
        assert!(exchange.response.unwrap().ends_with("ü…"));
        assert_eq!(Exchange::new("GET", "/").answered(204, "").response, None);
    }

    #[test]
    fn secrets_are_masked_in_bodies_of_every_kind() {
        let sent = br#"{"Image": "http://u:p@h/boot/T0kenT0kenT0kenT0kenT0ken42/boot.iso?sig=x", "Password": "calvin"}"#;
        let answer = b"<html>calvin is\n wrong</html>";
        let request = masked_body(sent, &["calvin"]);
        assert_eq!(request, r#"{"Image":"http://h/boot/******/boot.iso","Password":"******"}"#);
        assert_eq!(masked_body(answer, &["calvin"]), "<html>****** is wrong</html>");
    }
}
