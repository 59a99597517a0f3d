//! Whether the interfaces of a node have what they need.

use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use serde_json::{Map, Value, json};

/// `GET nodes/{node}/validate`
pub(super) async fn by_path(call: Call) -> Result<Answer, Fault> {
    let ident = call.node_ident()?.to_owned();
    answer(&call, &ident).await
}

/// `GET nodes/validate?node=…`
pub(super) async fn by_query(call: Call) -> Result<Answer, Fault> {
    let node = call.args.text("node");
    if node.is_some_and(|ident| !call.speaks(5) && uuid::Uuid::try_parse(ident).is_err()) {
        return Err(Fault::too_new());
    }
    let ident = call.args.text("node_uuid").or(node).unwrap_or("None").to_owned();
    call.check_node_ident(&ident)?;
    answer(&call, &ident).await
}

async fn answer(call: &Call, ident: &str) -> Result<Answer, Fault> {
    let verdicts = call.control().validate_node(&call.context, ident).await?;
    let document: Map<String, Value> = verdicts
        .into_iter()
        .map(|verdict| {
            let shown = match verdict.problem {
                Some(reason) => json!({"result": false, "reason": reason}),
                None => json!({"result": true}),
            };
            (verdict.kind.to_string(), shown)
        })
        .collect();
    Answer::json(&document)
}
