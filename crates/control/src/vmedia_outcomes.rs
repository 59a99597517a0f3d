//! What boots from virtual media show of the firmware they run on.

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::policy::Rule;
use ferric_db::Conn;
use ferric_db::vmedia_outcomes::{self, VmediaFilter};
use ferric_model::failure::code;
use ferric_model::hardware::{InterfaceKind, VmediaCount, VmediaOutcome};
use ferric_model::node::Node;
use ferric_model::report::Failure;

/// The boot interface whose boots are counted.
const BOOT: &str = "redfish-virtual-media";

/// Silences that may come of how the firmware boots from media.
const SILENCES: [&str; 5] = [
    code::RAMDISK_SILENT,
    code::BOOT_NEVER_FETCHED,
    code::BOOT_LENGTH_ONLY,
    code::BOOT_FETCH_STOPPED,
    code::BOOT_AGENT_SILENT,
];

/// What a failure says of the firmware. A silence that has another cause says nothing, nor does one after the agent was heard.
pub(crate) fn outcome_of(node: &Node, failure: &Failure) -> Option<VmediaOutcome> {
    let heard = node.status.driver_internal_info.contains_key("agent_last_heartbeat");
    let outcome = match failure.code.as_str() {
        code::VMEDIA_INSERT_REFUSED | code::VMEDIA_NOT_INSERTED => VmediaOutcome::Refused,
        silence if SILENCES.contains(&silence) && !heard => VmediaOutcome::Silent,
        _ => return None,
    };
    (failure.cause.is_none() && boots_from_media(node)).then_some(outcome)
}

/// Whether the node's ramdisk is booted from virtual media.
pub(crate) fn boots_from_media(node: &Node) -> bool {
    node.spec.interfaces.get(&InterfaceKind::Boot).is_some_and(|name| name == BOOT)
}

impl Control {
    /// What was seen of the firmware of a node; nothing when it is not known what the node is.
    ///
    /// **Errors**: `NotFound`, `Forbidden`.
    pub async fn get_vmedia_status(
        &self,
        context: &RequestContext,
        ident: &str,
    ) -> Result<Option<VmediaCount>, ControlError> {
        let node = self.node_for(context, ident, Rule::NodeVmediaGet).await?;
        let find = async |conn: &mut Conn| vmedia_outcomes::find_of_node(conn, node.uuid).await;
        self.store().read(find).await.map_err(ControlError::Database)
    }

    /// Lists what boots of all nodes show, by vendor, model and firmware.
    ///
    /// **Errors**: `Forbidden`.
    pub async fn list_firmware_compat(
        &self,
        context: &RequestContext,
        filter: &VmediaFilter,
        limit: i64,
    ) -> Result<Vec<VmediaCount>, ControlError> {
        self.authorize(context, Rule::FirmwareCompatGet, crate::policy::Target::NONE)?;
        let list = async |conn: &mut Conn| vmedia_outcomes::list(conn, filter, limit).await;
        self.store().read(list).await.map_err(ControlError::Database)
    }
}
