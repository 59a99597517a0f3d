//! Volume connectors.

use super::document::{self, NewVolumeConnector};
use super::node::{check_deletable, check_off};
use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::paging::unsortable;
use crate::policy::{Rule, Target};
use ferric_db::{Conflict, Conn, DbError, volume_connectors};
use ferric_model::json_patch::{self, PatchOperation};
use ferric_model::page::Page;
use ferric_model::volume::VolumeConnector;
use uuid::Uuid;

impl Control {
    /// Creates a volume connector.
    ///
    /// **Errors**: `Forbidden`; `Invalid` when there is no such node; `Conflict` when an identity is taken.
    pub async fn create_volume_connector(
        &self,
        context: &RequestContext,
        new: &NewVolumeConnector,
    ) -> Result<VolumeConnector, ControlError> {
        let ident = new.node_uuid().to_string();
        self.node_to_extend(context, &ident, Rule::VolumeCreate, ControlError::Invalid).await?;
        let connector = new.to_connector(context.fresh_id(), self.now());
        let stored = self
            .store()
            .write("create_volume_connector", {
                let connector = connector.clone();
                async move |conn: &mut Conn| volume_connectors::insert(conn, &connector).await
            })
            .await;
        stored.map_err(|error| taken(error, &connector))
    }

    /// Reads a volume connector.
    ///
    /// **Errors**: `NotFound`, also when the caller may not know of its node; `Forbidden`.
    pub async fn get_volume_connector(
        &self,
        context: &RequestContext,
        uuid: Uuid,
    ) -> Result<VolumeConnector, ControlError> {
        self.volume_connector_for(context, uuid, Rule::VolumeGet).await
    }

    async fn volume_connector_for(
        &self,
        context: &RequestContext,
        uuid: Uuid,
        rule: Rule,
    ) -> Result<VolumeConnector, ControlError> {
        let found =
            self.store().read(async |conn: &mut Conn| volume_connectors::find(conn, uuid).await).await;
        let (found, of) = found.map_err(ControlError::Database)?.ok_or_else(|| not_found(uuid))?;
        if !self.allows(context, Rule::VolumeGet, Target::of(&of)) {
            return Err(not_found(uuid));
        }
        self.authorize(context, rule, Target::of(&of))?;
        Ok(found)
    }

    /// Lists one page of volume connectors, of one node if one is named.
    ///
    /// **Errors**: `NotFound` when marker or node are not there, `Invalid` for a key that they cannot be sorted by.
    pub async fn list_volume_connectors(
        &self,
        context: &RequestContext,
        node: Option<&str>,
        page: &Page,
    ) -> Result<Vec<VolumeConnector>, ControlError> {
        let filter = self.volume_filter(context, node).await?;
        let found = self
            .store()
            .read(async |conn: &mut Conn| {
                let found = volume_connectors::list(conn, &filter, page).await?;
                let lost = match &page.marker {
                    Some(marker) if found.is_empty() => {
                        !volume_connectors::marker_exists(conn, marker).await?
                    }
                    _ => false,
                };
                Ok::<_, DbError>((!lost).then_some(found))
            })
            .await
            .map_err(unsortable)?;
        found.ok_or_else(|| not_found(page.marker.as_deref().unwrap_or_default()))
    }

    /// Patches a volume connector.
    ///
    /// **Errors**: `NotFound`, `Forbidden`; `Invalid` for a patch that does not fit; `InvalidStateRequested` while the node
    /// is not off, `NodeLocked` while a task holds it; `Conflict` when an identity is taken.
    pub async fn update_volume_connector(
        &self,
        context: &RequestContext,
        uuid: Uuid,
        operations: &[PatchOperation],
    ) -> Result<VolumeConnector, ControlError> {
        let before = self.volume_connector_for(context, uuid, Rule::VolumeUpdate).await?;
        let node = self.node_of_volume(context, before.node_uuid, operations).await?;
        let mut patched = document::read_connector(&before);
        json_patch::apply(&mut patched, operations)
            .map_err(|error| ControlError::Invalid(error.to_string()))?;
        let mut connector = before.clone();
        document::patch_connector(patched, &mut connector)?;
        check_off(&self.unlocked(node).await?, "volume connector update")?;
        if connector == before {
            return Ok(connector);
        }
        connector.updated_at = Some(self.now());
        let written = self
            .store()
            .write("update_volume_connector", {
                let connector = connector.clone();
                async move |conn: &mut Conn| volume_connectors::save(conn, &connector).await
            })
            .await
            .map_err(|error| taken(error, &connector))?;
        if written { Ok(connector) } else { Err(not_found(uuid)) }
    }

    /// Deletes a volume connector.
    ///
    /// **Errors**: `NotFound`, `Forbidden`; `InvalidStateRequested` while the node is in use and not off, `NodeLocked`
    /// while a task holds it.
    pub async fn delete_volume_connector(
        &self,
        context: &RequestContext,
        uuid: Uuid,
    ) -> Result<(), ControlError> {
        let connector = self.volume_connector_for(context, uuid, Rule::VolumeDelete).await?;
        let node = self.get_node(&connector.node_uuid.to_string()).await?;
        check_deletable(&self.unlocked(node).await?, "volume connector deletion")?;
        let deleted = self
            .store()
            .write("delete_volume_connector", async move |conn: &mut Conn| {
                volume_connectors::delete(conn, uuid).await
            })
            .await
            .map_err(ControlError::Database)?;
        if deleted { Ok(()) } else { Err(not_found(uuid)) }
    }
}

fn not_found(uuid: impl std::fmt::Display) -> ControlError {
    ControlError::NotFound(format!("Volume connector {uuid} could not be found."))
}

/// Says which identity is taken.
fn taken(error: DbError, connector: &VolumeConnector) -> ControlError {
    let text = match error {
        DbError::Conflict { constraint: Conflict::VolumeConnectorUuid } => {
            format!("A volume connector with UUID {} already exists.", connector.uuid)
        }
        DbError::Conflict { constraint: Conflict::VolumeConnectorName } => format!(
            "A volume connector with type {} and connector ID {} already exists.",
            connector.kind, connector.connector_id
        ),
        other => return other.into(),
    };
    ControlError::Conflict(text)
}
