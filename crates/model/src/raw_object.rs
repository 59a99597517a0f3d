//! A JSON object whose members are kept as the text they were read as.

use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::ops::Range;

/// A JSON object, parsed no deeper than its own members.
///
/// Members whose names are written with escapes are not found; nothing that Ferric stores has such names.
#[derive(Debug, Clone, Default)]
pub struct RawObject {
    text: String,
    members: Vec<(Range<usize>, Range<usize>)>,
}

/// Name and value of each member, borrowed from the text.
struct Members<'a>(Vec<(&'a str, &'a str)>);

/// The name of a member; none if it was written with escapes.
struct Name<'a>(Option<&'a str>);

impl RawObject {
    /// Reads an object.
    ///
    /// **Errors**: when the text is no JSON object; they hold a place and no values.
    pub fn parse(text: String) -> serde_json::Result<Self> {
        let Members(borrowed) = serde_json::from_str(&text)?;
        let place = |part: &str| {
            let start = part.as_ptr() as usize - text.as_ptr() as usize;
            start..start + part.len()
        };
        let members = borrowed.into_iter().map(|(name, value)| (place(name), place(value))).collect();
        Ok(Self { text, members })
    }

    /// The text of a member.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.members.iter().find(|member| &self.text[member.0.clone()] == name)?;
        Some(&self.text[found.1.clone()])
    }
}

impl<'de> serde::Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::with_capacity(16);
                while let Some(Name(name)) = map.next_key()? {
                    let value: &'de RawValue = map.next_value()?;
                    members.extend(name.map(|name| (name, value.get())));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

impl<'de> serde::Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Some(name)))
            }

            fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
                Ok(Name(None))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::RawObject;

    #[test]
    fn members_keep_their_text() {
        let text = r#"{"a": {"b":[1, "x\"}"]} ,"n":null,"e\u0041":1,"t":1.50}"#;
        let object = RawObject::parse(text.to_owned()).unwrap();
        assert_eq!(object.get("a"), Some(r#"{"b":[1, "x\"}"]}"#));
        assert_eq!((object.get("n"), object.get("t")), (Some("null"), Some("1.50")));
        assert_eq!((object.get("b"), object.get("eA")), (None, None));
        for bad in ["", "[]", "null", r#"{"a":}"#, "{} x"] {
            assert!(RawObject::parse(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
