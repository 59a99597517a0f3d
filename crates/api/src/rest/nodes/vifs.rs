//! Virtual network interfaces of nodes.

use crate::rest::answer::Answer;
use crate::rest::args::Kind;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use ferric_model::schema::{self, JsonType, Schema};
use serde_json::{Value, json};

pub(crate) const VIF: Schema = Schema {
    properties: &[("id", Schema::of(&[JsonType::String]))],
    required: &["id"],
    ..Schema::of(&[JsonType::Object])
};

/// `GET nodes/{node}/vifs`
pub(super) async fn get(call: Call) -> Result<Answer, Fault> {
    let vifs = call.control().list_vifs(&call.context, call.node_ident()?).await?;
    let vifs: Vec<Value> = vifs.into_iter().map(|id| json!({"id": id})).collect();
    Answer::json(&json!({"vifs": vifs}))
}

/// `POST nodes/{node}/vifs`
pub(super) async fn post(call: Call) -> Result<Answer, Fault> {
    schema::check("vif", &call.document, &VIF).map_err(Fault::invalid)?;
    let id = Kind::Ident.read("id", &call.document["id"])?;
    let has = |key: &str| call.document.get(key).is_some();
    if call.speaks(67) && has("port_uuid") && has("portgroup_uuid") {
        return Err(Fault::invalid("Cannot specify both port_uuid and portgroup_uuid"));
    }
    let id = id.as_str().unwrap_or_default();
    call.control().attach_vif(&call.context, call.node_ident()?, id).await?;
    Ok(Answer::no_content())
}

/// `DELETE nodes/{node}/vifs/{vif}`
pub(super) async fn delete(call: Call) -> Result<Answer, Fault> {
    let id = call.param("vif");
    Kind::Ident.read("vif_id", &id.into())?;
    call.control().detach_vif(&call.context, call.node_ident()?, id).await?;
    Ok(Answer::no_content())
}
