//! Refusals: which statuses they have and what their bodies look like.

use crate::rest::keyed::takes_key;
use crate::rest::route::{Method, Route};
use actix_web::http::StatusCode;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Statuses with which any request may be refused.
const OF_EVERY_ROUTE: [u16; 10] = [400, 401, 403, 404, 406, 408, 413, 429, 500, 503];

/// Statuses with which a request that changes something may be refused as well.
const OF_CHANGES: [u16; 1] = [409];

/// Status with which another request under the same key is refused.
const OF_KEYS: u16 = 422;

/// Status with which a revision is refused that is not known any more.
const OF_WATCHES: u16 = 410;

/// The statuses of a route's refusals.
pub(super) fn statuses(route: &Route) -> BTreeSet<u16> {
    let mut all: BTreeSet<u16> = OF_EVERY_ROUTE.into();
    if route.method != Method::Get {
        all.extend(OF_CHANGES);
    }
    if route.path.starts_with("watch/") {
        all.insert(OF_WATCHES);
    }
    if takes_key(route) {
        all.insert(OF_KEYS);
    }
    all.extend(route.gate.refusal(route.method).map(|(_, refusal)| refusal.status));
    all
}

/// The reference to the refusal of a status.
pub(super) fn reference(status: u16) -> Value {
    json!({"$ref": format!("#/components/responses/{}", name(status))})
}

/// The refusals of `statuses` as responses that operations refer to.
pub(super) fn responses(statuses: &BTreeSet<u16>) -> Map<String, Value> {
    statuses
        .iter()
        .map(|status| {
            let response = json!({
                "description": reason(*status),
                "content": {"application/json": {"schema": body(*status)}},
            });
            (name(*status), with_retry_after(*status, response))
        })
        .collect()
}

/// Says when to ask again, where an answer says it.
fn with_retry_after(status: u16, mut response: Value) -> Value {
    if [429, 503].contains(&status) {
        let schema = json!({"type": "integer", "minimum": 0});
        response["headers"] = json!({"Retry-After": {"required": status == 429, "schema": schema}});
    }
    response
}

/// The schemas of their bodies.
pub(super) fn schemas() -> Map<String, Value> {
    let code = json!({"type": "string", "enum": ["Client", "Server"]});
    let text = json!({"type": "string"});
    let text_or_null = json!({"type": ["string", "null"]});
    let object = |properties: Value| {
        let required: Vec<&String> =
            properties.as_object().into_iter().flatten().map(|(name, _)| name).collect();
        json!({"type": "object", "required": required, "properties": properties, "additionalProperties": false})
    };
    let mut unauthenticated = object(json!({"message": text, "code": {"type": "integer"}}));
    // A token that is not valid is refused with a title.
    unauthenticated["properties"]["title"] = text.clone();
    let rows = [
        ("Fault", object(json!({"faultcode": code, "faultstring": text, "debuginfo": text_or_null}))),
        (
            "HttpFault",
            object(json!({"code": {"type": "integer"}, "title": text_or_null, "description": text})),
        ),
        ("UnreadBody", object(json!({"faultcode": code, "faultstring": text}))),
        ("Unauthenticated", object(json!({"error": unauthenticated}))),
        (
            "Error",
            object(json!({"error_message": {
                "type": "string",
                "description": "A JSON document: of the first form from a use case, of the second on the way to one.",
                "contentMediaType": "application/json",
                "contentSchema": {"anyOf": [schema("Fault"), schema("HttpFault")]},
            }})),
        ),
    ];
    rows.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn body(status: u16) -> Value {
    let forms: &[&str] = match status {
        400 => &["Error", "UnreadBody", "Unauthenticated"],
        401 => &["Error", "Unauthenticated"],
        413 => &["UnreadBody"],
        _ => &["Error"],
    };
    match forms {
        [one] => schema(one),
        several => json!({"anyOf": several.iter().map(|name| schema(name)).collect::<Vec<_>>()}),
    }
}

fn schema(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn name(status: u16) -> String {
    reason(status).split(' ').collect()
}

fn reason(status: u16) -> &'static str {
    StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Refused")
}
