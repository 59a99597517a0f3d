//! Changing nodes by patches.
//!
//! Source: `contract: state-machine` section 5.

use super::{document, interfaces, rules};
use crate::actor::RequestContext;
use crate::commit::{Change, check_unlocked};
use crate::control::Control;
use crate::error::ControlError;
use ferric_model::JsonMap;
use ferric_model::conductor::Conductor;
use ferric_model::hardware::InterfaceKind;
use ferric_model::json_patch::{self, PatchOp, PatchOperation};
use ferric_model::lifecycle::ProvisionState as S;
use ferric_model::node::Node;
use serde_json::Value;

/// A patch with what the dialect of the caller says about it.
#[derive(Debug, Clone)]
pub struct UpdateNode {
    /// What changes.
    pub operations: Vec<PatchOperation>,
    /// Whether interfaces that are not named get the defaults of the new driver.
    pub reset_interfaces: bool,
    /// Whether the caller knows that nodes are not changed while they are inspected.
    pub refuse_while_inspecting: bool,
}

/// States in which drivers and interfaces may be changed.
const RECONFIGURABLE: [S; 5] = [S::Enroll, S::Inspecting, S::InspectWait, S::Manageable, S::Available];

/// What a decision about a patch needs besides the node.
struct Decision<'a> {
    ident: &'a str,
    update: &'a UpdateNode,
    parent: Option<&'a Node>,
    conductors: &'a [Conductor],
}

impl UpdateNode {
    /// The values that the patch gives to `field`, in order.
    pub(crate) fn values(&self, field: &str) -> impl Iterator<Item = &Value> {
        self.operations
            .iter()
            .filter(move |one| one.op != PatchOp::Remove && one.is_root() && one.root() == field)
            .filter_map(|one| one.value.as_ref())
    }
}

impl Control {
    /// Patches a node.
    ///
    /// **Errors**: `Forbidden`; `Invalid` for a patch that does not fit or breaks a rule; `Conflict` when the node's state forbids the
    /// change or a name is taken; `NodeLocked` while a task holds the node.
    pub async fn update_node(
        &self,
        context: &RequestContext,
        ident: &str,
        update: &UpdateNode,
    ) -> Result<Node, ControlError> {
        for value in update.values("network_data") {
            document::check_network_data(value)?;
        }
        let conductors = self.live_conductors().await?;
        let present = self.get_node(ident).await?;
        self.authorize_patch(context, ident, &present, update)?;
        let parent = match update.values("parent_node").next().and_then(Value::as_str) {
            Some(parent) => Some(rules::parent(self, context, parent, present.owner.as_deref()).await?),
            None => None,
        };
        if update.operations.iter().any(|one| one.root() == "owner") {
            self.check_owner_may_change(&present).await?;
        }
        let decision = Decision { ident, update, parent: parent.as_ref(), conductors: &conductors };
        let mut wanted = present;
        let decided = self
            .decide(ident, |node, _| {
                self.authorize_patch(context, ident, &node, update)?;
                decision.check_transition(&node)?;
                self.authorize_new_owner(context, &node, update)?;
                let patched = decision.patch(&node)?;
                check_unlocked(&node)?;
                wanted.clone_from(&patched);
                let (item, write_node) = (context.operation_item, patched != node);
                let change = (write_node || item.is_some()).then(|| {
                    let change = Change { item, write_node, ..Change::of(patched) };
                    change.without_lost_allocation(&node)
                });
                Ok((change, ()))
            })
            .await;
        decided.map(|(node, ())| node).map_err(|error| rules::taken(error, &wanted))
    }
}

