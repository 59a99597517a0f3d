//! Ports: creating, changing, reading and deleting them.
//!
//! Source: `contract: rest-api` section 5, `contract: state-machine` section 5.

mod document;

pub use document::NewPort;
pub(crate) use document::{read as port_document, write_document as write_port_document};

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::nodes::takes_vifs;
use crate::paging::unsortable;
use crate::policy::{Rule, Target};
use crate::portgroups;
use ferric_db::ports::{self, PortFilter};
use ferric_db::{Conflict, Conn, DbError, Ident};
use ferric_model::json_patch::{self, PatchOperation};
use ferric_model::lifecycle::ProvisionState as S;
use ferric_model::node::Node;
use ferric_model::page::Page;
use ferric_model::port::Port;
use ferric_model::vif::VifHost;

/// States in which a node's cabling may be changed.
pub(crate) const RECABLABLE: [S; 4] = [S::Enroll, S::Inspecting, S::InspectWait, S::Manageable];

/// A patch of a port with what the dialect of the caller says about it.
#[derive(Debug, Clone)]
pub struct UpdatePort {
    /// What changes.
    pub operations: Vec<PatchOperation>,
    /// Whether the caller knows that ports are not changed while their node is inspected.
    pub refuse_while_inspecting: bool,
    /// Whether the caller knows that the physical network of a port in a portgroup is the portgroup's.
    pub portgroup_has_network: bool,
}

impl Control {
    /// Creates a port on the node that the document names.
    ///
    /// **Errors**: `Forbidden`; `Invalid` when there is no such node or portgroup; `Conflict` when UUID, address
    /// or name are taken, or the portgroup has another physical network.
    pub async fn create_port(&self, context: &RequestContext, new: &NewPort) -> Result<Port, ControlError> {
        let node = self.find_node(new.node_ident()).await?;
        // Whether there is such a node is for those who may create ports on it.
        let target = node.as_ref().map_or(Target::NONE, Target::node);
        self.authorize(context, Rule::PortCreate, target)?;
        let node = node.ok_or_else(|| {
            ControlError::Invalid(ControlError::node_not_found(new.node_ident()).to_string())
        })?;
        let now = self.now();
        let port = new.to_port(context.fresh_id(), node.uuid, now);
        check_fields(&port)?;
        let boots = new.get("pxe_enabled").as_bool().unwrap_or_default();
        let alone = boots.then_some(portgroups::NEW_WITH_PXE);
        let insert = async |conn: &mut Conn| {
            portgroups::join(conn, &port, alone, now).await?;
            Ok(ports::insert(conn, &port).await?)
        };
        self.store().write("create_port", insert).await.map_err(|error| taken(error, &port))
    }

    /// Reads a port by UUID or name.
    ///
    /// **Errors**: `NotFound`, `Forbidden`.
    pub async fn get_port(&self, context: &RequestContext, ident: &str) -> Result<Port, ControlError> {
        let wanted = Ident::read(ident);
        let found = self.store().read(async |conn: &mut Conn| ports::find(conn, &wanted).await).await?;
        let (port, of) = found.ok_or_else(|| not_found(ident))?;
        self.authorize_port(context, ident, Target::of(&of), Rule::PortGet)?;
        Ok(port)
    }

    /// Reads a port with its node for a caller who may do `rule` to it.
    ///
    /// **Errors**: as [`Self::get_port`].
    async fn port_with_node_for(
        &self,
        context: &RequestContext,
        ident: &str,
        rule: Rule,
    ) -> Result<(Port, Node), ControlError> {
        let wanted = Ident::read(ident);
        let find = async |conn: &mut Conn| ports::find_with_node(conn, &wanted).await;
        let (port, node) = self.store().read(find).await?.ok_or_else(|| not_found(ident))?;
        self.authorize_port(context, ident, Target::node(&node), rule)?;
        Ok((port, node))
    }

    fn authorize_port(
        &self,
        context: &RequestContext,
        ident: &str,
        target: Target<'_>,
        rule: Rule,
    ) -> Result<(), ControlError> {
        if !self.allows(context, Rule::NodeGet, target) {
            return Err(not_found(ident));
        }
        self.authorize(context, rule, target)
    }

