//! What is served beside the routes of the API.

use super::refusals;
use serde_json::{Map, Value, json};

/// The paths, each of which can only be read.
pub(super) fn paths() -> Map<String, Value> {
    let text = json!({"type": "string"});
    let health = json!({
        "type": "object",
        "properties": {"status": text, "problems": {"type": "array", "items": text}},
        "required": ["status"],
        "additionalProperties": false,
    });
    let version = json!({
        "type": "object",
        "properties": {"id": text, "links": {"type": "array"}, "status": text, "min_version": text, "version": text},
        "required": ["id", "links", "status", "min_version", "version"],
        "additionalProperties": false,
    });
    let root = json!({
        "type": "object",
        "properties": {
            "name": text,
            "description": text,
            "default_version": version,
            "versions": {"type": "array", "items": version},
        },
        "required": ["name", "description", "default_version", "versions"],
        "additionalProperties": false,
    });
    let rows = [
        ("/", "root", "Says what this service is", root, &[400, 406, 413, 429, 503][..]),
        ("/healthz", "healthz", "Says that the process lives", health.clone(), &[]),
        ("/readyz", "readyz", "Says whether the process can serve", health.clone(), &[]),
        ("/openapi.json", "openapi", "This document", json!({"type": "object"}), &[]),
    ];
    let mut paths: Map<String, Value> = rows
        .into_iter()
        .map(|(path, id, summary, schema, refused)| {
            let mut responses = json!({"200": json_response("Done.", schema)});
            for status in refused {
                responses[status.to_string()] = refusals::reference(*status);
            }
            let operation =
                json!({"operationId": id, "tags": ["discovery"], "summary": summary, "responses": responses});
            (path.to_owned(), json!({"get": operation}))
        })
        .collect();
    paths["/readyz"]["get"]["responses"]["503"] = json_response("It cannot serve now.", health);
    paths
}

fn json_response(description: &str, schema: Value) -> Value {
    json!({"description": description, "content": {"application/json": {"schema": schema}}})
}
