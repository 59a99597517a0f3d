//! Automatic discovery: hardware that nobody knows enrolls itself by its inspection data.

use super::inspection::Found;
use super::lookup::hidden;
use crate::commit::{Change, new_id};
use crate::control::Control;
use crate::error::ControlError;
use crate::nodes::choose_interfaces;
use crate::task_read::ports_with;
use ferric_db::{Conn, nodes};
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Node;
use ferric_model::report::Failure;
use serde_json::Value;
use std::collections::BTreeMap;

impl Control {
    /// A node for hardware whose addresses no node has, not stored yet. Its operator has to complete it: nothing is known of
    /// its BMC but the address that the ramdisk told.
    ///
    /// **Errors**: `NotFound`, as if it were not enabled, when it is not, or when the addresses belong to several nodes;
    /// `Invalid` when the configured hardware type cannot be used.
    pub(super) async fn discover(&self, found: &Found) -> Result<Node, ControlError> {
        let settings = &self.settings().auto_discovery;
        let (true, Some(driver)) = (settings.enabled, settings.driver.as_deref()) else {
            return Err(hidden());
        };
        let read = async |conn: &mut Conn| ports_with(conn, &found.addresses).await;
        let known = self.store().read(read).await.map_err(ControlError::Database)?;
        if !known.is_empty() || found.addresses.is_empty() {
            return Err(hidden());
        }
        let mut node = Node::new(new_id(), driver, ProvisionState::Enroll, self.now());
        node.conductor_group = self.settings().default_conductor_group.to_lowercase();
        node.resource_class.clone_from(&self.settings().default_resource_class);
        choose_interfaces(&self.live_conductors().await?, &mut node, &BTreeMap::new())?;
        for key in ["bmc_address", "bmc_v6address", "bmc_mac"] {
            if let Some(value) = found.inventory.inventory.get(key).filter(|value| value.is_string()) {
                node.status.driver_internal_info.insert(key.to_owned(), Value::clone(value));
            }
        }
        Ok(node)
    }

    /// Stores a discovered node, unless it could not be found again by a port.
    ///
    /// **Errors**: `Invalid` with why hooks and rules do not want it; `NotFound` when they leave it without ports.
    pub(super) async fn enroll_discovered(
        &self,
        preview: &Change,
        unwanted: Option<&Failure>,
    ) -> Result<(), ControlError> {
        if let Some(failure) = unwanted {
            return Err(ControlError::Invalid(failure.explain(None)));
        }
        if preview.new_ports.is_empty() {
            return Err(hidden());
        }
        let node = &preview.node;
        let insert = async |conn: &mut Conn| nodes::insert(conn, node).await;
        self.store().write("discover", insert).await.map_err(ControlError::Database)?;
        tracing::info!(node.uuid = %node.uuid, node.driver, "unknown hardware enrolled itself");
        Ok(())
    }
}
