//! Arguments of a request: query and, for commands, members of the body, checked by one table per route.

use super::error::Fault;
use ferric_model::port::normalize_mac;
use ferric_model::resource_name::is_logical_name;
use ferric_model::schema::{literal, read_bool};
use serde_json::Value;
use uuid::Uuid;

/// What an argument must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A boolean in any of the usual spellings.
    Bool,
    /// A UUID.
    Uuid,
    /// A text.
    Text,
    /// A whole number.
    Integer,
    /// A MAC address with colons; lower-cased.
    Mac,
    /// A UUID or a name.
    Ident,
    /// A name; a UUID passes for one.
    Name,
    /// A host, or a host and a port.
    Host,
    /// Words separated by commas; lower-cased, each once.
    Words,
    /// A list.
    List,
    /// A text or an object.
    TextOrObject,
    /// A text and nothing else.
    PlainText,
}

/// One argument that a route takes.
#[derive(Debug)]
pub(crate) struct Arg {
    /// Its name.
    pub name: &'static str,
    /// What it must be.
    pub kind: Kind,
    /// Whether the request makes no sense without it.
    pub required: bool,
}

impl Arg {
    /// An argument that may be left out.
    pub(crate) const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, required: false }
    }

    /// An argument that must be given.
    pub(crate) const fn required(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, required: true }
    }
}

