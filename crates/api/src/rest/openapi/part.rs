//! Schemas that have a name in the document.

use crate::rest::fields::{Field, Shown};
use serde_json::{Map, Value, json};

/// A schema with a name.
#[derive(Debug)]
pub(super) struct Part {
    /// The name.
    pub name: &'static str,
    /// Makes the schema.
    pub schema: fn() -> Value,
}

impl Part {
    /// A schema with a name.
    pub(super) const fn new(name: &'static str, schema: fn() -> Value) -> Self {
        Self { name, schema }
    }

    /// The reference that stands for it.
    pub(super) fn reference(&self) -> Value {
        json!({"$ref": format!("#/components/schemas/{}", self.name)})
    }
}

/// The schema of a resource that is written from a table of fields. Microversion and `fields` decide which are there.
pub(super) fn resource<V: ?Sized>(table: &[Field<V>]) -> Value {
    closed(table.iter())
}

/// The same for an answer that shows some of the fields only.
pub(super) fn some_of<V: ?Sized>(table: &[Field<V>], names: &[&str]) -> Value {
    let mut schema = closed(table.iter().filter(|field| names.contains(&field.name)));
    schema.as_object_mut().and_then(|members| members.remove("required"));
    schema
}

fn closed<'a, V: ?Sized + 'static>(fields: impl Iterator<Item = &'a Field<V>>) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for field in fields {
        let mut schema = field.shape.to_json_schema();
        if field.since > 1 {
            schema["description"] = since(field.since).into();
        }
        if field.shown == Shown::Always {
            required.push(field.name);
        }
        properties.insert(field.name.to_owned(), schema);
    }
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

/// From which microversion on there is something.
pub(super) fn since(minor: u16) -> String {
    format!("Since 1.{minor}.")
}
