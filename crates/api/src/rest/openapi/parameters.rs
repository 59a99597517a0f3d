//! Arguments, parts of paths and headers of requests.

use super::row::{Finer, Row};
use crate::rest::args::{Arg, Kind};
use crate::rest::keyed;
use crate::rest::microversion::{HEADER, Microversion};
use crate::rest::route::{Body, Route};
use serde_json::{Map, Value, json};

/// The name of the parameter that every operation refers to.
const MICROVERSION: &str = "Microversion";

/// The name of the parameter that operations refer to which create something.
const IDEMPOTENCY_KEY: &str = "IdempotencyKey";

/// Arguments whose words or range are the same wherever they appear.
const EVERYWHERE: [Finer; 2] = [
    ("sort_dir", || json!({"type": "string", "enum": ["asc", "desc"]})),
    ("limit", || json!({"type": "integer", "minimum": 1})),
];

/// Parameters that operations refer to.
pub(super) fn components() -> Value {
    let versions: Vec<String> = (Microversion::OLDEST.0..=Microversion::NEWEST.0)
        .map(|minor| Microversion(minor).to_string())
        .chain(["latest".to_owned()])
        .collect();
    json!({MICROVERSION: {
        "name": HEADER,
        "in": "header",
        "description": "The microversion that the request speaks; the oldest one without it. \
            `OpenStack-API-Version: baremetal 1.N` says the same.",
        "schema": {"type": "string", "enum": versions, "default": Microversion::OLDEST.to_string()},
    }, IDEMPOTENCY_KEY: {
        "name": keyed::HEADER,
        "in": "header",
        "description": "A text of the caller's choice. The same request under the same key is carried out once and answered \
            the same as often as it comes; another one under the same key is refused with 422.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    }})
}

/// The parameters of an operation at `path`.
pub(super) fn parameters(path: &str, route: &Route, row: &Row) -> Vec<Value> {
    let query = if route.body == Body::Members { &[] } else { route.args };
    let named = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut all: Vec<Value> = named
        .map(|name| {
            let schema = json!({"type": "string", "minLength": 1});
            json!({"name": name, "in": "path", "required": true, "schema": schema})
        })
        .collect();
    all.push(json!({"$ref": format!("#/components/parameters/{MICROVERSION}")}));
    if keyed::takes_key(route) {
        all.push(json!({"$ref": format!("#/components/parameters/{IDEMPOTENCY_KEY}")}));
    }
    all.extend(query.iter().map(
        |arg| json!({"name": arg.name, "in": "query", "required": arg.required, "schema": schema(arg, row)}),
    ));
    all
}

/// The body of a command whose members are arguments.
pub(super) fn members(args: &[Arg], row: &Row) -> Value {
    let member = |arg: &Arg| {
        let schema = schema(arg, row);
        let schema = if arg.required { schema } else { json!({"anyOf": [schema, {"type": "null"}]}) };
        (arg.name.to_owned(), schema)
    };
    let properties: Map<String, Value> = args.iter().map(member).collect();
    let required: Vec<&str> = args.iter().filter(|arg| arg.required).map(|arg| arg.name).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn schema(arg: &Arg, row: &Row) -> Value {
    let finer = row.finer.iter().chain(&EVERYWHERE).find(|(name, _)| *name == arg.name);
    finer.map_or_else(|| plain(arg.kind), |(_, schema)| schema())
}

/// What an argument of a kind looks like.
fn plain(kind: Kind) -> Value {
    match kind {
        Kind::Bool => json!({"type": "boolean"}),
        Kind::Uuid => json!({"type": "string", "format": "uuid"}),
        Kind::Text | Kind::PlainText => json!({"type": "string"}),
        Kind::Integer => json!({"type": "integer"}),
        Kind::Mac => json!({"type": "string", "pattern": "^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}$"}),
        Kind::Ident | Kind::Host | Kind::Name => json!({"type": "string", "minLength": 1}),
        Kind::Words => json!({"type": "string", "description": "Words separated by commas."}),
        Kind::List => json!({"type": "array"}),
        Kind::TextOrObject => json!({"type": ["string", "object"]}),
    }
}
