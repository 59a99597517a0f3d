//! Creating allocations.

use super::document::check_name;
use super::{NewAllocation, taken};
use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::policy::{Rule, Target};
use ferric_db::{Conn, DbError, allocations, nodes};
use ferric_model::allocation::{Allocation, AllocationState};
use ferric_model::node::Node;
use uuid::Uuid;

impl Control {
    /// Creates an allocation: at once for a node that is named and has its instance already, otherwise so that a node is
    /// looked for right after.
    ///
    /// **Errors**: `Forbidden` for an owner other than the caller's project; `Invalid` for a name or nodes that cannot
    /// be, or without a class; `Conflict` when UUID or name are taken, or the node does not fit; `NodeLocked`.
    pub async fn create_allocation(
        &self,
        context: &RequestContext,
        new: &NewAllocation,
    ) -> Result<Allocation, ControlError> {
        let owner = self.allocation_owner(context, new.text("owner"))?;
        let name = new.text("name");
        check_name(name.as_deref(), "create")?;
        let node = match new.text("node") {
            Some(ident) => Some(self.node_for(context, &ident, Rule::NodeGet).await.map_err(bad_request)?),
            None => None,
        };
        let class = new.text("resource_class");
        if class.is_none() && node.is_none() {
            let text = "The resource_class field is mandatory when not backfilling";
            return Err(ControlError::Invalid(text.to_owned()));
        }
        let candidate_nodes = self.candidates(context, &new.texts("candidate_nodes")).await?;
        let instance = node.as_ref().and_then(|node| node.instance_uuid);
        let allocation = Allocation {
            id: 0,
            uuid: new.uuid().or(instance).unwrap_or_else(|| context.fresh_id()),
            generation: 0,
            name,
            node_uuid: None,
            state: AllocationState::Allocating,
            resource_class: class.or_else(|| node.as_ref().and_then(|node| node.resource_class.clone())),
            owner,
            last_error: None,
            traits: new.texts("traits"),
            candidate_nodes,
            extra: new.extra(),
            created_at: self.now(),
            updated_at: None,
        };
        match node {
            Some(node) => self.backfill(&node, allocation).await,
            None => self.insert_allocation(allocation).await,
        }
    }

    async fn insert_allocation(&self, allocation: Allocation) -> Result<Allocation, ControlError> {
        let stored = self
            .store()
            .write("create_allocation", async |conn: &mut Conn| allocations::insert(conn, &allocation).await)
            .await
            .map_err(|error: DbError| taken(error.into(), &allocation))?;
        self.allocation_bell().ring(&[stored.id]);
        Ok(stored)
    }

    /// Who owns what the caller creates: whoever does not act for the whole system owns it by their project.
    fn allocation_owner(
        &self,
        context: &RequestContext,
        mut asked: Option<String>,
    ) -> Result<Option<String>, ControlError> {
        let project = &context.actor.project;
        if let Err(refused) = self.authorize(context, Rule::AllocationCreate, Target::NONE) {
            if project.is_some() && asked.is_some() && asked != *project {
                return Err(refused);
            }
            self.authorize(context, Rule::AllocationCreateRestricted, Target::NONE)?;
            asked.clone_from(project);
        }
        if context.actor.system_scope {
            return Ok(asked);
        }
        match asked {
            None => Ok(project.clone()),
            Some(owner)
                if project.as_ref() == Some(&owner)
                    || self.allows(context, Rule::AllocationCreateRestricted, Target::NONE) =>
            {
                Ok(Some(owner))
            }
            Some(owner) => Err(ControlError::Forbidden(format!(
                "Cannot create allocation with an owner Project ID value {owner} not matching the requester Project ID \
                 {}. Policy baremetal:allocation:create_restricted is required for this capability.",
                project.as_deref().unwrap_or("None")
            ))),
        }
    }

    /// The nodes that will do, which may be named; callers who act for a project name those it owns or leases.
    async fn candidates(
        &self,
        context: &RequestContext,
        idents: &[String],
    ) -> Result<Vec<Uuid>, ControlError> {
        if idents.is_empty() {
            return Ok(Vec::new());
        }
        let project = (!self.allows(context, Rule::AllocationCreateRestricted, Target::NONE))
            .then(|| context.actor.project.clone().unwrap_or_default());
        let (uuids, names): (Vec<_>, Vec<_>) =
            idents.iter().partition(|ident| Uuid::try_parse(ident).is_ok());
        let uuids: Vec<Uuid> = uuids.into_iter().filter_map(|ident| ident.parse().ok()).collect();
        let names: Vec<String> = names.into_iter().cloned().collect();
        let found = self
            .store()
            .read(async |conn: &mut Conn| {
                let found: Result<_, DbError> =
                    nodes::list_named(conn, &uuids, &names, project.as_deref()).await;
                found
            })
            .await?;
        let find = |ident: &String| {
            let named = |row: &&(Uuid, Option<String>)| {
                row.1.as_ref() == Some(ident) || ident.parse::<Uuid>().is_ok_and(|uuid| uuid == row.0)
            };
            found.iter().find(named).map(|row| row.0)
        };
        let missing: Vec<&str> =
            idents.iter().filter(|ident| find(ident).is_none()).map(String::as_str).collect();
        if missing.is_empty() {
            return Ok(idents.iter().filter_map(find).collect());
        }
        Err(ControlError::Invalid(format!("Nodes cannot be found: {}", missing.join(", "))))
    }

    /// Gives an allocation the node that has its instance already.
    async fn backfill(&self, node: &Node, allocation: Allocation) -> Result<Allocation, ControlError> {
        let allocation =
            Allocation { node_uuid: Some(node.uuid), state: AllocationState::Active, ..allocation };
        let decided = self
            .decide(&node.uuid.to_string(), |node, _| {
                super::backfill::check(&node, &allocation)?;
                Ok((Some(super::claim(node, &allocation, super::Write::Insert)), ()))
            })
            .await;
        match decided {
            Ok(_) => Ok(allocation),
            Err(error) => Err(taken(error, &allocation)),
        }
    }
}

/// A node that is not there is a mistake in the request.
fn bad_request(error: ControlError) -> ControlError {
    match error {
        ControlError::NotFound(text) => ControlError::Invalid(text),
        other => other,
    }
}
