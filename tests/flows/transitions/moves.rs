//! What a way through the states is made of.

use std::fmt::Debug;

use anyhow::Context;
use ferric_tests::rest::Rest;
use ferric_tests::wait::DEADLINE;
use serde_json::{Value, json};

/// A way of a new node.
#[derive(Debug)]
pub struct Way<Own: 'static> {
    /// What it is about.
    pub name: &'static str,
    /// What happens, one after the other.
    pub moves: &'static [Move<Own>],
}

/// One move. The last word of most is the state in which the node is to rest afterwards.
#[derive(Debug)]
pub enum Move<Own> {
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
    /// What is to happen when a service fails: how often it is tried again, and whether the node is held then.
    OnFailure(u32, bool),
    /// Into maintenance, or out of it.
    Maintenance(bool),
    /// What only nodes of this kind can do.
    Own(Own),
}

/// A node that goes a way.
pub trait Traveler {
    /// Moves that only nodes of its kind can make.
    type Own: Debug + 'static;

    /// The node.
    fn uuid(&self) -> &str;

    /// A step as a request names it.
    fn step(&self, label: &str) -> Value;

    /// Makes a move of its own.
    async fn make(&self, rest: &Rest, own: &Self::Own) -> anyhow::Result<()>;
}

/// Lets a node go the way.
pub async fn walk<T: Traveler>(rest: &Rest, traveler: &T, way: &Way<T::Own>) -> anyhow::Result<()> {
    for one in way.moves {
        make(rest, traveler, one).await.with_context(|| format!("{}: {one:?}", way.name))?;
    }
    Ok(())
}

async fn make<T: Traveler>(rest: &Rest, traveler: &T, one: &Move<T::Own>) -> anyhow::Result<()> {
    let in_order = |labels: &[&str]| labels.iter().map(|label| traveler.step(label)).collect::<Value>();
    let (body, state) = match one {
        Move::Ask(verb, state) => (json!({"target": verb}), *state),
        Move::Clean(steps, state) => (json!({"target": "clean", "clean_steps": in_order(steps)}), *state),
        Move::Service(steps, state) => {
            (json!({"target": "service", "service_steps": in_order(steps)}), *state)
        }
        Move::Deploy(steps, state) => {
            let ranked = |(label, priority): &(&str, u32)| {
                let mut step = traveler.step(label);
                step["priority"] = (*priority).into();
                step
            };
            let steps: Vec<Value> = steps.iter().map(ranked).collect();
            (json!({"target": "active", "deploy_steps": steps}), *state)
        }
        Move::Rescue(state) => (json!({"target": "rescue", "rescue_password": "s3cret"}), *state),
        Move::OnFailure(retries, hold) => {
            let wish = json!({"retries": retries, "pause_secs": 1, "hold": hold});
            return rest.set(traveler.uuid(), "/driver_info/service_on_failure", &wish).await;
        }
        Move::Maintenance(on) => return rest.maintain(traveler.uuid(), *on).await,
        Move::Own(own) => return traveler.make(rest, own).await,
    };
    rest.provision_with(traveler.uuid(), &body).await?;
    rest.wait_for_state(traveler.uuid(), state, DEADLINE).await.map(drop)
}
