//! Where the serial console of a node is: its BMC offers it over IPMI 2.0.

use crate::access::Access;
use async_trait::async_trait;
use ferric_hardware::HardwareError;
use ferric_hardware::interface::{SerialOverLan, SerialTarget};
use ferric_model::hardware::ipmi_text;
use ferric_model::node::Node;
use std::sync::Arc;

/// Serial consoles of nodes of this hardware type.
#[derive(Debug, Clone, Copy, Default)]
struct IpmiSerial;

/// Tells where the serial consoles of nodes of this hardware type are.
pub fn ipmi_serial() -> Arc<dyn SerialOverLan> {
    Arc::new(IpmiSerial)
}

#[async_trait]
impl SerialOverLan for IpmiSerial {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        read(node).map(drop)
    }

    async fn target(&self, node: &Node) -> Result<SerialTarget, HardwareError> {
        read(node)
    }
}

fn read(node: &Node) -> Result<SerialTarget, HardwareError> {
    // Everything is checked there.
    let access = Access::read(node, 1)?;
    let text = |key: &str| ipmi_text(&node.spec.driver_info, key);
    let wrong = |what: &str| {
        HardwareError::invalid(
            format!("the node has no serial console over IPMI: {what}"),
            "correct the node's driver_info, or choose another console interface",
        )
    };
    if text("ipmi_protocol_version").as_deref() == Some("1.5") {
        return Err(wrong("ipmi_protocol_version 1.5 has none"));
    }
    if text("ipmi_bridging").is_some_and(|kind| kind != "no") {
        return Err(wrong("a bridged BMC cannot be reached for it"));
    }
    Ok(SerialTarget {
        host: text("ipmi_address").unwrap_or_default(),
        port: text("ipmi_port").and_then(|port| port.parse().ok()).unwrap_or(623),
        username: text("ipmi_username"),
        password: access.password,
        kg_key: access.kg_key,
        privilege: text("ipmi_priv_level").unwrap_or_else(|| "ADMINISTRATOR".to_owned()),
        cipher_suite: text("ipmi_cipher_suite").and_then(|suite| suite.parse().ok()),
    })
}
