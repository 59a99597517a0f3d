//! `agent`: people are let into the ramdisk, with a password of which only the hash is ever handed on.

use crate::client::Agents;
use async_trait::async_trait;
use ferric_hardware::{HardwareError, Rescue, TaskView};
use ferric_model::node::Node;
use ferric_model::redact::MASK;
use ferric_model::report::Observed;
use ferric_model::secret::Secret;
use serde_json::{Value, json};
use std::sync::Arc;

/// The rescue interface `agent`.
#[derive(Debug, Clone)]
pub struct RescueAgent(Agents);

/// The rescue interface `agent`, for the composition of hardware types.
pub fn rescue_agent(agents: Agents) -> Arc<dyn Rescue> {
    Arc::new(RescueAgent(agents))
}

/// Key of `instance_info` under which the hash of the password lies while it is needed.
const HASHED_PASSWORD: &str = "hashed_rescue_password";

#[async_trait]
impl Rescue for RescueAgent {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        hashed_password(node).map(drop)
    }

    fn boots_ramdisk(&self, _: &Node) -> bool {
        true
    }

    /// Source: `contract: agent-protocol` section 6, `rescue.finalize_rescue`. Setting the same password again changes
    /// nothing.
    async fn rescue(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        let password = hashed_password(&task.node)?;
        let params = json!({"rescue_password": password.expose(), "hashed": true});
        match self.0.client(task)?.run("rescue.finalize_rescue", params).await {
            Ok(_) => Ok(Observed::default()),
            Err(error) => Err(without(error.into(), password.expose())),
        }
    }

    /// The ramdisk is taken away, and its user with it.
    async fn unrescue(&self, _: &TaskView) -> Result<Observed, HardwareError> {
        Ok(Observed::default())
    }
}

fn hashed_password(node: &Node) -> Result<Secret<String>, HardwareError> {
    let stored = node.spec.instance_info.get(HASHED_PASSWORD).and_then(Value::as_str);
    // As crypt(5) writes it: anything else would lock the user out, or let everybody in.
    let is_hash =
        |text: &&str| text.starts_with('$') && text.matches('$').count() >= 3 && !text.contains([':', '\n']);
    stored.filter(is_hash).map(|hash| Secret::new(hash.to_owned())).ok_or_else(|| {
        HardwareError::invalid(
            "the node has no password for its rescue",
            "rescue it again with a non-empty rescue_password",
        )
    })
}

/// A failure in which the agent does not repeat the hash.
fn without(mut error: HardwareError, hash: &str) -> HardwareError {
    error.summary = error.summary.replace(hash, MASK);
    error.evidence = error.evidence.map(|said| said.replace(hash, MASK));
    error
}
