//! Everything of an Ironic that can move.

use super::rest::Rest;
use anyhow::bail;
use serde_json::Value;

/// Collections of an Ironic, in the order in which they can be created.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    /// Where they were read.
    pub version: String,
    /// Chassis.
    pub chassis: Vec<Value>,
    /// Nodes, with their traits.
    pub nodes: Vec<Value>,
    /// Portgroups.
    pub portgroups: Vec<Value>,
    /// Ports.
    pub ports: Vec<Value>,
    /// Volume connectors.
    pub connectors: Vec<Value>,
    /// Volume targets.
    pub targets: Vec<Value>,
    /// Deploy templates.
    pub templates: Vec<Value>,
    /// Runbooks.
    pub runbooks: Vec<Value>,
    /// Inspection rules.
    pub rules: Vec<Value>,
    /// Allocations.
    pub allocations: Vec<Value>,
}

impl Inventory {
    /// Reads an Ironic; collections that its version does not have are empty.
    pub async fn read(ironic: &Rest) -> anyhow::Result<Self> {
        let root = ironic.get("/v1").await?;
        if root.status != 200 {
            bail!("GET /v1: {}", root.text());
        }
        Ok(Self {
            version: root.body["version"]["version"].as_str().unwrap_or("1.1").to_owned(),
            chassis: ironic.list("/v1/chassis?detail=true", "chassis").await?,
            nodes: nodes(ironic).await?,
            portgroups: ironic.list("/v1/portgroups?detail=true", "portgroups").await?,
            ports: ironic.list("/v1/ports?detail=true", "ports").await?,
            connectors: ironic.list("/v1/volume/connectors?detail=true", "connectors").await?,
            targets: ironic.list("/v1/volume/targets?detail=true", "targets").await?,
            templates: ironic.list("/v1/deploy_templates?detail=true", "deploy_templates").await?,
            runbooks: ironic.list("/v1/runbooks?detail=true", "runbooks").await?,
            rules: ironic.list("/v1/inspection_rules?detail=true", "inspection_rules").await?,
            allocations: ironic.list("/v1/allocations", "allocations").await?,
        })
    }

    /// How many there are of each.
    pub fn counts(&self) -> [(&'static str, usize); 10] {
        [
            ("chassis", self.chassis.len()),
            ("nodes", self.nodes.len()),
            ("portgroups", self.portgroups.len()),
            ("ports", self.ports.len()),
            ("volume connectors", self.connectors.len()),
            ("volume targets", self.targets.len()),
            ("deploy templates", self.templates.len()),
            ("runbooks", self.runbooks.len()),
            ("inspection rules", self.rules.len()),
            ("allocations", self.allocations.len()),
        ]
    }
}

/// Every node; where the service knows of children, they are asked for, for it hides them.
async fn nodes(ironic: &Rest) -> anyhow::Result<Vec<Value>> {
    let with_children = "/v1/nodes?detail=true&include_children=true";
    match ironic.list(with_children, "nodes").await {
        Ok(nodes) => Ok(nodes),
        Err(_) => ironic.list("/v1/nodes?detail=true", "nodes").await,
    }
}

/// What people call a node: its name, else its UUID.
pub fn label(node: &Value) -> String {
    let text = |key: &str| node[key].as_str().filter(|text| !text.is_empty());
    format!("node {}", text("name").or_else(|| text("uuid")).unwrap_or("without a name"))
}
