//! The way of every server: enrolled, verified, inspected, cleaned, deployed.

use super::client::{Client, NodeView};
use super::fleet::Fleet;
use super::screen::Screen;
use std::time::Duration;

/// How the journey ended.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Nodes that run their instance.
    pub active: Vec<String>,
    /// Nodes that failed.
    pub failed: Vec<String>,
}

/// What is asked of a node that rests in a state, in this order: verified nodes are inspected before they are provided.
const NEXT: [(&str, Leg, &str); 4] = [
    ("enroll", Leg::Enrolled, "manage"),
    ("manageable", Leg::Verified, "inspect"),
    ("manageable", Leg::Inspected, "provide"),
    ("available", Leg::Cleaned, "active"),
];

/// How far a node has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leg {
    Enrolled,
    Verified,
    Inspected,
    Cleaned,
    Deployed,
}

impl Leg {
    fn next(self) -> Self {
        match self {
            Self::Enrolled => Self::Verified,
            Self::Verified => Self::Inspected,
            Self::Inspected => Self::Cleaned,
            Self::Cleaned | Self::Deployed => Self::Deployed,
        }
    }
}

/// Enrolls the fleet and leads every node as far as it goes.
pub async fn run(client: &Client, fleet: &Fleet, screen: &mut Screen) -> anyhow::Result<Outcome> {
    for server in &fleet.servers {
        client.enroll(&server.node, &server.address).await?;
    }
    let mut legs = vec![Leg::Enrolled; fleet.servers.len()];
    loop {
        let nodes = client.nodes().await?;
        screen.show(&nodes);
        for (leg, node) in legs.iter_mut().zip(&nodes) {
            lead(client, fleet, leg, node).await?;
        }
        if nodes.iter().all(has_ended) {
            return Ok(outcome(&nodes));
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// Asks for what comes next, if the node rests where the last leg was to lead.
async fn lead(client: &Client, fleet: &Fleet, leg: &mut Leg, node: &NodeView) -> anyhow::Result<()> {
    let Some((_, _, verb)) = NEXT.into_iter().find(|row| row.0 == node.provision_state && row.1 == *leg)
    else {
        return Ok(());
    };
    if node.last_error.is_some() {
        return Ok(());
    }
    if verb == "active" {
        client.set_instance_info(&node.name, &fleet.instance_info).await?;
    }
    client.provision(&node.name, verb).await?;
    *leg = leg.next();
    Ok(())
}

fn has_ended(node: &NodeView) -> bool {
    node.provision_state == "active" || has_failed(node)
}

fn has_failed(node: &NodeView) -> bool {
    node.last_error.is_some()
        && (node.provision_state.ends_with("failed")
            || ["enroll", "error"].contains(&node.provision_state.as_str()))
}

fn outcome(nodes: &[NodeView]) -> Outcome {
    let (failed, active): (Vec<&NodeView>, Vec<&NodeView>) = nodes.iter().partition(|node| has_failed(node));
    let names = |list: Vec<&NodeView>| list.into_iter().map(|node| node.name.clone()).collect();
    Outcome { active: names(active), failed: names(failed) }
}
