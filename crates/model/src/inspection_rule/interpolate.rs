//! `{node.name}`, `{inventory[cpu][count]}`, `{item}`: what stands for values in the arguments of rules.
//!
//! Source: the replacement fields of Python's format strings, without conversions and formats.

use crate::schema::literal;
use serde_json::{Map, Value};

/// What replacement fields can name.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    /// Values by name.
    pub names: [(&'static str, &'a Value); 4],
    /// Whether a field that leads nowhere makes the whole text null instead of leaving it as it is.
    pub missing_is_null: bool,
}

/// Why a text could not be filled in.
enum Gap {
    /// It is no format string that is understood here.
    Malformed,
    /// It names what is not there.
    Missing,
}

impl Scope<'_> {
    /// Fills in the texts of a value, keys of objects included.
    pub(super) fn fill(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.fill_text(text),
            Value::Array(list) => list.iter().map(|item| self.fill(item)).collect(),
            Value::Object(map) => {
                let filled: Map<String, Value> =
                    map.iter().map(|(key, item)| (self.fill_key(key), self.fill(item))).collect();
                Value::Object(filled)
            }
            other => other.clone(),
        }
    }

    fn fill_key(&self, key: &str) -> String {
        match self.fill_text(key) {
            Value::String(filled) => filled,
            _ => key.to_owned(),
        }
    }

    fn fill_text(&self, text: &str) -> Value {
        match self.format(text) {
            Ok(filled) => filled.into(),
            Err(Gap::Missing) if self.missing_is_null => Value::Null,
            Err(_) => text.into(),
        }
    }

    fn format(&self, text: &str) -> Result<String, Gap> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            out.push_str(&rest[..at]);
            let (brace, behind) = (&rest[at..=at], &rest[at + 1..]);
            if behind.starts_with(brace) {
                out.push_str(brace);
                rest = &behind[1..];
            } else if brace == "{" {
                let end = behind.find('}').ok_or(Gap::Malformed)?;
                out.push_str(&literal_text(self.look_up(&behind[..end])?));
                rest = &behind[end + 1..];
            } else {
                return Err(Gap::Malformed);
            }
        }
        out.push_str(rest);
        Ok(out)
    }

    fn look_up(&self, field: &str) -> Result<&Value, Gap> {
        let end = field.find(['.', '[']).unwrap_or(field.len());
        let (name, mut rest) = field.split_at(end);
        let mut value =
            self.names.iter().find(|(known, _)| *known == name).map(|row| row.1).ok_or(Gap::Missing)?;
        while !rest.is_empty() {
            let key;
            if let Some(behind) = rest.strip_prefix('[') {
                (key, rest) = behind.split_once(']').ok_or(Gap::Malformed)?;
            } else {
                let behind = rest.strip_prefix('.').ok_or(Gap::Malformed)?;
                (key, rest) = behind.split_at(behind.find(['.', '[']).unwrap_or(behind.len()));
            }
            value = member(value, key).ok_or(Gap::Missing)?;
        }
        Ok(value)
    }
}

fn member<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    match value {
        Value::Object(map) => map.get(key),
        Value::Array(list) => list.get(key.parse::<usize>().ok()?),
        _ => None,
    }
}

/// A value inside a text: texts bare, everything else as it would be quoted.
pub(super) fn literal_text(value: &Value) -> String {
    value.as_str().map_or_else(|| literal(value), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_lead_into_documents() {
        let node = json!({"driver": "redfish", "extra": {"rack": 7}});
        let inventory = json!({"cpu": {"count": 8}, "disks": [{"name": "sda"}]});
        let (plugins, item) = (json!({}), json!({"path": "extra/x"}));
        let names = [("node", &node), ("inventory", &inventory), ("plugin_data", &plugins), ("item", &item)];
        let mut scope = Scope { names, missing_is_null: false };
        let cases = [
            (json!("{node.driver} in {node.extra[rack]}"), json!("redfish in 7")),
            (json!("{inventory[disks][0][name]}"), json!("sda")),
            (
                json!(["{item[path]}", 5, {"{node.driver}": "{{literal}}"}]),
                json!(["extra/x", 5, {"redfish": "{literal}"}]),
            ),
            (json!("{inventory[gpu]}"), json!("{inventory[gpu]}")),
            (json!("{node.driver!r:>10"), json!("{node.driver!r:>10")),
        ];
        for (given, expected) in cases {
            assert_eq!(scope.fill(&given), expected);
        }
        scope.missing_is_null = true;
        assert_eq!(scope.fill(&json!("{inventory[gpu]}")), Value::Null);
    }
}
