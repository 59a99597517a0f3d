//! What rules creating, patching and deleting nodes ask.
//!
//! Source: `contract: rbac` section 2.

use super::update::UpdateNode;
use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::policy::{Rule, Target};
use ferric_model::hardware::InterfaceKind;
use ferric_model::json_patch::{PatchOp, PatchOperation};
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Node;
use ferric_model::schema::read_bool;

/// The rule of each part of a node that has one of its own. Interfaces go with the driver.
const PARTS: [(&str, Rule); 18] = [
    ("instance_info", Rule::NodeUpdateInstanceInfo),
    ("extra", Rule::NodeUpdateExtra),
    ("driver_info", Rule::NodeUpdateDriverInfo),
    ("properties", Rule::NodeUpdateProperties),
    ("chassis_uuid", Rule::NodeUpdateChassisUuid),
    ("instance_uuid", Rule::NodeUpdateInstanceUuid),
    ("instance_name", Rule::NodeUpdateInstanceInfo),
    ("lessee", Rule::NodeUpdateLessee),
    ("owner", Rule::NodeUpdateOwner),
    ("driver", Rule::NodeUpdateDriverInterfaces),
    ("network_data", Rule::NodeUpdateNetworkData),
    ("conductor_group", Rule::NodeUpdateConductorGroup),
    ("name", Rule::NodeUpdateName),
    ("retired", Rule::NodeUpdateRetired),
    ("retired_reason", Rule::NodeUpdateRetired),
    ("shard", Rule::NodeUpdateShard),
    ("parent_node", Rule::NodeUpdateParentNode),
    ("disable_power_off", Rule::NodeUpdateDisablePowerOff),
];

impl Control {
    /// Refuses a new node that the caller may not create, and gives its owner: the caller's project when the node is
    /// created in that project's name, else the one `asked` for.
    ///
    /// **Errors**: `Forbidden`; `Invalid` for another owner than the own project.
    pub(crate) fn authorize_new_node(
        &self,
        context: &RequestContext,
        asked: Option<&str>,
    ) -> Result<Option<String>, ControlError> {
        let (actor, asked) = (&context.actor, asked.filter(|owner| !owner.is_empty()));
        let in_own_name = self.settings().project_admin_can_manage_own_nodes
            && (actor.unrestricted || (!actor.system_scope && actor.project.is_some()))
            && self.allows(context, Rule::NodeCreateSelfOwnedNode, Target::NONE);
        if !in_own_name {
            self.authorize(context, Rule::NodeCreate, Target::NONE)?;
            return Ok(asked.map(str::to_owned));
        }
        if asked.is_some() && asked != actor.project.as_deref() {
            return Err(ControlError::Invalid(
                "Cannot create a node as a project scoped admin with an owner other than your own project."
                    .to_owned(),
            ));
        }
        Ok(actor.project.clone())
    }

    /// Refuses what the caller may not delete.
    ///
    /// **Errors**: `NotFound`, `Forbidden`.
    pub(super) fn authorize_deletion(
        &self,
        context: &RequestContext,
        ident: &str,
        node: &Node,
    ) -> Result<(), ControlError> {
        match self.authorize_node(context, ident, node, Rule::NodeDelete) {
            Err(ControlError::Forbidden(_)) if self.settings().project_admin_can_manage_own_nodes => {
                self.authorize(context, Rule::NodeDeleteSelfOwnedNode, Target::node(node))
            }
            other => other,
        }
    }

    /// Refuses a patch with a part that the caller may not change.
    ///
    /// **Errors**: `NotFound`, `Forbidden`.
    pub(super) fn authorize_patch(
        &self,
        context: &RequestContext,
        ident: &str,
        node: &Node,
        update: &UpdateNode,
    ) -> Result<(), ControlError> {
        let mut rules: Vec<Rule> = update.operations.iter().filter_map(rule_of).collect();
        if rules.len() < update.operations.len() || rules.is_empty() {
            rules.push(Rule::NodeUpdate);
        }
        rules.into_iter().try_for_each(|rule| self.authorize_node(context, ident, node, rule))
    }

    /// Refuses to take a node in use away from its owner.
    ///
    /// **Errors**: `Conflict`.
    pub(super) fn authorize_new_owner(
        &self,
        context: &RequestContext,
        node: &Node,
        update: &UpdateNode,
    ) -> Result<(), ControlError> {
        if update.values("owner").next().is_none()
            || node.state() != ProvisionState::Active
            || self.allows(context, Rule::NodeUpdateOwnerProvisioned, Target::node(node))
        {
            return Ok(());
        }
        Err(ControlError::Conflict(format!(
            "Cannot update owner of node \"{}\" while it is in state \"{}\".",
            node.uuid,
            node.state()
        )))
    }
}

/// The rule for one operation; none when it is that for nodes in general.
fn rule_of(operation: &PatchOperation) -> Option<Rule> {
    let root = operation.root();
    if let Some((_, rule)) = PARTS.iter().find(|row| row.0 == root) {
        return Some(*rule);
    }
    let interface = |kind: &InterfaceKind| root.strip_suffix("_interface") == Some(kind.as_str());
    if InterfaceKind::ALL.iter().any(interface) {
        return Some(Rule::NodeUpdateDriverInterfaces);
    }
    let value = operation.value.as_ref().filter(|_| operation.op != PatchOp::Remove);
    let turns_off = root == "automated_clean" && value.is_some_and(|value| read_bool(value) == Ok(false));
    turns_off.then_some(Rule::NodeDisableCleaning)
}
