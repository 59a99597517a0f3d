//! Inspection out of band: what the BMC can tell without booting the node.

use super::{boot_device, inventory, management};
use crate::client::RedfishClients;
use async_trait::async_trait;
use ferric_hardware::{HardwareError, HardwareErrorKind, Inspect, InspectOutcome, NodeInterfaces, TaskView};
use ferric_model::failure::code;
use ferric_model::node::Node;
use ferric_model::report::{Inventory, Observed, ObservedPort};
use serde_json::json;
use std::sync::Arc;

/// The inspect interface `redfish`.
#[derive(Debug, Clone)]
pub struct RedfishInspect(Arc<RedfishClients>);

impl RedfishInspect {
    /// Inspection through these clients.
    pub const fn new(clients: Arc<RedfishClients>) -> Self {
        Self(clients)
    }
}

#[async_trait]
impl Inspect for RedfishInspect {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        self.0.open(node).map(drop)
    }

    async fn inspect(&self, task: &TaskView, _: &NodeInterfaces) -> Result<InspectOutcome, HardwareError> {
        let access = self.0.open(&task.node)?;
        let system = access.system().await?;
        let findings = inventory::collect(&access, &system).await?;
        let mut properties = findings.properties();
        if properties.is_empty() {
            return Err(HardwareError::new(
                HardwareErrorKind::Nonsense,
                code::REDFISH_INVENTORY_EMPTY,
                "the BMC tells neither memory nor processors nor disks of the node",
                "power the node on once so that its firmware reports them to the BMC, or inspect with the agent",
            )
            .said(findings.unread.join("; ")));
        }
        if !task.node.spec.properties.contains_key("vendor")
            && let Some(vendor) = management::vendor(&access, &system).await?
        {
            properties.insert("vendor".to_owned(), vendor.into());
        }
        let ports =
            findings.mac_addresses().map(|address| ObservedPort { address, pxe_enabled: true }).collect();
        let plugin_data = json!({"unread": findings.unread}).as_object().cloned().unwrap_or_default();
        Ok(InspectOutcome::Done(Observed {
            power_state: system.power().state(),
            boot_mode: boot_device::mode_word(system.boot().mode()).map(str::to_owned),
            health: system.health().map(str::to_owned),
            properties,
            mac_addresses: ports,
            inventory: Some(Inventory { inventory: findings.document(), plugin_data }),
            ..Observed::default()
        }))
    }
}
