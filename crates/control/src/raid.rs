//! The RAID layout that a node is to have.

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::policy::Rule;
use ferric_model::JsonMap;
use ferric_model::hardware::{InterfaceKind, check_raid_config, validate_interface};

impl Control {
    /// Sets the RAID layout that cleaning is to create; an empty one clears it.
    ///
    /// **Errors**: `NotFound` for the node, and when it has no RAID; `Forbidden`; `Invalid` for a layout that cannot be
    /// meant; `NodeLocked`.
    pub async fn set_target_raid_config(
        &self,
        context: &RequestContext,
        ident: &str,
        config: &JsonMap,
    ) -> Result<(), ControlError> {
        let node = self.node_for(context, ident, Rule::NodeSetRaidState).await?;
        if !config.is_empty() {
            validate_interface(&node, &[], InterfaceKind::Raid).map_err(ControlError::NotFound)?;
            check_raid_config(config).map_err(ControlError::Invalid)?;
        }
        self.change_node_unlocked(&node.uuid.to_string(), |node| {
            node.spec.target_raid_config.clone_from(config);
            Ok(())
        })
        .await
        .map(drop)
    }
}