    /// Lists one page of ports.
    ///
    /// **Errors**: `Forbidden`; `NotFound` when the marker, the node or the portgroup is gone, `Invalid` for a key that
    /// ports cannot be sorted by.
    pub async fn list_ports(
        &self,
        context: &RequestContext,
        filter: PortFilter,
        page: &Page,
    ) -> Result<Vec<Port>, ControlError> {
        let scope = self.scope(context, Rule::PortListAll, Rule::PortList);
        if !scope.as_ref().is_ok_and(|scope| self.knows_nodes_in(context, scope)) {
            self.check_parents(context, &filter).await?;
        }
        let scope = scope?;
        let mut filter = filter;
        filter.of.project = scope.project().map(str::to_owned);
        let list = async |conn: &mut Conn| ports::list(conn, &filter, page).await;
        let found = self.store().read(list).await.map_err(unsortable)?;
        if found.is_empty() {
            if let Some(marker) = &page.marker {
                let exists = async |conn: &mut Conn| ports::marker_exists(conn, marker).await;
                if !self.store().read(exists).await? {
                    return Err(not_found(marker));
                }
            }
            self.check_parents(context, &filter).await?;
        }
        Ok(found)
    }

    /// Tells parents without ports from ones that are not there, or that the caller may not know of.
    async fn check_parents(&self, context: &RequestContext, filter: &PortFilter) -> Result<(), ControlError> {
        self.check_parent(context, filter.of.node.as_ref()).await?;
        self.check_portgroup(context, filter.portgroup.as_ref()).await
    }

    /// Patches a port.
    ///
    /// **Errors**: `Invalid` for a patch that does not fit or breaks a rule; `Conflict` when the node's state forbids the
    /// change or an identity is taken; `NodeLocked` while a task holds the node.
    pub async fn update_port(
        &self,
        context: &RequestContext,
        ident: &str,
        update: &UpdatePort,
    ) -> Result<Port, ControlError> {
        let (before, present) = self.port_with_node_for(context, ident, Rule::PortUpdate).await?;
        let node = self.node_after(context, present, &update.operations).await?;
        let mut patched = document::read(&before);
        json_patch::apply(&mut patched, &update.operations)
            .map_err(|error| ControlError::Invalid(error.to_string()))?;
        patched.insert("node_uuid".to_owned(), node.uuid.to_string().into());
        let patched = document::check_patched(patched)?;
        let mut port = before.clone();
        document::write(&patched, &mut port);
        port.node_uuid = node.uuid;
        if node.state() == S::Inspecting && update.refuse_while_inspecting {
            return Err(ControlError::Conflict(format!(
                "Cannot update port \"{}\" on \"{}\" while it is in state \"{}\".",
                port.uuid,
                node.uuid,
                node.state()
            )));
        }
        check_fields(&port)?;
        let replugged = update.operations.iter().any(|one| one.root() == "physical_network");
        let stays = port.portgroup_uuid.is_some() && port.portgroup_uuid == before.portgroup_uuid;
        if update.portgroup_has_network && replugged && stays {
            let text = "physical_network cannot be changed while the port belongs to a portgroup.";
            return Err(ControlError::Invalid(text.to_owned()));
        }
        let node = self.unlocked(node).await?;
        check_node_allows(&before, &port, &node)?;
        let knows_vifs = takes_vifs(&node);
        if knows_vifs && port.address != before.address {
            check_address_is_free(VifHost::Port(&before))?;
        }
        if port == before {
            return Ok(port);
        }
        let now = self.now();
        port.updated_at = Some(now);
        let joins = port.portgroup_uuid != before.portgroup_uuid
            || port.physical_network != before.physical_network
            || port.node_uuid != before.node_uuid;
        let looks = knows_vifs
            && (port.pxe_enabled != before.pxe_enabled
                || port.portgroup_uuid != before.portgroup_uuid
                || VifHost::Port(&port).vif().is_some());
        let alone = if looks { portgroups::obstacle(&port) } else { None };
        let save = async |conn: &mut Conn| {
            if joins || alone.is_some() {
                portgroups::join(conn, &port, alone.as_deref(), now).await?;
            }
            Ok(ports::save(conn, &port).await?)
        };
        let written = self.store().write("update_port", save).await.map_err(|error| taken(error, &port))?;
        if written { Ok(port) } else { Err(not_found(ident)) }
    }

