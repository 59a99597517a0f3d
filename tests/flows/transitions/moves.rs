//! What a way through the states is made of.

use anyhow::Context;
use ferric_tests::fake::{FakeNode, Prompter, step};
use ferric_tests::rest::Rest;
use serde_json::{Value, json};

/// A way of a new node.
#[derive(Debug)]
pub struct Way {
    /// What it is about.
    pub name: &'static str,
    /// Whether the node has a ramdisk from the beginning.
    pub ramdisk: bool,
    /// What happens, one after the other.
    pub moves: &'static [Move],
}

/// One move. The last word of most is the state in which the node is to rest afterwards.
#[derive(Debug)]
pub enum Move {
    /// A verb.
    Ask(&'static str, &'static str),
    /// Manual cleaning with these steps.
    Clean(&'static [&'static str], &'static str),
    /// A deployment with these steps beside its own.
    Deploy(&'static [(&'static str, u32)], &'static str),
    /// A service with these steps.
    Service(&'static [&'static str], &'static str),
    /// A rescue.
    Rescue(&'static str),
    /// The ramdisk is heard of.
    Heard(&'static str),
    /// The ramdisk sends what it found.
    Found(&'static str),
    /// The next operation at this point leads to this word.
    Says(&'static str, &'static str),
    /// A flag of `driver_info`.
    Info(&'static str, bool),
    /// What is to happen when a service fails: how often it is tried again, and whether the node is held then.
    OnFailure(u32, bool),
    /// Into maintenance, or out of it.
    Maintenance(bool),
}

/// Lets a new node go the way.
pub async fn walk(rest: &Rest, prompter: &Prompter, way: &Way) -> anyhow::Result<FakeNode> {
    let node = FakeNode::enroll(rest, prompter, way.ramdisk).await?;
    for one in way.moves {
        make(&node, prompter, one).await.with_context(|| format!("{}: {one:?}", way.name))?;
    }
    Ok(node)
}

async fn make(node: &FakeNode, prompter: &Prompter, one: &Move) -> anyhow::Result<()> {
    match one {
        Move::Ask(verb, state) => drop(node.lead(verb, state).await?),
        Move::Clean(steps, state) => {
            let body = json!({"target": "clean", "clean_steps": in_order(steps)});
            node.lead_with(&body, state).await?;
        }
        Move::Service(steps, state) => {
            let body = json!({"target": "service", "service_steps": in_order(steps)});
            node.lead_with(&body, state).await?;
        }
        Move::Deploy(steps, state) => {
            let ranked = |(label, priority): &(&str, u32)| {
                let mut step = step(label);
                step["priority"] = (*priority).into();
                step
            };
            let steps: Vec<Value> = steps.iter().map(ranked).collect();
            node.lead_with(&json!({"target": "active", "deploy_steps": steps}), state).await?;
        }
        Move::Rescue(state) => {
            node.lead_with(&json!({"target": "rescue", "rescue_password": "s3cret"}), state).await?;
        }
        Move::Heard(state) => {
            node.heartbeat().await?;
            node.rests(state).await?;
        }
        Move::Found(state) => {
            node.send_inventory().await?;
            node.rests(state).await?;
        }
        Move::Says(point, word) => prompter.say(&node.uuid, point, word),
        Move::Info(key, value) => node.tell(key, &json!(value)).await?,
        Move::OnFailure(retries, hold) => {
            let wish = json!({"retries": retries, "pause_secs": 1, "hold": hold});
            node.tell("service_on_failure", &wish).await?;
        }
        Move::Maintenance(on) => node.maintain(*on).await?,
    }
    Ok(())
}

fn in_order(labels: &[&str]) -> Vec<Value> {
    labels.iter().map(|label| step(label)).collect()
}
