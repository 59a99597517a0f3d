//! The requests that create here what is there.

use super::findings::masked_paths;
use super::inventory::Inventory;
use anyhow::Context;
use ferric_model::JsonMap;
use ferric_model::hardware::InterfaceKind;
use ferric_model::redact::MASK;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// One request.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// What it creates, for the report.
    pub resource: &'static str,
    /// Its method.
    pub method: Method,
    /// Its path.
    pub path: String,
    /// Its body.
    pub body: Value,
}

impl Request {
    /// As a line of the file.
    pub fn to_json(&self) -> Value {
        json!({"method": self.method.as_str(), "path": self.path, "body": self.body})
    }
}

/// Documents that stand in for what an Ironic masks: `{"<node's UUID or name>": {"driver_info": {…}, "instance_info": {…}}}`.
#[derive(Debug, Clone, Default)]
pub struct Secrets(BTreeMap<String, JsonMap>);

/// Documents of a node that hold secrets.
const SECRET_DOCUMENTS: [&str; 2] = ["driver_info", "instance_info"];

const CHASSIS: &[&str] = &["uuid", "description", "extra"];
const NODE: &[&str] = &[
    "uuid",
    "name",
    "driver",
    "driver_info",
    "instance_info",
    "instance_uuid",
    "properties",
    "extra",
    "resource_class",
    "chassis_uuid",
    "automated_clean",
    "conductor_group",
    "owner",
    "lessee",
    "description",
    "retired",
    "retired_reason",
    "network_data",
    "shard",
    "parent_node",
    "disable_power_off",
];
const PORTGROUP: &[&str] =
    &["uuid", "name", "address", "node_uuid", "mode", "properties", "extra", "standalone_ports_supported"];
const PORT: &[&str] = &[
    "uuid",
    "address",
    "node_uuid",
    "extra",
    "local_link_connection",
    "pxe_enabled",
    "portgroup_uuid",
    "physical_network",
    "is_smartnic",
    "name",
];
const CONNECTOR: &[&str] = &["uuid", "node_uuid", "type", "connector_id", "extra"];
const TARGET: &[&str] =
    &["uuid", "node_uuid", "volume_type", "properties", "boot_index", "volume_id", "extra"];
const TEMPLATE: &[&str] = &["uuid", "name", "steps", "extra"];
const RUNBOOK: &[&str] = &["uuid", "name", "steps", "extra", "disable_ramdisk", "public", "owner"];
const RULE: &[&str] = &["uuid", "description", "priority", "sensitive", "phase", "conditions", "actions"];

impl Secrets {
    /// Reads the file.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let documents = serde_json::from_str(&text)
            .with_context(|| format!("{} is not {{node: {{document: {{key: value}}}}}}", path.display()))?;
        Ok(Self(documents))
    }

    /// What an Ironic masked of a node and nobody else told.
    pub fn missing(&self, node: &Value) -> Vec<String> {
        let documents = SECRET_DOCUMENTS.iter();
        documents.flat_map(|document| masked_paths(&self.unmasked(node, document), document)).collect()
    }

    /// A document of a node, with what is known of its secrets.
    fn unmasked(&self, node: &Value, document: &str) -> Value {
        let mut value = node[document].clone();
        let own = ["uuid", "name"].iter().find_map(|key| self.0.get(node[*key].as_str()?));
        if let (Some(Value::Object(known)), Value::Object(map)) =
            (own.and_then(|own| own.get(document)), &mut value)
        {
            map.extend(known.clone());
        }
        value
    }
}

/// All of them, in an order in which each finds what it refers to; nothing of nodes that cannot move yet.
pub fn requests(inventory: &Inventory, secrets: &Secrets, blocked: &BTreeSet<String>) -> Vec<Request> {
    let post = |resource, path: &str, row: &Value, fields: &[&str]| Request {
        resource,
        method: Method::POST,
        path: path.to_owned(),
        body: Value::Object(only(row, fields)),
    };
    let moves = |row: &&Value, key: &str| !row[key].as_str().is_some_and(|uuid| blocked.contains(uuid));
    let mut all: Vec<Request> = Vec::new();
    all.extend(inventory.chassis.iter().map(|row| post("chassis", "/v1/chassis", row, CHASSIS)));
    let mut nodes: Vec<&Value> = inventory.nodes.iter().filter(|row| moves(row, "uuid")).collect();
    // Parents before their children.
    nodes.sort_by_key(|node| !node["parent_node"].is_null());
    for node in nodes {
        all.extend(node_requests(node, secrets));
    }
    for (resource, path, rows, fields) in [
        ("portgroups", "/v1/portgroups", &inventory.portgroups, PORTGROUP),
        ("ports", "/v1/ports", &inventory.ports, PORT),
        ("volume connectors", "/v1/volume/connectors", &inventory.connectors, CONNECTOR),
        ("volume targets", "/v1/volume/targets", &inventory.targets, TARGET),
    ] {
        let rows = rows.iter().filter(|row| moves(row, "node_uuid"));
        all.extend(rows.map(|row| post(resource, path, row, fields)));
    }
    for (resource, path, rows, fields) in [
        ("deploy templates", "/v1/deploy_templates", &inventory.templates, TEMPLATE),
        ("runbooks", "/v1/runbooks", &inventory.runbooks, RUNBOOK),
        ("inspection rules", "/v1/inspection_rules", &inventory.rules, RULE),
    ] {
        // Rules that come with an Ironic are its own.
        let rows = rows.iter().filter(|row| row["built_in"] != json!(true));
        all.extend(rows.map(|row| post(resource, path, row, fields)));
    }
    all
}