impl Decision<'_> {
    fn patch(&self, before: &Node) -> Result<Node, ControlError> {
        for name in self.update.values("name").filter_map(Value::as_str) {
            rules::name(name, |name| {
                format!("Node {}: Cannot change name to invalid name '{name}'", self.ident)
            })?;
        }
        let mut patched = document::read(before);
        json_patch::apply(&mut patched, &self.update.operations)
            .map_err(|error| ControlError::Invalid(error.to_string()))?;
        let patched = document::check_patched(patched)?;
        let mut node = before.clone();
        document::write(&patched, &mut node);
        node.parent_node = self.parent_of(&patched);
        name_instance(before, &mut node);
        interfaces::offer(self.conductors, &node)?;
        if node.driver != before.driver && node.status.console_enabled {
            return Err(ControlError::Conflict(format!(
                "Node {} can not update the driver while the console is enabled. Please stop the console first.",
                self.ident
            )));
        }
        if before.maintenance && !node.maintenance {
            node.spec.maintenance_reason = None;
            node.fault = None;
        }
        check_protected(before, &mut node)?;
        check_retired(before, &mut node)?;
        self.set_interfaces(before, &patched, &mut node)?;
        check_instance(before, &mut node)?;
        check_resource_class(before, &node)?;
        Ok(node)
    }

    /// Refuses changes while the node is on its way, except that an instance may be taken off a node in maintenance.
    fn check_transition(&self, node: &Node) -> Result<(), ControlError> {
        let removes_instance = matches!(self.update.operations.as_slice(),
            [one] if one.op == PatchOp::Remove && one.path == "/instance_uuid");
        if node.maintenance && removes_instance {
            return Ok(());
        }
        if node.provision.target().is_some() && !node.state().allows_update_in_transition() {
            return Err(ControlError::Conflict(format!(
                "Node {} can not be updated while a state transition is in progress.",
                self.ident
            )));
        }
        if node.state() == S::Inspecting && self.update.refuse_while_inspecting {
            return Err(ControlError::Conflict(format!(
                "Cannot update node \"{}\" while it is in state \"{}\".",
                node.uuid,
                node.state()
            )));
        }
        Ok(())
    }

    fn parent_of(&self, patched: &JsonMap) -> Option<uuid::Uuid> {
        let named = patched.get("parent_node").and_then(Value::as_str)?;
        self.parent.map(|parent| parent.uuid).or_else(|| named.parse().ok())
    }

    fn set_interfaces(&self, before: &Node, patched: &JsonMap, node: &mut Node) -> Result<(), ControlError> {
        let mut requested = document::requested(patched);
        let changes_driver = node.driver != before.driver;
        let may = RECONFIGURABLE.contains(&before.state()) || before.maintenance || node.maintenance;
        let mut changed = changes_driver;
        for kind in InterfaceKind::ALL {
            let present = before.spec.interfaces.get(&kind);
            if requested.get(&kind) == present {
                if changes_driver && self.update.reset_interfaces {
                    requested.remove(&kind);
                }
                continue;
            }
            changed = true;
            if !may {
                return Err(state_forbids(before, &format!("{kind}_interface updated"), true));
            }
        }
        if changes_driver && !may {
            return Err(state_forbids(before, "driver updated", true));
        }
        if changed { interfaces::choose(self.conductors, node, &requested) } else { Ok(()) }
    }
}

/// Gives the instance the name that a client displays, as long as it has none of its own.
fn name_instance(before: &Node, node: &mut Node) {
    if node.spec.instance_info != before.spec.instance_info && node.instance_name.is_none() {
        let displayed = node.spec.instance_info.get("display_name").and_then(Value::as_str);
        node.instance_name = displayed.filter(|name| !name.is_empty()).map(str::to_owned);
    }
}

fn check_protected(before: &Node, node: &mut Node) -> Result<(), ControlError> {
    let changed = node.spec.protected != before.spec.protected;
    if changed && !node.spec.protected {
        node.spec.protected_reason = None;
    } else if changed && !matches!(before.state(), S::Active | S::Rescue) {
        return Err(ControlError::Conflict(format!(
            "Node {} can only be made protected in provision states 'active' or 'rescue', the current state is '{}'",
            node.uuid,
            before.state()
        )));
    }
    if node.spec.protected_reason != before.spec.protected_reason
        && node.spec.protected_reason.is_some()
        && !node.spec.protected
    {
        let text = "The protected_reason field can only be set when protected is True";
        return Err(ControlError::Invalid(text.to_owned()));
    }
    Ok(())
}

fn check_retired(before: &Node, node: &mut Node) -> Result<(), ControlError> {
    let changed = node.retired != before.retired;
    if changed && !node.retired {
        node.spec.retired_reason = None;
    } else if changed && before.state() == S::Available {
        return Err(ControlError::Conflict(format!(
            "Node {} can not have 'retired' set in provision state 'available', the current state is '{}'",
            node.uuid,
            before.state()
        )));
    }
    if node.spec.retired_reason != before.spec.retired_reason
        && node.spec.retired_reason.is_some()
        && !node.retired
    {
        let text = "The retired_reason field can only be set when retired is True";
        return Err(ControlError::Invalid(text.to_owned()));
    }
    Ok(())
}

/// Refuses another instance; with its instance a node loses its allocation.
fn check_instance(before: &Node, node: &mut Node) -> Result<(), ControlError> {
    match (before.instance_uuid, node.instance_uuid) {
        (Some(present), Some(wanted)) if present != wanted => {
            return Err(ControlError::Conflict(format!(
                "Node {} is associated with instance {present}.",
                node.uuid
            )));
        }
        (Some(_), None) if before.allocation_uuid.is_some() => {
            if !before.maintenance && !RECONFIGURABLE.contains(&before.state()) {
                return Err(state_forbids(before, "instance_uuid removed", true));
            }
            node.allocation_uuid = None;
        }
        _ => {}
    }
    Ok(())
}

fn check_resource_class(before: &Node, node: &Node) -> Result<(), ControlError> {
    let changed = before.resource_class.is_some() && node.resource_class != before.resource_class;
    if changed && !RECONFIGURABLE.contains(&before.state()) {
        return Err(state_forbids(before, "resource_class updated", false));
    }
    Ok(())
}

fn state_forbids(node: &Node, what: &str, maintenance_helps: bool) -> ControlError {
    let allowed: Vec<&str> = RECONFIGURABLE.into_iter().map(S::as_str).collect();
    ControlError::Conflict(format!(
        "Node {} can not have {what} unless it is in one of allowed ({}) states{}. Current state is '{}'.",
        node.uuid,
        allowed.join(", "),
        if maintenance_helps { " or in maintenance mode" } else { "" },
        node.state()
    ))
}
