//! Virtual network interfaces of nodes.

use crate::rest::answer::Answer;
use crate::rest::args::Kind;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use ferric_model::schema::{self, JsonType, Schema};
use ferric_model::task::params::AttachVif;
use serde_json::{Value, json};
use uuid::Uuid;

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
    // Whoever names one is heard: the microversion only brought the refusal of both.
    let wanted = AttachVif {
        vif: id.as_str().unwrap_or_default().to_owned(),
        port_uuid: uuid(&call, "port_uuid")?,
        portgroup_uuid: uuid(&call, "portgroup_uuid")?,
    };
    if call.speaks(67) && wanted.port_uuid.is_some() && wanted.portgroup_uuid.is_some() {
        return Err(Fault::invalid("Cannot specify both port_uuid and portgroup_uuid"));
    }
    call.control().attach_vif(&call.context, call.node_ident()?, &wanted).await?;
    Ok(Answer::no_content())
}

fn uuid(call: &Call, key: &str) -> Result<Option<Uuid>, Fault> {
    match call.document.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let read = Kind::Uuid.read(key, value)?;
            Ok(read.as_str().and_then(|text| text.parse().ok()))
        }
    }
}

/// Detaching no VIF in particular.
pub(super) async fn no_id(_: Call) -> Result<Answer, Fault> {
    Err(Fault::invalid("Missing mandatory parameter: vif_id"))
}

/// `DELETE nodes/{node}/vifs/{vif}`
pub(super) async fn delete(call: Call) -> Result<Answer, Fault> {
    let id = call.param("vif");
    Kind::Ident.read("vif_id", &id.into())?;
    call.control().detach_vif(&call.context, call.node_ident()?, id).await?;
    Ok(Answer::no_content())
}