fn node_requests(node: &Value, secrets: &Secrets) -> Vec<Request> {
    let uuid = node["uuid"].as_str().unwrap_or_default();
    let mut body = only(node, NODE);
    for kind in InterfaceKind::ALL {
        let field = format!("{kind}_interface");
        if let Some(name) = node[field.as_str()].as_str() {
            body.insert(field, name.into());
        }
    }
    for document in SECRET_DOCUMENTS {
        body.insert(document.to_owned(), without_masks(secrets.unmasked(node, document)));
    }
    let mut all = vec![Request {
        resource: "nodes",
        method: Method::POST,
        path: "/v1/nodes".to_owned(),
        body: Value::Object(body),
    }];
    if let Some(traits) = node["traits"].as_array().filter(|traits| !traits.is_empty()) {
        all.push(Request {
            resource: "traits of nodes",
            method: Method::PUT,
            path: format!("/v1/nodes/{uuid}/traits"),
            body: json!({"traits": traits}),
        });
    }
    if node["maintenance"] == json!(true) {
        all.push(Request {
            resource: "maintenance of nodes",
            method: Method::PUT,
            path: format!("/v1/nodes/{uuid}/maintenance"),
            body: json!({"reason": node["maintenance_reason"].as_str().unwrap_or("moved from an Ironic")}),
        });
    }
    all
}

/// The fields that somebody may give, of those that have a value.
fn only(row: &Value, fields: &[&str]) -> JsonMap {
    let pairs = fields.iter().filter_map(|field| Some(((*field).to_owned(), row.get(field)?.clone())));
    pairs.filter(|(_, value)| !value.is_null()).collect()
}

/// A mask is worse than nothing.
fn without_masks(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.into_iter().filter(|(_, value)| value.as_str() != Some(MASK));
            Value::Object(kept.map(|(key, value)| (key, without_masks(value))).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inventory() -> Inventory {
        let node = |uuid: &str, parent: Value| {
            json!({"uuid": uuid, "driver": "redfish", "deploy_interface": "direct", "provision_state": "active",
                "parent_node": parent, "traits": [], "power_state": "power on", "owner": null,
                "driver_info": {"redfish_address": "https://b", "redfish_password": MASK}, "instance_info": {}})
        };
        Inventory {
            nodes: vec![
                node("child", json!("parent")),
                node("parent", Value::Null),
                node("stuck", Value::Null),
            ],
            ports: vec![
                json!({"uuid": "p", "node_uuid": "parent", "address": "52:54:00:00:00:01", "internal_info": {}}),
                json!({"uuid": "q", "node_uuid": "stuck", "address": "52:54:00:00:00:02"}),
            ],
            rules: vec![
                json!({"uuid": "r", "built_in": true}),
                json!({"uuid": "s", "actions": [], "built_in": false}),
            ],
            ..Inventory::default()
        }
    }

    #[test]
    fn requests_are_in_order_and_leave_out_what_cannot_move() {
        let all = requests(&inventory(), &Secrets::default(), &BTreeSet::from(["stuck".to_owned()]));
        let rows: Vec<_> = all
            .iter()
            .map(|request| (request.path.as_str(), request.body["uuid"].as_str().unwrap()))
            .collect();
        assert_eq!(
            rows,
            [
                ("/v1/nodes", "parent"),
                ("/v1/nodes", "child"),
                ("/v1/ports", "p"),
                ("/v1/inspection_rules", "s")
            ]
        );
        assert_eq!(
            all[0].body,
            json!({"uuid": "parent", "driver": "redfish", "deploy_interface": "direct", "instance_info": {},
                "driver_info": {"redfish_address": "https://b"}})
        );
        assert!(all[2].body.get("internal_info").is_none());
    }

    #[test]
    fn secrets_come_from_the_file() {
        let known = json!({"parent": {"driver_info": {"redfish_password": "calvin"}}});
        let secrets = Secrets(serde_json::from_value(known).unwrap());
        let inventory = inventory();
        assert_eq!(secrets.missing(&inventory.nodes[1]), [""; 0]);
        assert_eq!(secrets.missing(&inventory.nodes[0]), ["driver_info/redfish_password"]);
        let all = requests(&inventory, &secrets, &BTreeSet::new());
        assert_eq!(all[0].body["driver_info"]["redfish_password"], json!("calvin"));
    }
}
