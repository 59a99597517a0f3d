//! Where connectors and targets are found.

use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use crate::rest::link;
use crate::rest::route::Gate::Unsupported;
use crate::rest::route::{Route, route};
use ferric_control::{Rule, Target};
use serde_json::json;

pub(crate) static ROUTES: [Route; 2] = [
    route!(Get "volume" Unsupported(32), &[], Ignored, get),
    route!(Get "nodes/{node}/volume" Unsupported(32), &[], Ignored, of_node),
];

async fn get(call: Call) -> Result<Answer, Fault> {
    call.control().authorize(&call.context, Rule::VolumeList, Target::NONE)?;
    links(&call, "volume")
}

async fn of_node(call: Call) -> Result<Answer, Fault> {
    let ident = call.node_ident()?;
    call.control().node_for(&call.context, ident, Rule::VolumeGet).await?;
    links(&call, &format!("nodes/{ident}/volume"))
}

fn links(call: &Call, path: &str) -> Result<Answer, Fault> {
    let pair = |below: &str| link::pair(&call.base, &format!("{path}/{below}"));
    Answer::json(&json!({"links": pair(""), "connectors": pair("connectors"), "targets": pair("targets")}))
}
