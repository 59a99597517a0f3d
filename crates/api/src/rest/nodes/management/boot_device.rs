//! The boot device of nodes.

use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use serde_json::json;

/// `GET nodes/{node}/management/boot_device`
pub(in crate::rest::nodes) async fn get(call: Call) -> Result<Answer, Fault> {
    let found = call.control().get_boot_device(&call.context, call.node_ident()?).await?;
    Answer::json(&found)
}

/// `PUT nodes/{node}/management/boot_device`
pub(in crate::rest::nodes) async fn put(call: Call) -> Result<Answer, Fault> {
    let device = call.args.text("boot_device").unwrap_or_default();
    let persistent = call.args.bool("persistent").unwrap_or_default();
    call.control().set_boot_device(&call.context, call.node_ident()?, device, persistent).await?;
    Ok(Answer::no_content())
}

/// `GET nodes/{node}/management/boot_device/supported`
pub(in crate::rest::nodes) async fn supported(call: Call) -> Result<Answer, Fault> {
    let devices = call.control().supported_boot_devices(&call.context, call.node_ident()?).await?;
    Answer::json(&json!({"supported_boot_devices": devices}))
}
