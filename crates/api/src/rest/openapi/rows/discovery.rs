//! Discovery.

use super::super::part::Part;
use super::super::row::{Row, get, refused, shown};
use crate::rest::fields::shapes::{LINKS, OBJECT, TEXT};
use crate::rest::root::COLLECTIONS;
use crate::rest::route::Method::{Delete, Patch, Post, Put};
use serde_json::{Map, Value, json};

static SERVICE: Part = Part::new("Service", || {
    let mut properties: Map<String, Value> = COLLECTIONS
        .iter()
        .map(|(name, since)| {
            let mut links = LINKS.to_json_schema();
            links["description"] = super::super::part::since(*since).into();
            ((*name).to_owned(), links)
        })
        .collect();
    properties.insert("id".to_owned(), TEXT.to_json_schema());
    properties.insert("links".to_owned(), LINKS.to_json_schema());
    properties.insert("media_types".to_owned(), OBJECT.to_json_schema());
    properties.insert("version".to_owned(), OBJECT.to_json_schema());
    let required = ["id", "links", "media_types", "version"];
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
});

pub(super) const ROWS: &[Row] = &[
    get("", "Says which collections there are", shown(&SERVICE)),
    refused(Post, "").or(&[405]),
    refused(Put, "").or(&[405]),
    refused(Patch, "").or(&[405]),
    refused(Delete, "").or(&[405]),
];
