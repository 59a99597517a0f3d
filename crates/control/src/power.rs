//! Changing the power state of a node.

use crate::actor::RequestContext;
use crate::begin::{begin_change, begin_task};
use crate::commit::{Change, check_unlocked};
use crate::control::Control;
use crate::error::ControlError;
use crate::operation::check_interface;
use crate::policy::Rule;
use ferric_model::action::Action;
use ferric_model::errand::{Relatives, depends_on_parent, must_be_off_first};
use ferric_model::hardware::InterfaceKind;
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Node;
use ferric_model::power::{PowerState, PowerTarget};
use ferric_model::task::params;
use serde_json::json;

impl Control {
    /// Accepts a change of power; a conductor carries it out.
    ///
    /// **Errors**: `Forbidden`; `Invalid` when the power interface lacks what it needs, `InvalidStateRequested` while the node is cleaned, `Conflict` when it must not be powered off,
    /// `NodeLocked`, `NoConductor`.
    pub async fn set_power(
        &self,
        context: &RequestContext,
        ident: &str,
        target: PowerTarget,
        timeout_secs: Option<u64>,
    ) -> Result<(), ControlError> {
        let conductors = self.live_conductors().await?;
        let params = json!(params::Power { target, timeout_secs });
        self.check_relatives_unlocked(ident, target).await?;
        self.decide(ident, |mut node, _| {
            self.authorize_node(context, ident, &node, Rule::NodeSetPowerState)?;
            check_interface(&node, InterfaceKind::Power)?;
            check_unlocked(&node)?;
            if matches!(node.state(), ProvisionState::Cleaning | ProvisionState::CleanWait) {
                return Err(ControlError::InvalidStateRequested(format!(
                    "The requested action \"{}\" can not be performed on node \"{ident}\" while it is in state \"{}\".",
                    target.as_str(),
                    node.state()
                )));
            }
            if node.spec.disable_power_off && target.final_state() == PowerState::Off {
                return Err(ControlError::Conflict(format!(
                    "Node {} cannot be powered off: its disable_power_off is set.",
                    node.uuid
                )));
            }
            node.target_power_state = Some(target.final_state());
            node.status.last_error = None;
            let task =
                begin_task(self, &conductors, context, &mut node, Action::Power, params.clone())?;
            Ok((Some(Change { item: context.operation_item, ..begin_change(node, task) }), ()))
        })
        .await?;
        Ok(())
    }

    /// Refuses a change of power that cannot be made now because of a node around this one, or inside it.
    ///
    /// **Errors**: `Conflict`.
    async fn check_relatives_unlocked(&self, ident: &str, target: PowerTarget) -> Result<(), ControlError> {
        let node = match self.get_node(ident).await {
            Ok(node) => node,
            // Whether the caller may know of it is decided with the rest.
            Err(ControlError::NotFound(_)) => return Ok(()),
            Err(error) => return Err(error),
        };
        let locked = |word: &str, relative: &Node| {
            ControlError::Conflict(format!(
                "Node {}: its {word} node {} is locked at present, so that its power cannot be changed. Please retry after the \
                 current operation is completed.",
                node.uuid, relative.uuid
            ))
        };
        let relatives = match target.final_state() {
            PowerState::On if depends_on_parent(&node) => Relatives::Parent,
            PowerState::Off => Relatives::Children(Vec::new()),
            PowerState::On => return Ok(()),
        };
        let word = if relatives == Relatives::Parent { "parent" } else { "child" };
        if matches!(relatives, Relatives::Children(_)) && !self.has_children(node.uuid).await? {
            return Ok(());
        }
        let around = self.relatives(&node, &relatives).await?;
        let is_concerned = |relative: &Node| match relatives {
            Relatives::Parent => relative.power_state != Some(PowerState::On),
            Relatives::Children(_) => must_be_off_first(relative),
        };
        match around.iter().find(|relative| is_concerned(relative) && relative.reservation.is_some()) {
            Some(relative) => Err(locked(word, relative)),
            None => Ok(()),
        }
    }
}
