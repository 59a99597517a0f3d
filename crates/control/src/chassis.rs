//! Chassis: creating, changing, reading and deleting them.
//!
//! Source: `contract: rest-api` section 5.

mod document;

pub use document::NewChassis;

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::paging::unsortable;
use crate::policy::{Rule, Target};
use ferric_db::{Conflict, Conn, DbError, chassis};
use ferric_model::chassis::Chassis;
use ferric_model::json_patch::{self, PatchOperation};
use ferric_model::page::Page;
use uuid::Uuid;

impl Control {
    /// Creates a chassis.
    ///
    /// **Errors**: `Conflict` when the UUID is taken.
    pub async fn create_chassis(
        &self,
        context: &RequestContext,
        new: &NewChassis,
    ) -> Result<Chassis, ControlError> {
        self.authorize(context, Rule::ChassisCreate, Target::NONE)?;
        let wanted = new.to_chassis(context.fresh_id(), self.now());
        let stored = self
            .store()
            .write("create_chassis", {
                let wanted = wanted.clone();
                async move |conn: &mut Conn| chassis::insert(conn, &wanted).await
            })
            .await;
        stored.map_err(|error| match error {
            DbError::Conflict { constraint: Conflict::ChassisUuid } => {
                ControlError::Conflict(format!("A chassis with UUID {} already exists.", wanted.uuid))
            }
            other => other.into(),
        })
    }

    /// Reads a chassis.
    ///
    /// **Errors**: `NotFound`.
    pub async fn get_chassis(&self, context: &RequestContext, uuid: Uuid) -> Result<Chassis, ControlError> {
        self.authorize(context, Rule::ChassisGet, Target::NONE)?;
        self.chassis_named(uuid).await
    }

    /// Lists one page of chassis.
    ///
    /// **Errors**: `NotFound` when the marker is gone, `Invalid` for a key that chassis cannot be sorted by.
    pub async fn list_chassis(
        &self,
        context: &RequestContext,
        page: &Page,
    ) -> Result<Vec<Chassis>, ControlError> {
        self.authorize(context, Rule::ChassisGet, Target::NONE)?;
        let list = async |conn: &mut Conn| chassis::list(conn, page).await;
        let found = self.store().read(list).await.map_err(unsortable)?;
        if found.is_empty()
            && let Some(marker) = &page.marker
        {
            self.check_chassis_exists(marker).await?;
        }
        Ok(found)
    }

    /// Patches a chassis.
    ///
    /// **Errors**: `NotFound`; `Invalid` for a patch that does not fit or changes the UUID.
    pub async fn update_chassis(
        &self,
        context: &RequestContext,
        uuid: Uuid,
        operations: &[PatchOperation],
    ) -> Result<Chassis, ControlError> {
        self.authorize(context, Rule::ChassisUpdate, Target::NONE)?;
        let before = self.chassis_named(uuid).await?;
        let mut patched = document::read(&before);
        json_patch::apply(&mut patched, operations)
            .map_err(|error| ControlError::Invalid(error.to_string()))?;
        let mut after = before.clone();
        document::write(&document::check_patched(patched, uuid)?, &mut after);
        if after == before {
            return Ok(before);
        }
        after.updated_at = Some(self.now());
        let written = self
            .store()
            .write("update_chassis", {
                let after = after.clone();
                async move |conn: &mut Conn| chassis::save(conn, &after).await
            })
            .await
            .map_err(|error: DbError| ControlError::from(error))?;
        if written { Ok(after) } else { Err(not_found(&uuid.to_string())) }
    }

    /// Deletes a chassis.
    ///
    /// **Errors**: `NotFound`; `Invalid` as long as it contains nodes.
    pub async fn delete_chassis(&self, context: &RequestContext, uuid: Uuid) -> Result<(), ControlError> {
        self.authorize(context, Rule::ChassisDelete, Target::NONE)?;
        let delete = async move |conn: &mut Conn| chassis::delete(conn, uuid).await;
        let deleted = self.store().write("delete_chassis", delete).await.map_err(|error| match error {
            DbError::Conflict { constraint: Conflict::ChassisInUse } => ControlError::Invalid(format!(
                "Cannot complete the requested action because chassis {uuid} contains nodes."
            )),
            other => other.into(),
        })?;
        if deleted { Ok(()) } else { Err(not_found(&uuid.to_string())) }
    }

    /// Tells an empty chassis from one that is not there.
    ///
    /// **Errors**: `NotFound`.
    pub(crate) async fn check_chassis_exists(&self, uuid: &str) -> Result<(), ControlError> {
        let exists = async |conn: &mut Conn| chassis::exists(conn, uuid).await;
        if self.store().read(exists).await? { Ok(()) } else { Err(not_found(uuid)) }
    }

    async fn chassis_named(&self, uuid: Uuid) -> Result<Chassis, ControlError> {
        let found = self.store().read(async |conn: &mut Conn| chassis::find(conn, uuid).await).await?;
        found.ok_or_else(|| not_found(&uuid.to_string()))
    }
}

fn not_found(uuid: &str) -> ControlError {
    ControlError::NotFound(format!("Chassis {uuid} could not be found."))
}
