//! Portgroups: creating, changing, reading and deleting them.
//!
//! Source: `contract: rest-api` section 5, `contract: state-machine` section 5.

mod document;
mod membership;
mod standalone;

pub use document::NewPortgroup;
pub(crate) use membership::join;
pub(crate) use standalone::{NEW_WITH_PXE, obstacle};

use crate::actor::RequestContext;
use crate::commit::check_unlocked;
use crate::control::Control;
use crate::error::ControlError;
use crate::nodes::takes_vifs;
use crate::paging::unsortable;
use crate::policy::{Rule, Target};
use crate::ports::{RECABLABLE, check_address_is_free, check_vif_is_detached};
use ferric_db::portgroups::{self, PortgroupFilter};
use ferric_db::{Conflict, Conn, DbError, Ident, ports};
use ferric_model::json_patch::{self, PatchOperation};
use ferric_model::lifecycle::ProvisionState as S;
use ferric_model::node::Node;
use ferric_model::page::Page;
use ferric_model::portgroup::Portgroup;
use ferric_model::resource_name::is_logical_name;
use ferric_model::vif::VifHost;

/// A patch of a portgroup with what the dialect of the caller says about it.
#[derive(Debug, Clone)]
pub struct UpdatePortgroup {
    /// What changes.
    pub operations: Vec<PatchOperation>,
    /// Whether the caller knows that portgroups are not changed while their node is inspected.
    pub refuse_while_inspecting: bool,
}

impl Control {
    /// Creates a portgroup on the node that the document names.
    ///
    /// **Errors**: `Forbidden`; `Invalid` when there is no such node or the name cannot be one; `Conflict` when UUID, name
    /// or address are taken.
    pub async fn create_portgroup(
        &self,
        context: &RequestContext,
        new: &NewPortgroup,
    ) -> Result<Portgroup, ControlError> {
        let ident = new.get("node_uuid").as_str().unwrap_or_default();
        let node = self.node_to_extend(context, ident, Rule::PortgroupCreate, ControlError::Invalid).await?;
        check_name(new.get("name").as_str(), |name| {
            format!("Cannot create portgroup with invalid name '{name}'")
        })?;
        let mode = &self.settings().default_portgroup_mode;
        let wanted = new.to_portgroup(context.fresh_id(), node.uuid, mode, self.now());
        let insert = async |conn: &mut Conn| portgroups::insert(conn, &wanted).await;
        self.store().write("create_portgroup", insert).await.map_err(|error| taken(error, &wanted))
    }

    /// Reads a portgroup by UUID or name.
    ///
    /// **Errors**: `NotFound`, `Forbidden`.
    pub async fn get_portgroup(
        &self,
        context: &RequestContext,
        ident: &str,
    ) -> Result<Portgroup, ControlError> {
        self.portgroup_for(context, ident, Rule::PortgroupGet).await
    }

    /// Lists one page of portgroups.
    ///
    /// **Errors**: `Forbidden`; `NotFound` when the marker or the node is gone, `Invalid` for a key that portgroups cannot
    /// be sorted by.
    pub async fn list_portgroups(
        &self,
        context: &RequestContext,
        filter: PortgroupFilter,
        page: &Page,
    ) -> Result<Vec<Portgroup>, ControlError> {
        let scope = self.scope(context, Rule::PortgroupListAll, Rule::PortgroupList);
        if !scope.as_ref().is_ok_and(|scope| self.knows_nodes_in(context, scope)) {
            self.check_parent(context, filter.of.node.as_ref()).await?;
        }
        let scope = scope?;
        let mut filter = filter;
        filter.of.project = scope.project().map(str::to_owned);
        let list = async |conn: &mut Conn| portgroups::list(conn, &filter, page).await;
        let found = self.store().read(list).await.map_err(unsortable)?;
        if found.is_empty() {
            if let Some(marker) = &page.marker {
                let exists = async |conn: &mut Conn| portgroups::marker_exists(conn, marker).await;
                if !self.store().read(exists).await? {
                    return Err(not_found(marker));
                }
            }
            self.check_parent(context, filter.of.node.as_ref()).await?;
        }
        Ok(found)
    }

