//! Deleting allocations, which frees their nodes.
//!
//! Source: `contract: conductor` section 5, "Deallocation".

use super::{changed_meanwhile, not_found};
use crate::actor::RequestContext;
use crate::commit::{ATTEMPTS, AllocationWrite, Change, check_unlocked};
use crate::control::Control;
use crate::error::ControlError;
use crate::policy::{Rule, Target};
use ferric_db::{Conn, DbError, allocations};
use ferric_model::allocation::Allocation;
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Node;
use uuid::Uuid;

impl Control {
    /// Deletes an allocation and frees its node.
    ///
    /// **Errors**: `NotFound`, `Forbidden`; `NodeLocked` while a task holds the node; `Conflict` while the node is in use
    /// or on its way, unless it is in maintenance.
    pub async fn delete_allocation(&self, context: &RequestContext, ident: &str) -> Result<(), ControlError> {
        for _ in 0..ATTEMPTS {
            let allocation = self.allocation_for(context, ident, Rule::AllocationDelete).await?;
            if self.try_delete(&allocation, ident).await? {
                return Ok(());
            }
        }
        Err(changed_meanwhile(ident))
    }

    /// Deletes the allocation that has a node, and frees the node.
    ///
    /// **Errors**: as [`Self::delete_allocation`].
    pub async fn delete_node_allocation(
        &self,
        context: &RequestContext,
        node: &str,
    ) -> Result<(), ControlError> {
        for _ in 0..ATTEMPTS {
            let of = self.node_for(context, node, Rule::NodeGet).await?;
            let allocation = self.allocation_of_node(&of, node).await?;
            let target = Target::allocation(allocation.owner.as_deref());
            self.authorize(context, Rule::AllocationDelete, target)?;
            if self.try_delete(&allocation, node).await? {
                return Ok(());
            }
        }
        Err(changed_meanwhile(node))
    }

    /// Deletes an allocation; false when it has changed since it was read.
    async fn try_delete(&self, allocation: &Allocation, ident: &str) -> Result<bool, ControlError> {
        let (uuid, generation) = (allocation.uuid, allocation.generation);
        match allocation.node_uuid {
            Some(node) => self.free(allocation, node).await.map(|()| true).map_err(|error| match error {
                // The node took it with it.
                ControlError::NotFound(_) => not_found(ident),
                other => other,
            }),
            None => {
                let deleted = self
                    .store()
                    .write("delete_allocation", async |conn: &mut Conn| {
                        allocations::delete_unchanged(conn, uuid, generation).await
                    })
                    .await;
                deleted.map_err(|error: DbError| error.into())
            }
        }
    }

    async fn free(&self, allocation: &Allocation, node: Uuid) -> Result<(), ControlError> {
        self.decide(&node.to_string(), |mut node, _| {
            check_unlocked(&node)?;
            check_idle(&node, allocation)?;
            if node.allocation_uuid == Some(allocation.uuid) {
                node.allocation_uuid = None;
                node.instance_uuid = None;
            }
            let change =
                Change { allocation: Some(AllocationWrite::Delete(allocation.uuid)), ..Change::of(node) };
            Ok((Some(change), ()))
        })
        .await?;
        Ok(())
    }
}

/// Refuses to free a node that is used, or on its way.
fn check_idle(node: &Node, allocation: &Allocation) -> Result<(), ControlError> {
    let refuse = |why: String| {
        Err(ControlError::Conflict(format!(
            "Cannot remove allocation {} for node {}, because the node is {why} (and maintenance mode is off)",
            allocation.uuid, node.uuid
        )))
    };
    if node.maintenance {
        return Ok(());
    }
    if node.provision.target().is_some() && !node.state().allows_update_in_transition() {
        return refuse(format!("in state {} where updates are not allowed", node.state()));
    }
    if node.state() == ProvisionState::Active {
        return refuse("active".to_owned());
    }
    Ok(())
}
