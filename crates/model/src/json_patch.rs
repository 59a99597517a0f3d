//! JSON patch as Ironic understands it: three operations, plain paths, applied one by one.
//!
//! Source: RFC 6902 and `contract: rest-api` section 1; recorded answers for the texts.

use crate::JsonMap;
use crate::schema::{self, JsonType, Pattern, Schema, literal};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PatchOp {
    /// Sets a member, or inserts into a list.
    Add,
    /// Sets a member that exists.
    Replace,
    /// Removes a member that exists.
    Remove,
}

/// One operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PatchOperation {
    /// What it does.
    pub op: PatchOp,
    /// Where: `/member`, `/member/key`, `/member/list/0`.
    pub path: String,
    /// The new value; absent for `remove`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub value: Option<Value>,
}

/// Why a patch is refused; the text is for the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    /// The document is not a patch.
    #[error("{0}")]
    Malformed(String),
    /// A member of the root that may not be patched.
    #[error("Cannot patch {path}. Only the following can be updated: {allowed}")]
    NotAllowed {
        /// The path as given.
        path: String,
        /// Names that may be patched, separated by commas.
        allowed: String,
    },
    /// The root has no such member.
    #[error("Adding a new attribute ({0}) to the root of the resource is not allowed")]
    NewRoot(String),
    /// The operation does not fit the document.
    #[error("Couldn't apply patch '{operation}'. Reason: {reason}")]
    Inapplicable {
        /// The operation, quoted.
        operation: String,
        /// What does not fit.
        reason: String,
    },
}

/// What a patch looks like.
pub const PATCH: Schema = Schema { items: Some(&OPERATION), ..Schema::of(&[JsonType::Array]) };

const OPERATION: Schema = Schema {
    properties: &[
        (
            "path",
            Schema {
                pattern: Some(Pattern { text: r"^(/[\w-]+)+$", matches: is_plain_path }),
                ..Schema::of(&[JsonType::String])
            },
        ),
        ("op", Schema { one_of_words: &["add", "replace", "remove"], ..Schema::of(&[JsonType::String]) }),
        ("value", Schema::ANY),
    ],
    required: &["op", "path"],
    closed: true,
    ..Schema::of(&[JsonType::Object])
};

/// Reads a patch.
///
/// **Errors**: [`PatchError::Malformed`].
pub fn parse(document: &Value) -> Result<Vec<PatchOperation>, PatchError> {
    schema::check("patch", document, &PATCH).map_err(PatchError::Malformed)?;
    Vec::deserialize(document)
        .map_err(|error| PatchError::Malformed(format!("Schema error for patch: {error}")))
}

/// Refuses operations on members of the root other than `allowed`.
pub fn allow_only(operations: &[PatchOperation], allowed: &[&str]) -> Result<(), PatchError> {
    match operations.iter().find(|operation| !allowed.contains(&operation.root())) {
        Some(operation) => {
            Err(PatchError::NotAllowed { path: operation.path.clone(), allowed: allowed.join(", ") })
        }
        None => Ok(()),
    }
}

/// Applies the operations to `document` in order. On an error the document is left half patched: throw it away.
///
/// **Errors**: [`PatchError::NewRoot`], [`PatchError::Inapplicable`].
pub fn apply(document: &mut JsonMap, operations: &[PatchOperation]) -> Result<(), PatchError> {
    let is_new = |operation: &&PatchOperation| {
        operation.op == PatchOp::Add && operation.is_root() && !document.contains_key(operation.root())
    };
    if let Some(operation) = operations.iter().find(is_new) {
        return Err(PatchError::NewRoot(operation.path.clone()));
    }
    for operation in operations {
        operation
            .apply_to(document)
            .map_err(|reason| PatchError::Inapplicable { operation: operation.quoted(), reason })?;
    }
    Ok(())
}

impl PatchOperation {
    /// The member of the root that is touched.
    pub fn root(&self) -> &str {
        self.keys().next().unwrap_or_default()
    }

    /// Whether a whole member of the root is touched.
    pub fn is_root(&self) -> bool {
        self.keys().nth(1).is_none()
    }

    fn keys(&self) -> impl Iterator<Item = &str> {
        self.path.split('/').skip(1)
    }

    fn quoted(&self) -> String {
        literal(&serde_json::to_value(self).unwrap_or_default())
    }

    fn apply_to(&self, document: &mut JsonMap) -> Result<(), String> {
        let keys: Vec<&str> = self.keys().collect();
        let Some((last, way)) = keys.split_last() else { return Ok(()) };
        let Some((first, deeper)) = way.split_first() else {
            return self.change_member(document, last);
        };
        let mut place = document.get_mut(*first).ok_or_else(|| not_found(first))?;
        for key in deeper {
            place = step_into(place, key)?;
        }
        match place {
            Value::Object(members) => self.change_member(members, last),
            Value::Array(items) => self.change_item(items, last),
            _ => Err("invalid document type".to_owned()),
        }
    }

    fn new_value(&self) -> Result<Value, String> {
        self.value.clone().ok_or_else(|| "The operation does not contain a 'value' member".to_owned())
    }

    fn change_member(&self, members: &mut JsonMap, key: &str) -> Result<(), String> {
        match self.op {
            PatchOp::Add => {
                members.insert(key.to_owned(), self.new_value()?);
            }
            PatchOp::Replace => {
                let value = self.new_value()?;
                *members
                    .get_mut(key)
                    .ok_or_else(|| format!("can't replace a non-existent object {}", quote(key)))? = value;
            }
            PatchOp::Remove => {
                members
                    .remove(key)
                    .ok_or_else(|| format!("can't remove a non-existent object {}", quote(key)))?;
            }
        }
        Ok(())
    }

