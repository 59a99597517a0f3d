//! Writing JSON straight into a response body.

use ferric_model::JsonMap;
use ferric_model::redact::{MASK, is_secret_key};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::Value;
use time::OffsetDateTime;

/// The result of writing; it fails only on a defect.
pub(crate) type Written = serde_json::Result<()>;

/// Appends a value.
pub(crate) fn put<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) -> Written {
    serde_json::to_writer(out, value)
}

/// Appends what is JSON already.
pub(crate) fn put_text(out: &mut Vec<u8>, json: &str) -> Written {
    out.extend_from_slice(json.as_bytes());
    Ok(())
}

/// Writes the members of an object one by one.
#[derive(Debug)]
pub(crate) struct Members<'a> {
    out: &'a mut Vec<u8>,
    empty: bool,
}

/// A time as Ironic writes it: UTC with offset, microseconds when there are any.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamp(pub OffsetDateTime);

/// A dictionary with its secrets masked, at any depth, without a copy of it.
#[derive(Debug)]
pub(crate) struct Masked<'a> {
    /// The dictionary.
    pub map: &'a JsonMap,
    /// Further keys of the first level to mask.
    pub also: &'a [&'a str],
}

struct MaskedValue<'a>(&'a Value);

impl<'a> Members<'a> {
    /// Opens an object.
    pub(crate) fn open(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, empty: true }
    }

    /// Writes a member whose value `write` writes.
    pub(crate) fn with(&mut self, name: &str, write: impl FnOnce(&mut Vec<u8>) -> Written) -> Written {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        put(self.out, name)?;
        self.out.push(b':');
        write(self.out)
    }

    /// Writes a member.
    pub(crate) fn put<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Written {
        self.with(name, |out| put(out, value))
    }

    /// Closes the object.
    pub(crate) fn close(self) {
        self.out.push(b'}');
    }
}

/// Writes a list whose items `write` writes.
pub(crate) fn put_list<T>(
    out: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut Vec<u8>, T) -> Written,
) -> Written {
    out.push(b'[');
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(out, item)?;
    }
    out.push(b']');
    Ok(())
}

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let t = self.0.to_offset(time::UtcOffset::UTC);
        let (date, micros) = (t.date(), t.microsecond());
        let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
        let (hour, minute, second) = (t.hour(), t.minute(), t.second());
        if micros == 0 {
            serializer.collect_str(&format_args!(
                "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+00:00"
            ))
        } else {
            serializer.collect_str(&format_args!(
                "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}+00:00"
            ))
        }
    }
}

impl Serialize for Masked<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(Some(self.map.len()))?;
        for (key, value) in self.map {
            if is_secret_key(key) || self.also.contains(&key.as_str()) {
                members.serialize_entry(key, MASK)?;
            } else {
                members.serialize_entry(key, &MaskedValue(value))?;
            }
        }
        members.end()
    }
}

impl Serialize for MaskedValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(map) => Masked { map, also: &[] }.serialize(serializer),
            Value::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&MaskedValue(item))?;
                }
                list.end()
            }
            plain => plain.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_have_an_offset_and_microseconds_when_there_are_any() {
        let whole = OffsetDateTime::from_unix_timestamp(1_795_356_533).unwrap();
        assert_eq!(json!(Stamp(whole)), json!("2026-11-22T14:08:53+00:00"));
        let fine = whole.replace_microsecond(790_273).unwrap();
        assert_eq!(json!(Stamp(fine)), json!("2026-11-22T14:08:53.790273+00:00"));
    }

    #[test]
    fn masking_while_writing_is_masking_a_copy() {
        let value = json!({"redfish_password": "x", "a": 1, "image_url": "u",
            "deep": [{"agent_secret_token": 1, "b": [null, {"image_url": "shown"}]}]});
        let map = value.as_object().unwrap();
        let mut copy = map.clone();
        ferric_model::redact::mask(&mut copy, &["image_url"]);
        assert_eq!(json!(Masked { map, also: &["image_url"] }), json!(copy));
    }

    #[test]
    fn objects_and_lists_are_written_piece_by_piece() {
        let mut out = Vec::new();
        let mut members = Members::open(&mut out);
        members.put("a", &1).unwrap();
        members.with("b", |out| put_list(out, ["x\"", "y"], put)).unwrap();
        members.close();
        assert_eq!(serde_json::from_slice::<Value>(&out).unwrap(), json!({"a": 1, "b": ["x\"", "y"]}));
    }
}
