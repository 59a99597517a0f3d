//! The indicators of nodes.

use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use crate::rest::json::{Members, put_list};
use crate::rest::link;
use serde_json::{Value, json};

/// `GET nodes/{node}/management/indicators`
pub(in crate::rest::nodes) async fn list(call: Call) -> Result<Answer, Fault> {
    let node = call.node_ident()?;
    let found = call.control().list_indicators(&call.context, node).await?;
    let indicators = found.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut out = Vec::new();
    let mut members = Members::open(&mut out);
    members.with("indicators", |out| {
        put_list(out, indicators, |out, indicator| {
            let text = |key: &str| indicator.get(key).and_then(Value::as_str).unwrap_or_default();
            let name = format!("{}@{}", text("name"), text("component"));
            let mut members = Members::open(out);
            members.put("name", &name)?;
            for key in ["component", "readonly", "states"] {
                members.put(key, &indicator.get(key))?;
            }
            let path = format!("nodes/{node}/management/indicators/{name}");
            members.with("links", |out| link::put_pair(out, &call.base, &path))?;
            members.close();
            Ok(())
        })
    })?;
    members.close();
    Ok(Answer::ok(out))
}

/// `GET nodes/{node}/management/indicators/{indicator}`
pub(in crate::rest::nodes) async fn get(call: Call) -> Result<Answer, Fault> {
    let node = call.node_ident()?;
    let state = call.control().get_indicator(&call.context, node, call.param("indicator")).await?;
    Answer::json(&json!({"state": state}))
}

/// `PUT nodes/{node}/management/indicators/{indicator}`
pub(in crate::rest::nodes) async fn put(call: Call) -> Result<Answer, Fault> {
    let node = call.node_ident()?;
    let state = call.args.text("state").unwrap_or_default();
    call.control().set_indicator(&call.context, node, call.param("indicator"), state).await?;
    Ok(Answer::no_content())
}
