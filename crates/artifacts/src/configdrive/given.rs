//! Configdrives as they arrive with a deploy request.

use serde_json::Value;
use url::Url;

use crate::configdrive::{ConfigDriveParts, MAX_BYTES};
use crate::{ArtifactError, Result};

/// A configdrive that has passed inspection, in one of its three forms.
///
/// `Debug` shows the form only.
#[derive(Clone, PartialEq)]
pub enum GivenConfigDrive {
    /// An `http(s)://` URL from which the agent fetches base64 text.
    Url(Url),
    /// base64 of a gzip-compressed ISO image.
    Encoded(String),
    /// JSON, to be built.
    Parts(ConfigDriveParts),
}

impl GivenConfigDrive {
    /// Inspects the `configdrive` of a request; `Null` and an empty text give `None`.
    ///
    /// Errors: `Invalid` for anything that is neither URL nor base64 nor the known JSON; `TooLarge` above
    /// [`MAX_BYTES`]. Text is checked by its alphabet only; decoding is the agent's work.
    pub fn from_json(value: &Value) -> Result<Option<Self>> {
        match value {
            Value::Null => Ok(None),
            Value::String(text) if text.is_empty() => Ok(None),
            Value::String(text) => Self::from_text(text).map(Some),
            Value::Object(map) => ConfigDriveParts::from_json(map).map(Self::Parts).map(Some),
            _ => Err(wrong("expected a URL, base64 text or an object")),
        }
    }

    fn from_text(text: &str) -> Result<Self> {
        if text.len() as u64 > MAX_BYTES {
            return Err(ArtifactError::TooLarge { what: "configdrive".to_owned(), limit_bytes: MAX_BYTES });
        }
        if text.contains("://") {
            return match Url::parse(text) {
                Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Self::Url(url)),
                Ok(url) => Err(ArtifactError::Unsupported {
                    what: "configdrive URL",
                    value: format!("{}:", url.scheme()),
                    supported: "http:// and https://",
                }),
                Err(_) => Err(wrong("it is not a valid URL")),
            };
        }
        if is_base64(text.as_bytes()) {
            return Ok(Self::Encoded(text.to_owned()));
        }
        Err(wrong("it is neither a URL nor base64 text"))
    }
}

impl std::fmt::Debug for GivenConfigDrive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Url(_) => "GivenConfigDrive::Url",
            Self::Encoded(_) => "GivenConfigDrive::Encoded",
            Self::Parts(_) => "GivenConfigDrive::Parts",
        })
    }
}

/// Whether these are groups of four base64 characters, padded at the end, in lines of any length.
fn is_base64(text: &[u8]) -> bool {
    let (mut characters, mut padding) = (0u64, 0u64);
    for byte in text {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if padding == 0 => characters += 1,
            b'=' => padding += 1,
            b'\n' | b'\r' => {}
            _ => return false,
        }
    }
    characters > 0 && padding <= 2 && (characters + padding).is_multiple_of(4)
}

fn wrong(reason: &str) -> ArtifactError {
    ArtifactError::invalid("configdrive", reason)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    use super::*;

    #[test]
    fn three_forms_and_nothing_else() {
        let given = |value: Value| GivenConfigDrive::from_json(&value);
        assert_eq!(given(json!(null)).unwrap(), None);
        assert_eq!(given(json!("")).unwrap(), None);
        assert!(matches!(given(json!("https://h/c?x")).unwrap(), Some(GivenConfigDrive::Url(_))));
        assert!(matches!(given(json!("H4sI\nAAAA\n")).unwrap(), Some(GivenConfigDrive::Encoded(_))));
        assert!(matches!(given(json!({"meta_data": {}})).unwrap(), Some(GivenConfigDrive::Parts(_))));
        for bad in
            [json!(1), json!([]), json!("http://"), json!("foo"), json!("a b="), json!("===="), json!("\n")]
        {
            assert_eq!(given(bad.clone()).unwrap_err().kind(), "invalid", "{bad}");
        }
        assert_eq!(given(json!("file:///etc/passwd")).unwrap_err().kind(), "unsupported");
        let secret = given(json!("c2VjcmV0")).unwrap();
        assert!(!format!("{secret:?}").contains("c2VjcmV0"));
    }

    #[test]
    fn the_alphabet_check_agrees_with_a_decoder() {
        let mut state = 1u32;
        let alphabet = b"AZaz09+/==\n ?";
        for _ in 0..20_000 {
            let mut text = Vec::new();
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let mut bits = state >> 3;
            for _ in 0..state >> 29 {
                text.push(alphabet[bits as usize % alphabet.len()]);
                bits /= 13;
            }
            let joined: Vec<u8> = text.iter().copied().filter(|byte| *byte != b'\n').collect();
            if STANDARD.decode(&joined).is_ok_and(|decoded| !decoded.is_empty()) {
                assert!(is_base64(&text), "{:?}", String::from_utf8_lossy(&text));
            }
            if is_base64(&text) {
                // A decoder also looks at the unused bits of the last group.
                assert!(joined.len().is_multiple_of(4) && !joined.contains(&b' '));
            }
        }
    }
}
