//! Shards.
//!
//! Source: `contract: rest-api` section 6.

use super::answer::Answer;
use super::call::Call;
use super::error::Fault;
use super::route::{Gate, Route, route};
use serde_json::{Value, json};

const GATE: Gate = Gate::Late(82, "The API version does not allow shards");

pub(crate) static ROUTES: [Route; 1] = [route!(Get "shards" GATE, &[], Ignored, get)];

/// Nodes without a shard are counted under the name that clients know for it.
async fn get(call: Call) -> Result<Answer, Fault> {
    let shards = call.control().count_shards(&call.context).await?;
    let shards: Vec<Value> = shards
        .into_iter()
        .map(|(name, count)| json!({"name": name.as_deref().unwrap_or("None"), "count": count}))
        .collect();
    Answer::json(&json!({"shards": shards}))
}
