//! Volume targets.

use super::document::{self, NewVolumeTarget};
use super::node::{check_deletable, check_off};
use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::paging::unsortable;
use crate::policy::{Rule, Target};
use ferric_db::{Conflict, Conn, DbError, volume_targets};
use ferric_model::json_patch::{self, PatchOperation};
use ferric_model::page::Page;
use ferric_model::volume::VolumeTarget;
use uuid::Uuid;

impl Control {
    /// Creates a volume target.
    ///
    /// **Errors**: `Forbidden`; `Invalid` when there is no such node; `Conflict` when an identity is taken.
    pub async fn create_volume_target(
        &self,
        context: &RequestContext,
        new: &NewVolumeTarget,
    ) -> Result<VolumeTarget, ControlError> {
        let ident = new.node_uuid().to_string();
        self.node_to_extend(context, &ident, Rule::VolumeCreate, ControlError::Invalid).await?;
        let target = new.to_target(context.fresh_id(), self.now());
        let stored = self
            .store()
            .write("create_volume_target", {
                let target = target.clone();
                async move |conn: &mut Conn| volume_targets::insert(conn, &target).await
            })
            .await;
        stored.map_err(|error| taken(error, &target))
    }

    /// Reads a volume target.
    ///
    /// **Errors**: `NotFound`, also when the caller may not know of its node; `Forbidden`.
    pub async fn get_volume_target(
        &self,
        context: &RequestContext,
        uuid: Uuid,
    ) -> Result<VolumeTarget, ControlError> {
        self.volume_target_for(context, uuid, Rule::VolumeGet).await
    }

    async fn volume_target_for(
        &self,
        context: &RequestContext,
        uuid: Uuid,
        rule: Rule,
    ) -> Result<VolumeTarget, ControlError> {
        let found = self.store().read(async |conn: &mut Conn| volume_targets::find(conn, uuid).await).await;
        let (found, of) = found.map_err(ControlError::Database)?.ok_or_else(|| not_found(uuid))?;
        if !self.allows(context, Rule::VolumeGet, Target::of(&of)) {
            return Err(not_found(uuid));
        }
        self.authorize(context, rule, Target::of(&of))?;
        Ok(found)
    }

    /// Lists one page of volume targets, of one node if one is named.
    ///
    /// **Errors**: `NotFound` when marker or node are not there, `Invalid` for a key that they cannot be sorted by.
    pub async fn list_volume_targets(
        &self,
        context: &RequestContext,
        node: Option<&str>,
        page: &Page,
    ) -> Result<Vec<VolumeTarget>, ControlError> {
        let filter = self.volume_filter(context, node).await?;
        let found = self
            .store()
            .read(async |conn: &mut Conn| {
                let found = volume_targets::list(conn, &filter, page).await?;
                let lost = match &page.marker {
                    Some(marker) if found.is_empty() => !volume_targets::marker_exists(conn, marker).await?,
                    _ => false,
                };
                Ok::<_, DbError>((!lost).then_some(found))
            })
            .await
            .map_err(unsortable)?;
        found.ok_or_else(|| not_found(page.marker.as_deref().unwrap_or_default()))
    }

    /// Patches a volume target.
    ///
    /// **Errors**: `NotFound`, `Forbidden`; `Invalid` for a patch that does not fit; `InvalidStateRequested` while the node
    /// is not off, `NodeLocked` while a task holds it; `Conflict` when an identity is taken.
    pub async fn update_volume_target(
        &self,
        context: &RequestContext,
        uuid: Uuid,
        operations: &[PatchOperation],
    ) -> Result<VolumeTarget, ControlError> {
        let before = self.volume_target_for(context, uuid, Rule::VolumeUpdate).await?;
        let node = self.node_of_volume(context, before.node_uuid, operations).await?;
        let mut patched = document::read_target(&before);
        json_patch::apply(&mut patched, operations)
            .map_err(|error| ControlError::Invalid(error.to_string()))?;
        let mut target = before.clone();
        document::patch_target(patched, &mut target)?;
        check_off(&self.unlocked(node).await?, "volume target update")?;
        if target == before {
            return Ok(target);
        }
        target.updated_at = Some(self.now());
        let written = self
            .store()
            .write("update_volume_target", {
                let target = target.clone();
                async move |conn: &mut Conn| volume_targets::save(conn, &target).await
            })
            .await
            .map_err(|error| taken(error, &target))?;
        if written { Ok(target) } else { Err(not_found(uuid)) }
    }

    /// Deletes a volume target.
    ///
    /// **Errors**: `NotFound`, `Forbidden`; `InvalidStateRequested` while the node is in use and not off, `NodeLocked`
    /// while a task holds it.
    pub async fn delete_volume_target(
        &self,
        context: &RequestContext,
        uuid: Uuid,
    ) -> Result<(), ControlError> {
        let target = self.volume_target_for(context, uuid, Rule::VolumeDelete).await?;
        let node = self.get_node(&target.node_uuid.to_string()).await?;
        check_deletable(&self.unlocked(node).await?, "volume target deletion")?;
        let deleted = self
            .store()
            .write("delete_volume_target", async move |conn: &mut Conn| {
                volume_targets::delete(conn, uuid).await
            })
            .await
            .map_err(ControlError::Database)?;
        if deleted { Ok(()) } else { Err(not_found(uuid)) }
    }
}

fn not_found(uuid: impl std::fmt::Display) -> ControlError {
    ControlError::NotFound(format!("Volume target {uuid} could not be found."))
}

/// Says which identity is taken.
fn taken(error: DbError, target: &VolumeTarget) -> ControlError {
    let text = match error {
        DbError::Conflict { constraint: Conflict::VolumeTargetUuid } => {
            format!("A volume target with UUID {} already exists.", target.uuid)
        }
        DbError::Conflict { constraint: Conflict::VolumeTargetBootIndex } => format!(
            "A volume target with boot index '{}' for the same node already exists.",
            target.boot_index
        ),
        other => return other.into(),
    };
    ControlError::Conflict(text)
}