    /// Patches a portgroup.
    ///
    /// **Errors**: `NotFound`; `Forbidden`; `Invalid` for a patch that does not fit or breaks a rule; `Conflict` when the
    /// node's state forbids the change or an identity is taken; `NodeLocked` while a task holds the node.
    pub async fn update_portgroup(
        &self,
        context: &RequestContext,
        ident: &str,
        update: &UpdatePortgroup,
    ) -> Result<Portgroup, ControlError> {
        let before = self.portgroup_for(context, ident, Rule::PortgroupUpdate).await?;
        let present = self.get_node(&before.node_uuid.to_string()).await?;
        for name in names(&update.operations) {
            check_name(Some(name), |name| {
                format!("Portgroup {ident}: Cannot change name to invalid name '{name}'")
            })?;
        }
        let node = self.node_after(context, present, &update.operations).await?;
        let mut patched = document::read(&before);
        json_patch::apply(&mut patched, &update.operations)
            .map_err(|error| ControlError::Invalid(error.to_string()))?;
        patched.insert("node_uuid".to_owned(), node.uuid.to_string().into());
        let patched = document::check_patched(patched)?;
        let mut after = before.clone();
        document::write(&patched, &mut after);
        after.node_uuid = node.uuid;
        let node = self.unlocked(node).await?;
        check_node_allows(&before, &after, &node, update)?;
        let knows_vifs = takes_vifs(&node);
        if knows_vifs && after.address.is_some() && after.address != before.address {
            check_address_is_free(VifHost::Portgroup(&before))?;
        }
        let replugs = update.operations.iter().any(|one| one.root() == "physical_network");
        if after == before && !replugs {
            return Ok(before);
        }
        let now = self.now();
        after.updated_at = Some(now);
        let moves = after.node_uuid != before.node_uuid;
        let splits_no_more =
            knows_vifs && before.standalone_ports_supported && !after.standalone_ports_supported;
        let write = async |conn: &mut Conn| {
            if moves {
                let found = portgroups::find_with_member(conn, after.uuid, after.uuid).await?;
                if found.is_some_and(|(_, member)| member.is_some()) {
                    return Err(has_ports(&after, &node));
                }
            }
            if splits_no_more {
                standalone::check_none(conn, &after).await?;
            }
            let written =
                portgroups::save(conn, &after).await.map_err(|error: DbError| taken(error, &after))?;
            if replugs {
                let network = after.physical_network.as_deref();
                ports::set_physical_network(conn, after.uuid, network, now).await?;
            }
            Ok(written)
        };
        let written = self.store().write("update_portgroup", write).await?;
        if written { Ok(after) } else { Err(not_found(ident)) }
    }

    /// Deletes a portgroup.
    ///
    /// **Errors**: `NotFound`; `Forbidden`; `Invalid` as long as it contains ports; `NodeLocked` while a task holds its node;
    /// `Conflict` while a VIF is attached to it, unless its node is in maintenance.
    pub async fn delete_portgroup(&self, context: &RequestContext, ident: &str) -> Result<(), ControlError> {
        let portgroup = self.portgroup_for(context, ident, Rule::PortgroupDelete).await?;
        let node = self.get_node(&portgroup.node_uuid.to_string()).await?;
        let node = self.unlocked(node).await?;
        check_vif_is_detached(VifHost::Portgroup(&portgroup), &node)?;
        let uuid = portgroup.uuid;
        let delete = async move |conn: &mut Conn| portgroups::delete(conn, uuid).await;
        let deleted = self.store().write("delete_portgroup", delete).await.map_err(|error| match error {
            DbError::Conflict { constraint: Conflict::PortgroupInUse } => ControlError::Invalid(format!(
                "Cannot complete the requested action because portgroup {uuid} contains ports."
            )),
            other => other.into(),
        })?;
        if deleted { Ok(()) } else { Err(not_found(ident)) }
    }

