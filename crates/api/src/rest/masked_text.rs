//! Dictionaries that are JSON text, written with their secrets masked.

use super::json::{Written, put, put_text};
use ferric_model::redact::{MASK, is_secret_key, may_hold_secrets};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// Writes a dictionary: as it is if its secrets may be seen or it has none, else with secrets masked at any depth; `also`
/// names further keys of the first level to mask.
pub(crate) fn put_masked(out: &mut Vec<u8>, text: &str, also: &[&str], secrets: bool) -> Written {
    let plain = secrets || (!may_hold_secrets(text) && !also.iter().any(|key| text.contains(key)));
    if plain { put_text(out, text) } else { put_value(out, text, also) }
}

fn put_value(out: &mut Vec<u8>, text: &str, also: &[&str]) -> Written {
    match text.bytes().next() {
        Some(b'{') => Masking { out, also }.deserialize(&mut serde_json::Deserializer::from_str(text)),
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text)?;
            super::json::put_list(out, items, |out, item| put_value(out, item.get(), &[]))
        }
        _ => put_text(out, text),
    }
}

/// Writes an object while it is read.
struct Masking<'o, 'a> {
    out: &'o mut Vec<u8>,
    also: &'a [&'a str],
}

impl<'de> DeserializeSeed<'de> for Masking<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Masking<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        use serde::de::Error;
        let Self { out, also } = self;
        out.push(b'{');
        let mut empty = true;
        while let Some(key) = map.next_key::<String>()? {
            if !empty {
                out.push(b',');
            }
            empty = false;
            put(out, &key).map_err(A::Error::custom)?;
            out.push(b':');
            let value: &'de RawValue = map.next_value()?;
            let written = if is_secret_key(&key) || also.contains(&key.as_str()) {
                put(out, MASK)
            } else {
                put_value(out, value.get(), &[])
            };
            written.map_err(A::Error::custom)?;
        }
        out.push(b'}');
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::put_masked;
    use ferric_model::redact::mask;
    use serde_json::{Value, json};

    fn written(value: &Value, also: &[&str], secrets: bool) -> Value {
        let mut out = Vec::new();
        put_masked(&mut out, &value.to_string(), also, secrets).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn masking_text_is_masking_the_document() {
        for value in [
            json!({}),
            json!({"a": 1.5, "\"k\u{e9}": "ü\n", "deep": {"x": [1, null, {"y": true}]}}),
            json!({"redfish_password": {"a": [1]}, "image_url": "u", "deep": [{"SNMP_auth_key": 1, "image_url": "shown"}, [[{"token": 1}]]]}),
            json!({"image_url": "u"}),
        ] {
            let mut copy = value.as_object().unwrap().clone();
            mask(&mut copy, &["image_url"]);
            assert_eq!(written(&value, &["image_url"], false), Value::Object(copy));
            assert_eq!(written(&value, &["image_url"], true), value);
        }
    }
}
