//! The configdrive as the agent takes it: a URL, or an encoded image.

use super::image_order::failed;
use ferric_artifacts::configdrive::GivenConfigDrive;
use ferric_hardware::{HardwareError, HardwareErrorKind};
use ferric_model::node::Node;
use serde_json::Value;

/// The node's configdrive; parts are put together here, with the node's own network data if they have none.
///
/// **Errors**: `InvalidParameter` for what is no configdrive, or too large a one.
pub async fn configdrive(node: &Node) -> Result<Option<String>, HardwareError> {
    let mut parts = match read(node)? {
        None => return Ok(None),
        Some(GivenConfigDrive::Url(url)) => return Ok(Some(url.into())),
        Some(GivenConfigDrive::Encoded(text)) => return Ok(Some(text)),
        Some(GivenConfigDrive::Parts(parts)) => parts,
    };
    if parts.network_data.is_none() && !node.spec.network_data.is_empty() {
        parts.network_data = Some(node.spec.network_data.clone());
    }
    let (uuid, name) = (node.uuid.to_string(), node.name.clone());
    match tokio::task::spawn_blocking(move || parts.build(&uuid, name.as_deref())).await {
        Ok(built) => built.map(Some).map_err(failed),
        Err(_) => Err(HardwareError::new(
            HardwareErrorKind::Unknown,
            "configdrive-not-built",
            "the configdrive could not be built",
            "read the conductor's log, and report this as a defect",
        )),
    }
}

/// Whether the node's configdrive is one, as far as it can be told without building it.
pub fn check_configdrive(node: &Node) -> Result<(), HardwareError> {
    read(node).map(drop)
}

fn read(node: &Node) -> Result<Option<GivenConfigDrive>, HardwareError> {
    let given = node.spec.instance_info.get("configdrive").unwrap_or(&Value::Null);
    GivenConfigDrive::from_json(given).map_err(failed)
}