    fn change_item(&self, items: &mut Vec<Value>, key: &str) -> Result<(), String> {
        match self.op {
            PatchOp::Add if key == "-" => items.push(self.new_value()?),
            PatchOp::Add => {
                let index = index_of(key)?;
                if index > items.len() {
                    return Err("can't insert outside of list".to_owned());
                }
                items.insert(index, self.new_value()?);
            }
            PatchOp::Replace => {
                let value = self.new_value()?;
                let index = index_of(key)?;
                *items.get_mut(index).ok_or("can't replace outside of list")? = value;
            }
            PatchOp::Remove => {
                let index = index_of(key)?;
                if index >= items.len() {
                    return Err(format!("can't remove a non-existent object {}", quote(key)));
                }
                items.remove(index);
            }
        }
        Ok(())
    }
}

fn step_into<'a>(place: &'a mut Value, key: &str) -> Result<&'a mut Value, String> {
    match place {
        Value::Object(members) => members.get_mut(key).ok_or_else(|| not_found(key)),
        Value::Array(items) => {
            let index = index_of(key)?;
            items.get_mut(index).ok_or_else(|| format!("index '{index}' is out of bounds"))
        }
        _ => Err(not_found(key)),
    }
}

fn index_of(key: &str) -> Result<usize, String> {
    let plain = key == "0" || (!key.starts_with('0') && key.bytes().all(|b| b.is_ascii_digit()));
    key.parse().ok().filter(|_| plain).ok_or_else(|| format!("'{key}' is not a valid sequence index"))
}

fn not_found(key: &str) -> String {
    format!("member {} not found in the document", quote(key))
}

fn quote(text: &str) -> String {
    literal(&text.into())
}

fn is_plain_path(path: &str) -> bool {
    let plain =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    path.strip_prefix('/').is_some_and(|rest| rest.split('/').all(plain))
}

/// Keeps an explicit null apart from an absent value.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::{allow_only, apply, parse};
    use serde_json::{Value, json};

    fn patched(patch: Value) -> Result<Value, String> {
        let mut document = json!({"name": null, "extra": {"k": "v", "list": [1, 2]}});
        let map = document.as_object_mut().unwrap();
        let operations = parse(&patch).map_err(|e| e.to_string())?;
        allow_only(&operations, &["name", "extra", "owner"]).map_err(|e| e.to_string())?;
        apply(map, &operations).map_err(|e| e.to_string())?;
        Ok(document)
    }

    #[test]
    fn operations_change_the_document() {
        let patch = json!([
            {"op": "replace", "path": "/name", "value": "n"},
            {"op": "add", "path": "/extra/new", "value": null},
            {"op": "remove", "path": "/extra/k"},
            {"op": "add", "path": "/extra/list/-", "value": 3},
            {"op": "add", "path": "/extra/list/0", "value": 0},
            {"op": "remove", "path": "/extra/list/1"},
            {"op": "replace", "path": "/extra/list/0", "value": {"a": []}},
            {"op": "add", "path": "/extra/list/0/a/0", "value": 1},
        ]);
        assert_eq!(
            patched(patch),
            Ok(json!({"name": "n", "extra": {"new": null, "list": [{"a": [1]}, 2, 3]}}))
        );
    }

    #[test]
    fn refusals_have_the_words_that_clients_know() {
        let cases = [
            (json!({"op": "add"}), "Schema error for patch: {'op': 'add'} is not of type 'array'"),
            (json!(["x"]), "Schema error for patch: 'x' is not of type 'object'"),
            (
                json!([{"op": "test", "path": "/extra/new", "value": 1}]),
                "Schema error for patch: 'test' is not one of ['add', 'replace', 'remove']",
            ),
            (json!([{"op": "add", "value": 1}]), "Schema error for patch: 'path' is a required property"),
            (
                json!([{"op": "add", "path": "/extra/a~1b", "value": 1}]),
                r"Schema error for patch: '/extra/a~1b' does not match '^(/[\\w-]+)+$'",
            ),
            (
                json!([{"op": "replace", "path": "/uuid", "value": 1}]),
                "Cannot patch /uuid. Only the following can be updated: name, extra, owner",
            ),
            (
                json!([{"op": "add", "path": "/owner", "value": 1}]),
                "Adding a new attribute (/owner) to the root of the resource is not allowed",
            ),
            (
                json!([{"op": "remove", "path": "/extra/ghost"}]),
                "Couldn't apply patch '{'op': 'remove', 'path': '/extra/ghost'}'. Reason: can't remove a non-existent \
                 object 'ghost'",
            ),
            (
                json!([{"op": "add", "path": "/extra/list/99", "value": 0}]),
                "Couldn't apply patch '{'op': 'add', 'path': '/extra/list/99', 'value': 0}'. Reason: can't insert \
                 outside of list",
            ),
            (
                json!([{"op": "add", "path": "/extra/no/deep", "value": 1}]),
                "Couldn't apply patch '{'op': 'add', 'path': '/extra/no/deep', 'value': 1}'. Reason: member 'no' not \
                 found in the document",
            ),
        ];
        for (patch, expected) in cases {
            assert_eq!(patched(patch), Err(expected.to_owned()));
        }
    }

    #[test]
    fn hostile_paths_are_refused_without_harm() {
        for path in
            ["", "/", "//", "/extra/", "extra", "/extra/~0", "/é/-", "/extra/list/-1", "/extra/list/00"]
        {
            assert!(patched(json!([{"op": "remove", "path": path}])).is_err(), "{path}");
        }
    }
}
