//! The node that a connector or target belongs to.

use crate::actor::RequestContext;
use crate::commit::check_unlocked;
use crate::control::Control;
use crate::error::ControlError;
use crate::policy::Rule;
use ferric_db::VolumeFilter;
use ferric_model::json_patch::{PatchOp, PatchOperation};
use ferric_model::lifecycle::ProvisionState as S;
use ferric_model::node::Node;
use ferric_model::power::PowerState;
use uuid::Uuid;

/// States in which connectors and targets may be deleted whatever the power.
const DELETABLE: [S; 3] = [S::Manageable, S::Enroll, S::AdoptFailed];

impl Control {
    /// What a list is about: the node that is named and what the caller may see.
    ///
    /// **Errors**: `NotFound` for a node that is not there or that the caller may not know of, `Forbidden`.
    pub(super) async fn volume_filter(
        &self,
        context: &RequestContext,
        node: Option<&str>,
    ) -> Result<VolumeFilter, ControlError> {
        let node_uuid = match node {
            Some(ident) => Some(self.node_for(context, ident, Rule::NodeGet).await?.uuid),
            None => None,
        };
        let scope = self.scope(context, Rule::VolumeListAll, Rule::VolumeList)?;
        Ok(VolumeFilter { node_uuid, project: scope.project().map(str::to_owned) })
    }

    /// The node that something belongs to before a patch; the patch may lead to another node of the same owner.
    ///
    /// **Errors**: `Invalid` for another node that is not there or belongs to somebody else.
    pub(super) async fn node_of_volume(
        &self,
        context: &RequestContext,
        node_uuid: Uuid,
        operations: &[PatchOperation],
    ) -> Result<Node, ControlError> {
        let present = self.get_node(&node_uuid.to_string()).await?;
        let wanted = operations
            .iter()
            .find(|one| one.op != PatchOp::Remove && one.path == "/node_uuid")
            .and_then(|one| one.value.as_ref()?.as_str());
        if let Some(wanted) = wanted.filter(|wanted| *wanted != present.uuid.to_string()) {
            let refused = || {
                ControlError::Invalid(format!(
                    "Unable to apply the requested node_uuid '{wanted}'. Requested value was invalid."
                ))
            };
            match self.node_for(context, wanted, Rule::NodeGet).await {
                Ok(other) if other.owner == present.owner => {}
                Ok(_) | Err(ControlError::NotFound(_)) => return Err(refused()),
                Err(error) => return Err(error),
            }
        }
        Ok(present)
    }
}

/// Refuses changes while the node uses what is to be changed: it must be off and nobody may work on it.
///
/// **Errors**: `NodeLocked`, `InvalidStateRequested`.
pub(super) fn check_off(node: &Node, action: &str) -> Result<(), ControlError> {
    check_unlocked(node)?;
    if node.power_state == Some(PowerState::Off) {
        return Ok(());
    }
    let power = node.power_state.map_or("None", PowerState::as_str);
    Err(ControlError::InvalidStateRequested(format!(
        "The requested action \"{action}\" can not be performed on node \"{}\" while it is in state \"{power}\".",
        node.uuid
    )))
}

/// The same for deleting, which nodes that nobody uses yet allow whatever their power.
///
/// **Errors**: as [`check_off`].
pub(super) fn check_deletable(node: &Node, action: &str) -> Result<(), ControlError> {
    if DELETABLE.contains(&node.state()) { check_unlocked(node) } else { check_off(node, action) }
}
