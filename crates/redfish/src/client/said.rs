//! What a BMC said when it refused: the messages of an error body, fit for a person to read.
//!
//! Source: DSP0266 clause 8.6 (error responses), `@Message.ExtendedInfo`.

use super::json;
use reqwest::StatusCode;
use serde_json::Value;

/// What a BMC said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// The identifiers of all its messages.
    pub ids: Vec<String>,
    /// Identifier and text of its first message, or the status line.
    pub text: String,
}

impl Said {
    /// Reads the body of an error answer.
    pub fn in_error(status: StatusCode, body: &[u8]) -> Self {
        let line = match status.canonical_reason() {
            Some(reason) => format!("HTTP {} {reason}", status.as_u16()),
            None => format!("HTTP {}", status.as_u16()),
        };
        let body = json::parse(body).unwrap_or(Value::Null);
        let error = json::at(&body, &["error"]).unwrap_or(&body);
        let said = Self::in_messages(json::list(error, &["@Message.ExtendedInfo"]));
        if !said.text.is_empty() {
            return Self { text: format!("{line}, {}", said.text), ..said };
        }
        let code = json::text(error, &["code"]);
        let text = match (code, json::text(error, &["message"])) {
            (Some(code), Some(message)) => format!("{line}, {code}: {message}"),
            (None, Some(word)) | (Some(word), None) => format!("{line}, {word}"),
            (None, None) => line,
        };
        Self { ids: code.map(str::to_owned).into_iter().collect(), text }
    }

    /// Reads a list of messages, as a task has them.
    pub fn in_messages(messages: &[Value]) -> Self {
        let ids =
            messages.iter().filter_map(|message| json::text(message, &["MessageId"])).map(str::to_owned);
        let text = messages.iter().find_map(|message| {
            match (json::text(message, &["MessageId"]), json::text(message, &["Message"])) {
                (Some(id), Some(text)) => Some(format!("{id}: {text}")),
                (None, Some(text)) | (Some(text), None) => Some(text.to_owned()),
                (None, None) => None,
            }
        });
        Self { ids: ids.collect(), text: text.unwrap_or_default() }
    }

    /// Whether one of the message identifiers has `part` in it.
    pub fn mentions(&self, part: &str) -> bool {
        self.ids.iter().any(|id| id.contains(part))
    }

    /// Takes every occurrence of `secrets` out.
    #[must_use]
    pub fn without(mut self, secrets: &[&str]) -> Self {
        for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
            self.text = self.text.replace(secret, "***");
        }
        self
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::Said;
    use reqwest::StatusCode;

    #[test]
    fn the_first_message_is_found_in_every_shape_of_error() {
        for (body, text) in [
            (
                r#"{"error":{"code":"Base.1.0.GeneralError","message":"see below","@Message.ExtendedInfo":[
                    {"MessageId":"Base.1.0.PropertyUnknown","Message":"No such property."},{"MessageId":"B"}]}}"#,
                "HTTP 400 Bad Request, Base.1.0.PropertyUnknown: No such property.",
            ),
            (r#"{"error":{"@Message.ExtendedInfo":{"Message":"lone"}}}"#, "HTTP 400 Bad Request, lone"),
            (
                r#"{"@Message.ExtendedInfo":[null,{"MessageId":"iLO.2.14.InsecureConnection"}]}"#,
                "HTTP 400 Bad Request, iLO.2.14.InsecureConnection",
            ),
            (
                r#"{"error":{"code":"c","message":"m","@Message.ExtendedInfo":null}}"#,
                "HTTP 400 Bad Request, c: m",
            ),
            ("<html>no</html>", "HTTP 400 Bad Request"),
            ("", "HTTP 400 Bad Request"),
        ] {
            assert_eq!(Said::in_error(StatusCode::BAD_REQUEST, body.as_bytes()).text, text, "{body}");
        }
    }

    #[test]
    fn secrets_are_taken_out() {
        let body = r#"{"error":{"message":"cannot read http://h/t0ken/boot.iso"}}"#;
        let said = Said::in_error(StatusCode::BAD_REQUEST, body.as_bytes()).without(&["", "t0ken"]);
        assert_eq!(said.text, "HTTP 400 Bad Request, cannot read http://h/***/boot.iso");
    }
}
