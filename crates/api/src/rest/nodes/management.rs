//! The boot device of nodes.

use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use ferric_control::Rule;
use ferric_model::hardware::{InterfaceKind, supported_boot_devices};
use serde_json::json;

/// `GET nodes/{node}/management/boot_device`
pub(super) async fn get(call: Call) -> Result<Answer, Fault> {
    let found = call.control().get_boot_device(&call.context, call.node_ident()?).await?;
    Answer::json(&found)
}

/// `PUT nodes/{node}/management/boot_device`
pub(super) async fn put(call: Call) -> Result<Answer, Fault> {
    let ident = call.node_ident()?;
    let device = call.args.text("boot_device").unwrap_or_default();
    let node = call.control().node_for(&call.context, ident, Rule::NodeSetBootDevice).await?;
    let management = node.spec.interfaces.get(&InterfaceKind::Management).map_or("", String::as_str);
    if !supported_boot_devices(management).contains(&device) {
        return Err(Fault::invalid(format!("Invalid boot device {device} specified.")));
    }
    let persistent = call.args.bool("persistent").unwrap_or_default();
    call.control().set_boot_device(&call.context, ident, device, persistent).await?;
    Ok(Answer::no_content())
}

/// `GET nodes/{node}/management/boot_device/supported`
pub(super) async fn supported(call: Call) -> Result<Answer, Fault> {
    let node = call.control().node_for(&call.context, call.node_ident()?, Rule::NodeGetBootDevice).await?;
    let management = node.spec.interfaces.get(&InterfaceKind::Management).map_or("", String::as_str);
    Answer::json(&json!({"supported_boot_devices": supported_boot_devices(management)}))
}
