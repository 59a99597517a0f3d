//! Allocations: creating, changing, reading and deleting them, and the node that each gets.
//!
//! Source: `contract: rest-api` section 7, `contract: conductor` section 5.

mod backfill;
mod create;
mod delete;
mod document;
mod match_node;

pub use document::NewAllocation;

use crate::actor::RequestContext;
use crate::commit::{ATTEMPTS, AllocationWrite, Change};
use crate::control::Control;
use crate::error::ControlError;
use crate::paging::unsortable;
use crate::policy::{Rule, Target};
use ferric_db::allocations::{self, AllocationFilter};
use ferric_db::{Conflict, Conn, DbError, Ident};
use ferric_model::allocation::Allocation;
use ferric_model::json_patch::{self, PatchOperation};
use ferric_model::node::Node;
use ferric_model::page::Page;
use serde_json::json;

/// How an allocation is written beside its node.
enum Write {
    Insert,
    Save,
}

impl Control {
    /// Reads an allocation by UUID or name.
    ///
    /// **Errors**: `NotFound`.
    pub async fn get_allocation(
        &self,
        context: &RequestContext,
        ident: &str,
    ) -> Result<Allocation, ControlError> {
        self.allocation_for(context, ident, Rule::AllocationGet).await
    }

    /// Reads the allocation that has a node.
    ///
    /// **Errors**: `Invalid` for a node that is not there, as wherever a node is named for its allocation; `NotFound` when it has none;
    /// `Forbidden`.
    pub async fn get_node_allocation(
        &self,
        context: &RequestContext,
        ident: &str,
    ) -> Result<Allocation, ControlError> {
        let node = self.node_for(context, ident, Rule::NodeGet).await.map_err(|error| match error {
            ControlError::NotFound(text) => ControlError::Invalid(text),
            other => other,
        })?;
        let allocation = self.allocation_of_node(&node, ident).await?;
        self.authorize(context, Rule::AllocationGet, Target::allocation(allocation.owner.as_deref()))?;
        Ok(allocation)
    }

    /// Lists one page of allocations; callers who act for a project see its own.
    ///
    /// **Errors**: `Forbidden` for those of another owner; `NotFound` when the marker is gone; `Invalid` for a key that
    /// allocations cannot be sorted by.
    pub async fn list_allocations(
        &self,
        context: &RequestContext,
        mut filter: AllocationFilter,
        page: &Page,
    ) -> Result<Vec<Allocation>, ControlError> {
        let scope = self.scope(context, Rule::AllocationListAll, Rule::AllocationList)?;
        if let Some(project) = scope.project() {
            if filter.owner.as_ref().is_some_and(|owner| owner != project) {
                self.authorize(context, Rule::AllocationListAll, Target::NONE)?;
            }
            filter.owner = Some(project.to_owned());
        }
        let (found, gone) = self
            .store()
            .read(async |conn: &mut Conn| {
                let found = allocations::list(conn, &filter, page).await?;
                let gone = match &page.marker {
                    Some(marker) if found.is_empty() => !allocations::marker_exists(conn, marker).await?,
                    _ => false,
                };
                Ok::<_, DbError>((found, gone))
            })
            .await
            .map_err(unsortable)?;
        match &page.marker {
            Some(marker) if gone => Err(not_found(marker)),
            _ => Ok(found),
        }
    }

    /// Patches an allocation.
    ///
    /// **Errors**: `NotFound`, `Forbidden`; `Invalid` for a patch that does not fit; `Conflict` when the name is taken.
    pub async fn update_allocation(
        &self,
        context: &RequestContext,
        ident: &str,
        operations: &[PatchOperation],
    ) -> Result<Allocation, ControlError> {
        for _ in 0..ATTEMPTS {
            let before = self.allocation_for(context, ident, Rule::AllocationUpdate).await?;
            let mut patched = document::read(&before);
            json_patch::apply(&mut patched, operations)
                .map_err(|error| ControlError::Invalid(error.to_string()))?;
            let mut allocation = before.clone();
            document::write(&document::check_patched(patched)?, &mut allocation);
            if allocation == before {
                return Ok(allocation);
            }
            let now = self.now();
            let written = self
                .store()
                .write("update_allocation", async |conn: &mut Conn| {
                    allocations::save(conn, &allocation, now).await
                })
                .await
                .map_err(|error: DbError| taken(error.into(), &allocation))?;
            if written {
                return Ok(Allocation { updated_at: Some(now), ..allocation });
            }
        }
        Err(changed_meanwhile(ident))
    }

