//! Putting the document together.

use super::operation::{operation, word};
use super::part::Part;
use super::row::Row;
use super::{outside, parameters, refusals, rows};
use crate::rest::ROUTES;
use crate::rest::microversion::Microversion;
use crate::rest::route::Route;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The document; whoever serves it adds the servers.
pub fn document() -> Value {
    let mut paths = outside::paths();
    let mut templates: BTreeMap<String, String> = BTreeMap::new();
    let mut parts: BTreeMap<&str, &Part> = BTreeMap::new();
    let mut statuses: BTreeSet<u16> = BTreeSet::new();
    for (route, row) in described() {
        // Paths that differ in nothing but the names of their parts are one path to readers of the document.
        let path = templates.entry(shape(route.path)).or_insert_with(|| full(route.path));
        let operations = paths.entry(path.clone()).or_insert_with(|| json!({}));
        operations[word(route.method)] = operation(path, route, row);
        parts.extend(row.parts().map(|part| (part.name, part)));
        statuses.extend(refusals::statuses(route).iter().chain(row.refusals));
    }
    let mut schemas = refusals::schemas();
    schemas.extend(parts.values().map(|part| (part.name.to_owned(), (part.schema)())));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Ferric",
            "description": "Bare-metal provisioning in the REST dialect of OpenStack Ironic.",
            "version": Microversion::NEWEST.to_string(),
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": parameters::components(),
            "headers": {"RequestId": {"required": true, "schema": {"type": "string"}}},
            "responses": refusals::responses(&statuses),
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "token": {"type": "apiKey", "in": "header", "name": "X-Auth-Token"},
            },
        },
        "security": [{}, {"basic": []}, {"token": []}],
    })
}

/// The routes with what is said of them.
fn described() -> impl Iterator<Item = (&'static Route, &'static Row)> {
    let routes = ROUTES.iter().flat_map(|table| table.iter());
    routes.filter_map(|route| Some((route, rows::find(route.method, route.path)?)))
}

fn full(path: &str) -> String {
    format!("/v1/{path}").trim_end_matches('/').to_owned()
}

/// The path without the names of its parts.
fn shape(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Map;

    #[test]
    fn every_route_has_one_row_and_every_row_a_route() {
        let routes: Vec<_> = ROUTES
            .iter()
            .flat_map(|table| table.iter())
            .map(|route| (word(route.method), route.path))
            .collect();
        let mut rows: Vec<_> = rows::all().map(|row| (word(row.method), row.path)).collect();
        let count = rows.len();
        let missing: Vec<_> = routes.iter().filter(|route| !rows.contains(route)).collect();
        assert!(missing.is_empty(), "openapi/rows lacks rows for {missing:?}");
        rows.retain(|row| !routes.contains(row));
        assert!(rows.is_empty(), "openapi/rows has rows for no routes: {rows:?}");
        assert_eq!(count, routes.len(), "openapi/rows has two rows for one route");
    }

    /// Calls `look` for each object within `value`.
    fn visit(value: &Value, look: &mut impl FnMut(&Map<String, Value>)) {
        match value {
            Value::Object(members) => {
                look(members);
                members.values().for_each(|member| visit(member, look));
            }
            Value::Array(items) => items.iter().for_each(|item| visit(item, look)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere_and_every_operation_has_its_own_name() {
        let document = document();
        let (mut references, mut ids) = (Vec::new(), Vec::new());
        visit(&document, &mut |members| {
            references.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            ids.extend(members.get("operationId").and_then(Value::as_str).map(str::to_owned));
        });
        for reference in &references {
            assert!(document.pointer(&reference[1..]).is_some(), "{reference} leads nowhere");
        }
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((ids.len(), count > 50, references.len() > 500), (count, true, true));
    }

    #[test]
    fn names_of_parts_are_unique() {
        let mut seen: BTreeMap<&str, Value> = BTreeMap::new();
        for part in rows::all().flat_map(Row::parts) {
            let schema = (part.schema)();
            assert_eq!(seen.entry(part.name).or_insert_with(|| schema.clone()), &schema, "{}", part.name);
        }
    }
}
