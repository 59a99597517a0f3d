//! One operation of the document.

use super::parameters;
use super::part::since;
use super::refusals;
use super::row::{Content, Reply, Row};
use crate::rest::route::{Body, Method, Route};
use serde_json::{Map, Value, json};

/// The operation of a route; `path` is the one under which the document has it.
pub(super) fn operation(path: &str, route: &Route, row: &Row) -> Value {
    let mut operation = json!({
        "operationId": id(route),
        "tags": [tag(route)],
        "summary": row.summary,
        "parameters": parameters::parameters(path, route, row),
        "responses": responses(route, row),
    });
    if let Some((minor, _)) = route.gate.refusal(route.method) {
        operation["description"] = since(minor).into();
    }
    if let Some(body) = body(route, row) {
        operation["requestBody"] = body;
    }
    operation
}

/// The word under which OpenAPI has a method.
pub(super) const fn word(method: Method) -> &'static str {
    match method {
        Method::Get => "get",
        Method::Post => "post",
        Method::Put => "put",
        Method::Patch => "patch",
        Method::Delete => "delete",
    }
}

fn id(route: &Route) -> String {
    let path = route.path.replace(['{', '}'], "").replace('/', "_");
    format!("{}_{}", word(route.method), if path.is_empty() { "v1" } else { &path })
}

fn tag(route: &Route) -> &'static str {
    route.path.split('/').next().filter(|part| !part.is_empty()).unwrap_or("discovery")
}

fn body(route: &Route, row: &Row) -> Option<Value> {
    let (schema, required) = match (route.body, row.body) {
        (Body::Members, _) => {
            (parameters::members(route.args, row), route.args.iter().any(|arg| arg.required))
        }
        (Body::Document, Some(part)) => (part.reference(), true),
        (Body::Document | Body::Ignored, _) => return None,
    };
    Some(json!({"required": required, "content": {"application/json": {"schema": schema}}}))
}

fn responses(route: &Route, row: &Row) -> Value {
    let mut all = Map::new();
    for reply in row.answer.iter().chain(&row.other) {
        all.insert(reply.status.to_string(), response(reply));
    }
    for status in refusals::statuses(route).iter().chain(row.refusals) {
        all.insert(status.to_string(), refusals::reference(*status));
    }
    Value::Object(all)
}

/// Server-sent events. Readers of OpenAPI 3.1 differ in whether the schema is of the text or of each event in it: this one holds
/// for both.
fn events() -> Value {
    json!({
        "description": "Server-sent events, each with its name and JSON as data.",
        "properties": {
            "event": {"type": "string"},
            "id": {"type": "string"},
            "data": {"type": "string", "contentMediaType": "application/json"},
        },
    })
}

fn response(reply: &Reply) -> Value {
    let mut headers = json!({"OpenStack-Request-Id": {"$ref": "#/components/headers/RequestId"}});
    if reply.status == 201 {
        headers["Location"] = json!({"required": true, "schema": {"type": "string", "format": "uri"}});
    }
    let mut response = json!({"description": description(reply.status), "headers": headers});
    let schema = match &reply.content {
        Content::Nothing => return response,
        Content::Events => {
            response["content"] = json!({"text/event-stream": {"schema": events()}});
            return response;
        }
        Content::Whole(part) => part.reference(),
        Content::Page(name, part) => json!({
            "type": "object",
            "properties": {
                (*name): {"type": "array", "items": part.reference()},
                "next": {"type": "string", "format": "uri", "description": "The next page, where this one is full."},
            },
            "required": [name],
            "additionalProperties": false,
        }),
    };
    response["content"] = json!({"application/json": {"schema": schema}});
    response
}

const fn description(status: u16) -> &'static str {
    match status {
        201 => "Created.",
        202 => "Accepted; the work goes on.",
        _ => "Done.",
    }
}