    /// Tells an empty portgroup from one that is not there, or that the caller may not know of.
    ///
    /// **Errors**: `NotFound`.
    pub(crate) async fn check_portgroup(
        &self,
        context: &RequestContext,
        ident: Option<&Ident>,
    ) -> Result<(), ControlError> {
        let Some(ident) = ident else { return Ok(()) };
        let hidden = || match ident {
            Ident::Uuid(uuid) => not_found(&uuid.to_string()),
            Ident::Name(name) => not_found(name),
        };
        let find = async |conn: &mut Conn| portgroups::find(conn, ident).await;
        let (_, projects) = self.store().read(find).await?.ok_or_else(hidden)?;
        if self.allows(context, Rule::NodeGet, Target::of(&projects)) { Ok(()) } else { Err(hidden()) }
    }

    /// Reads a portgroup for a caller who may do `rule` to it.
    ///
    /// **Errors**: `NotFound`, also when the caller may not know of its node; `Forbidden`.
    async fn portgroup_for(
        &self,
        context: &RequestContext,
        ident: &str,
        rule: Rule,
    ) -> Result<Portgroup, ControlError> {
        let wanted = Ident::read(ident);
        let found = self.store().read(async |conn: &mut Conn| portgroups::find(conn, &wanted).await).await?;
        let (portgroup, projects) = found.ok_or_else(|| not_found(ident))?;
        self.authorize_belonging(context, rule, &projects, || not_found(ident))?;
        Ok(portgroup)
    }
}

fn not_found(ident: &str) -> ControlError {
    ControlError::NotFound(format!("Portgroup {ident} could not be found."))
}

/// The names that a patch gives.
fn names(operations: &[PatchOperation]) -> impl Iterator<Item = &str> {
    let named = operations.iter().filter(|one| one.path == "/name");
    named.filter_map(|one| one.value.as_ref()?.as_str())
}

/// Refuses what can be no name; an empty one is none.
fn check_name(name: Option<&str>, refusal: impl FnOnce(&str) -> String) -> Result<(), ControlError> {
    match name.filter(|name| !name.is_empty() && !is_logical_name(name)) {
        Some(name) => Err(ControlError::Invalid(refusal(name))),
        None => Ok(()),
    }
}

/// Changes that the node forbids.
fn check_node_allows(
    before: &Portgroup,
    after: &Portgroup,
    node: &Node,
    update: &UpdatePortgroup,
) -> Result<(), ControlError> {
    if node.state() == S::Inspecting && update.refuse_while_inspecting {
        return Err(ControlError::Conflict(format!(
            "Cannot update portgroup \"{}\" on node \"{}\" while it is in state \"{}\".",
            after.uuid,
            node.uuid,
            node.state()
        )));
    }
    check_unlocked(node)?;
    let moves = after.node_uuid != before.node_uuid;
    if moves && !node.maintenance && !RECABLABLE.contains(&node.state()) {
        let allowed: Vec<&str> = RECABLABLE.into_iter().map(S::as_str).collect();
        return Err(ControlError::Conflict(format!(
            "Portgroup {} can not be associated to node {} unless the node is in a {} state or in maintenance mode. \
             Current state is '{}'.",
            after.uuid,
            node.uuid,
            allowed.join(", "),
            node.state()
        )));
    }
    Ok(())
}

fn has_ports(portgroup: &Portgroup, node: &Node) -> ControlError {
    ControlError::Invalid(format!(
        "Portgroup {} can not be associated with node {} because there are ports associated with this portgroup.",
        portgroup.uuid, node.uuid
    ))
}

/// Says which of the portgroup's identities is taken.
fn taken(error: DbError, portgroup: &Portgroup) -> ControlError {
    let DbError::Conflict { constraint } = &error else { return error.into() };
    let text = match (constraint, &portgroup.name, &portgroup.address) {
        (Conflict::PortgroupUuid, _, _) => {
            format!("A portgroup with UUID {} already exists.", portgroup.uuid)
        }
        (Conflict::PortgroupName, Some(name), _) => format!("A portgroup with name {name} already exists."),
        (Conflict::PortgroupAddress, _, Some(address)) => {
            format!("A portgroup with MAC address {address} already exists.")
        }
        _ => return error.into(),
    };
    ControlError::Conflict(text)
}
