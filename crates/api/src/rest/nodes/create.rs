//! Creating nodes.

use super::render;
use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use crate::rest::fields::node::FIELDS;
use ferric_control::NewNode;
use ferric_model::lifecycle::ProvisionState;
use ferric_model::resource_name::is_hostname_safe;

/// `POST nodes`
pub(super) async fn post(call: Call) -> Result<Answer, Fault> {
    let new = NewNode::parse(&call.document)?;
    check_versions(&call, &new)?;
    if let Some(name) = new.get("name").as_str().filter(|name| !call.speaks(10) && !is_hostname_safe(name)) {
        return Err(Fault::invalid(format!("Cannot create node with invalid name '{name}'")));
    }
    let initial = if call.speaks(11) { ProvisionState::Enroll } else { ProvisionState::Available };
    let node = call.control().create_node(&call.context, &new, initial).await?;
    let location = call.url(&format!("nodes/{}", node.uuid));
    Ok(Answer::created(location, render::whole(&call, &node).await?))
}

/// Refuses values for fields that are newer than the request.
fn check_versions(call: &Call, new: &NewNode) -> Result<(), Fault> {
    let newer = FIELDS.iter().filter(|field| field.since > call.version.0).any(|field| {
        let value = new.get(field.name);
        let harmless = value.is_null() || (field.name == "conductor_group" && value == "");
        !harmless
    });
    if newer { Err(Fault::too_new()) } else { Ok(()) }
}