    /// Refuses to change the owner of a node that an allocation of somebody's has.
    pub(crate) async fn check_owner_may_change(&self, node: &Node) -> Result<(), ControlError> {
        let Some(uuid) = node.allocation_uuid else { return Ok(()) };
        let ident = Ident::Uuid(uuid);
        let found: Option<Allocation> =
            self.store().read(async |conn: &mut Conn| allocations::find(conn, &ident).await).await?;
        if found.is_some_and(|allocation| allocation.owner.is_some()) {
            return Err(ControlError::Conflict(format!(
                "Cannot update owner of node \"{}\" while it is allocated to an allocation with an owner.",
                node.uuid
            )));
        }
        Ok(())
    }

    /// The allocation, if the caller may see it and do `rule`.
    async fn allocation_for(
        &self,
        context: &RequestContext,
        ident: &str,
        rule: Rule,
    ) -> Result<Allocation, ControlError> {
        let wanted = Ident::read(ident);
        let found: Option<Allocation> =
            self.store().read(async |conn: &mut Conn| allocations::find(conn, &wanted).await).await?;
        let allocation = found.ok_or_else(|| not_found(ident))?;
        let target = Target::allocation(allocation.owner.as_deref());
        if !self.allows(context, Rule::AllocationGet, target) {
            return Err(not_found(ident));
        }
        self.authorize(context, rule, target)?;
        Ok(allocation)
    }

    /// The allocation that has a node, which refusals call `ident`.
    async fn allocation_of_node(&self, node: &Node, ident: &str) -> Result<Allocation, ControlError> {
        let uuid = node.uuid;
        let found: Option<Allocation> =
            self.store().read(async |conn: &mut Conn| allocations::find_of_node(conn, uuid).await).await?;
        found.ok_or_else(|| ControlError::NotFound(format!("Allocation for node {ident} was not found")))
    }
}

/// The change that gives `node` to the allocation.
fn claim(node: Node, allocation: &Allocation, write: Write) -> Change {
    let mut change = Change::of(node);
    change.node.instance_uuid = Some(allocation.uuid);
    change.node.allocation_uuid = Some(allocation.uuid);
    change.node.spec.instance_info.insert("traits".to_owned(), json!(allocation.traits));
    change.allocation = Some(match write {
        Write::Insert => AllocationWrite::Insert(allocation.clone()),
        Write::Save => AllocationWrite::Save(allocation.clone()),
    });
    change
}

fn not_found(ident: &str) -> ControlError {
    ControlError::NotFound(format!("Allocation {ident} could not be found."))
}

fn changed_meanwhile(ident: &str) -> ControlError {
    ControlError::Conflict(format!(
        "Allocation {ident} was changed by somebody else at the same time, please retry."
    ))
}

/// Says which of the identities is taken.
fn taken(error: ControlError, allocation: &Allocation) -> ControlError {
    let ControlError::Database(DbError::Conflict { constraint }) = &error else { return error };
    let node = || allocation.node_uuid.map(|uuid| uuid.to_string()).unwrap_or_default();
    ControlError::Conflict(match (constraint, &allocation.name) {
        (Conflict::AllocationUuid, _) => {
            format!("An allocation with UUID {} already exists.", allocation.uuid)
        }
        (Conflict::AllocationName, Some(name)) => format!("An allocation with name {name} already exists."),
        (Conflict::AllocationNode, _) => format!("Node {} has an allocation already.", node()),
        (Conflict::InstanceUuid, _) => format!(
            "Instance {} is already associated with a node, it cannot be associated with this other node {}",
            allocation.uuid,
            node()
        ),
        _ => return error,
    })
}