/// The arguments of one request, checked.
#[derive(Debug, Default)]
pub(crate) struct Args(Vec<(&'static str, Value)>);

impl Args {
    /// Checks what was given against the table of the route.
    ///
    /// **Errors**: 400 for unknown, missing and wrong ones, in this order.
    pub(crate) fn check(given: Vec<(String, Value)>, table: &'static [Arg]) -> Result<Self, Fault> {
        let known = |name: &str| table.iter().any(|arg| arg.name == name);
        let mut unknown: Vec<&str> =
            given.iter().map(|(name, _)| name.as_str()).filter(|name| !known(name)).collect();
        if !unknown.is_empty() {
            unknown.sort_unstable();
            unknown.dedup();
            return Err(Fault::invalid(format!("Unexpected arguments: {}", unknown.join(", "))));
        }
        let mut checked = Vec::with_capacity(given.len());
        for arg in table {
            match given.iter().rev().find(|(name, _)| name == arg.name) {
                Some((_, Value::Null)) => {}
                Some((_, value)) => checked.push((arg.name, arg.kind.read(arg.name, value)?)),
                None if arg.required => {
                    return Err(Fault::invalid(format!("Missing mandatory parameter: {}", arg.name)));
                }
                None => {}
            }
        }
        Ok(Self(checked))
    }

    /// The value of an argument, if it was given.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|row| row.0 == name).map(|row| &row.1)
    }

    /// The same, handed over.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        let at = self.0.iter().position(|row| row.0 == name)?;
        Some(self.0.swap_remove(at).1)
    }

    /// A text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// A text, copied.
    pub(crate) fn string(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    /// A boolean.
    pub(crate) fn bool(&self, name: &str) -> Option<bool> {
        self.get(name).and_then(Value::as_bool)
    }

    /// A number.
    pub(crate) fn integer(&self, name: &str) -> Option<i64> {
        self.get(name).and_then(Value::as_i64)
    }

    /// A UUID.
    pub(crate) fn uuid(&self, name: &str) -> Option<Uuid> {
        self.text(name).and_then(|text| Uuid::try_parse(text).ok())
    }

    /// Words.
    pub(crate) fn words(&self, name: &str) -> Option<Vec<String>> {
        let items = self.get(name)?.as_array()?;
        Some(items.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }
}

impl Kind {
    /// Checks one value and brings it into its plain form.
    pub(crate) fn read(self, name: &str, value: &Value) -> Result<Value, Fault> {
        let wrong =
            |expected: &str| Err(Fault::invalid(format!("Expected {expected} for {name}: {}", plain(value))));
        match self {
            Self::Bool => read_bool(value)
                .map(Value::Bool)
                .map_err(|said| Fault::invalid(format!("Invalid {name}: {said}"))),
            Self::Uuid => match value.as_str() {
                Some(text) if Uuid::try_parse(text).is_ok() => Ok(value.clone()),
                _ => wrong("UUID"),
            },
            Self::Text => {
                if value.is_string() {
                    Ok(value.clone())
                } else {
                    wrong("string")
                }
            }
            Self::Integer => match (value.as_i64(), value.as_str().map(str::trim).map(str::parse::<i64>)) {
                (Some(number), _) | (_, Some(Ok(number))) => Ok(number.into()),
                _ => wrong("an integer"),
            },
            Self::Mac => match value.as_str().and_then(normalize_mac) {
                Some(mac) => Ok(mac.into()),
                None => wrong("valid MAC address"),
            },
            Self::Ident => match value.as_str() {
                Some(text) if is_ident(text) => Ok(value.clone()),
                _ => wrong("UUID or name"),
            },
            Self::Name => match value.as_str() {
                Some(text) if is_ident(text) => Ok(value.clone()),
                _ => wrong("name"),
            },
            Self::Host => match value.as_str() {
                Some(text) if !text.is_empty() => Ok(value.clone()),
                _ => Err(Fault::invalid(format!("Missing host in {name}"))),
            },
            Self::Words => match value {
                Value::String(text) => Ok(words(text).into()),
                _ => wrong("string"),
            },
            Self::List if value.is_array() => Ok(value.clone()),
            Self::List => wrong("types <class 'NoneType'>, <class 'list'>"),
            Self::TextOrObject if value.is_string() || value.is_object() => Ok(value.clone()),
            Self::TextOrObject => wrong("types <class 'NoneType'>, <class 'dict'>, <class 'str'>"),
            Self::PlainText if value.is_string() => Ok(value.clone()),
            Self::PlainText => wrong("types <class 'NoneType'>, <class 'str'>"),
        }
    }
}

/// Whether a text may name a resource.
pub(crate) fn is_ident(text: &str) -> bool {
    is_logical_name(text) || Uuid::try_parse(text).is_ok()
}

/// A value inside a message: texts bare, everything else quoted.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| literal(value), str::to_owned)
}

fn words(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in text.split(',').map(|word| word.trim().to_lowercase()).filter(|word| !word.is_empty()) {
        if !found.contains(&word) {
            found.push(word);
        }
    }
    found
}

/// Splits a query into its parts.
pub(crate) fn parse_query(query: &str) -> Vec<(String, Value)> {
    url::form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    static TABLE: [Arg; 4] = [
        Arg::required("target", Kind::Text),
        Arg::new("detail", Kind::Bool),
        Arg::new("limit", Kind::Integer),
        Arg::new("fields", Kind::Words),
    ];

    fn checked(given: Value) -> Result<Args, String> {
        let given = given.as_object().unwrap().clone().into_iter().collect();
        Args::check(given, &TABLE).map_err(|fault| fault.text)
    }

    #[test]
    fn values_are_brought_into_their_plain_form() {
        let given = json!({"target": "x", "detail": "Yes", "limit": "12", "fields": "UUID, name,,uuid"});
        let args = checked(given).unwrap();
        assert_eq!(args.text("target"), Some("x"));
        assert_eq!(args.bool("detail"), Some(true));
        assert_eq!(args.integer("limit"), Some(12));
        assert_eq!(args.words("fields"), Some(vec!["uuid".to_owned(), "name".to_owned()]));
        let args = checked(json!({"target": null, "detail": false})).unwrap();
        assert_eq!((args.text("target"), args.bool("detail")), (None, Some(false)));
    }

    #[test]
    fn refusals_have_the_words_that_clients_know() {
        let cases = [
            (json!({"target": "x", "colour": "red"}), "Unexpected arguments: colour"),
            (json!({}), "Missing mandatory parameter: target"),
            (json!({"target": 5}), "Expected string for target: 5"),
            (json!({"target": "x", "limit": "abc"}), "Expected an integer for limit: abc"),
            (
                json!({"target": "x", "detail": "maybe"}),
                "Invalid detail: Unrecognized value 'maybe', acceptable values are: '0', '1', 'f', 'false', 'n', \
                 'no', 'off', 'on', 't', 'true', 'y', 'yes'",
            ),
        ];
        for (given, expected) in cases {
            assert_eq!(checked(given).err().as_deref(), Some(expected));
        }
        let said = Kind::TextOrObject.read("configdrive", &json!(5)).unwrap_err().text;
        assert_eq!(
            said,
            "Expected types <class 'NoneType'>, <class 'dict'>, <class 'str'> for configdrive: 5"
        );
    }
}