    /// Deletes a port.
    ///
    /// **Errors**: `NotFound`, `Forbidden`; `NodeLocked` while a task holds its node; `Conflict` while a VIF is attached to
    /// it, unless its node is in maintenance.
    pub async fn delete_port(&self, context: &RequestContext, ident: &str) -> Result<(), ControlError> {
        let (port, node) = self.port_with_node_for(context, ident, Rule::PortDelete).await?;
        let node = self.unlocked(node).await?;
        check_vif_is_detached(VifHost::Port(&port), &node)?;
        let deleted = self
            .store()
            .write("delete_port", async move |conn: &mut Conn| ports::delete(conn, port.uuid).await)
            .await
            .map_err(|error: DbError| ControlError::from(error))?;
        if deleted { Ok(()) } else { Err(not_found(ident)) }
    }
}

fn not_found(ident: &str) -> ControlError {
    ControlError::NotFound(format!("Port {ident} could not be found."))
}

/// Refuses to delete what has a VIF: nobody could free the VIF any more.
pub(crate) fn check_vif_is_detached(host: VifHost<'_>, node: &Node) -> Result<(), ControlError> {
    let Some(vif) = host.vif().filter(|_| !node.maintenance) else { return Ok(()) };
    let kind = if matches!(host, VifHost::Port(_)) { "port" } else { "portgroup" };
    let text = format!("Cannot delete the {kind} {} as it is bound to VIF {vif} for use.", host.uuid());
    Err(ControlError::Conflict(text))
}

/// Refuses to change the address of what has a VIF, which has the same address in Neutron.
pub(crate) fn check_address_is_free(host: VifHost<'_>) -> Result<(), ControlError> {
    let Some(vif) = host.vif() else { return Ok(()) };
    let text = format!("{host} cannot change its address while VIF {vif} is attached to it.");
    Err(ControlError::Conflict(text))
}

/// Rules that a port must keep whatever its node does.
fn check_fields(port: &Port) -> Result<(), ControlError> {
    let link = &port.detail.local_link_connection;
    if port.detail.is_smartnic && !["port_id", "hostname"].iter().all(|key| link.contains_key(*key)) {
        let text = "Smart NIC port must have port_id and hostname in local_link_connection";
        return Err(ControlError::Invalid(text.to_owned()));
    }
    if port.physical_network.as_deref() == Some("") {
        let text = "A non-empty value is required when setting physical_network";
        return Err(ControlError::Invalid(text.to_owned()));
    }
    Ok(())
}

/// Changes that a node in use does not allow.
fn check_node_allows(before: &Port, port: &Port, node: &Node) -> Result<(), ControlError> {
    if node.maintenance {
        return Ok(());
    }
    if port.address != before.address && (node.state() == S::Active || node.instance_uuid.is_some()) {
        return Err(ControlError::Conflict(format!(
            "Cannot update hardware address for port {} as node {} is active or has instance UUID assigned",
            port.uuid, node.uuid
        )));
    }
    let recabled = port.pxe_enabled != before.pxe_enabled
        || port.portgroup_uuid != before.portgroup_uuid
        || port.physical_network != before.physical_network
        || port.detail.local_link_connection != before.detail.local_link_connection;
    if recabled && !RECABLABLE.contains(&node.state()) {
        let allowed: Vec<&str> = RECABLABLE.into_iter().map(S::as_str).collect();
        return Err(ControlError::Conflict(format!(
            "Port {} can not have any connectivity attributes (portgroup_id, pxe_enabled, local_link_connection, \
             physical_network) updated unless node {} is in a {} state or in maintenance mode. The current state is {}.",
            port.uuid,
            node.uuid,
            allowed.join(", "),
            node.state()
        )));
    }
    Ok(())
}

/// Says which of the port's identities is taken.
fn taken(error: ControlError, port: &Port) -> ControlError {
    let ControlError::Database(DbError::Conflict { constraint }) = &error else { return error };
    let text = match (constraint, &port.name) {
        (Conflict::PortUuid, _) => format!("A port with UUID {} already exists.", port.uuid),
        (Conflict::PortAddress, _) => format!("A port with MAC address {} already exists.", port.address),
        (Conflict::PortName, Some(name)) => format!("A port with name {name} already exists."),
        _ => return error,
    };
    ControlError::Conflict(text)
}
