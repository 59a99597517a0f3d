//! Deploy templates: creating, changing, reading and deleting them, and what they add to a deployment.
//!
//! Source: `contract: rest-api` section 7, `contract: state-machine` section 4.

mod document;

pub use document::NewDeployTemplate;

use crate::actor::RequestContext;
use crate::commit::ATTEMPTS;
use crate::control::Control;
use crate::error::ControlError;
use crate::paging::unsortable;
use crate::policy::{Rule, Target};
use ferric_db::{Conflict, Conn, DbError, Ident, deploy_templates};
use ferric_model::deploy_template::DeployTemplate;
use ferric_model::json_patch::{self, PatchOperation};
use ferric_model::page::Page;

impl Control {
    /// Creates a deploy template.
    ///
    /// **Errors**: `Conflict` when UUID or name are taken.
    pub async fn create_deploy_template(
        &self,
        context: &RequestContext,
        new: &NewDeployTemplate,
    ) -> Result<DeployTemplate, ControlError> {
        self.authorize(context, Rule::DeployTemplateCreate, Target::NONE)?;
        let template = new.to_template(context.fresh_id(), self.now());
        self.store()
            .write("create_deploy_template", async |conn: &mut Conn| {
                deploy_templates::insert(conn, &template).await
            })
            .await
            .map_err(|error: DbError| taken(error, &template))
    }

    /// Reads a deploy template by UUID or name.
    ///
    /// **Errors**: `NotFound`.
    pub async fn get_deploy_template(
        &self,
        context: &RequestContext,
        ident: &str,
    ) -> Result<DeployTemplate, ControlError> {
        self.authorize(context, Rule::DeployTemplateGet, Target::NONE)?;
        self.read_deploy_template(ident).await
    }

    /// Lists one page of deploy templates.
    ///
    /// **Errors**: `NotFound` when the marker is gone, `Invalid` for a key that they cannot be sorted by.
    pub async fn list_deploy_templates(
        &self,
        context: &RequestContext,
        page: &Page,
    ) -> Result<Vec<DeployTemplate>, ControlError> {
        self.authorize(context, Rule::DeployTemplateGet, Target::NONE)?;
        let (found, gone) = self
            .store()
            .read(async |conn: &mut Conn| {
                let found = deploy_templates::list(conn, page).await?;
                let gone = match &page.marker {
                    Some(marker) if found.is_empty() => {
                        !deploy_templates::marker_exists(conn, marker).await?
                    }
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

    /// Patches a deploy template.
    ///
    /// **Errors**: `NotFound`; `Invalid` for a patch that does not fit; `Conflict` when the name is taken.
    pub async fn update_deploy_template(
        &self,
        context: &RequestContext,
        ident: &str,
        operations: &[PatchOperation],
    ) -> Result<DeployTemplate, ControlError> {
        self.authorize(context, Rule::DeployTemplateUpdate, Target::NONE)?;
        for _ in 0..ATTEMPTS {
            let before = self.read_deploy_template(ident).await?;
            let mut patched = document::read(&before);
            json_patch::apply(&mut patched, operations)
                .map_err(|error| ControlError::Invalid(error.to_string()))?;
            let mut template = before.clone();
            document::write(&document::check_patched(patched)?, &mut template);
            if template == before {
                return Ok(template);
            }
            let now = self.now();
            let written = self
                .store()
                .write("update_deploy_template", async |conn: &mut Conn| {
                    deploy_templates::save(conn, &template, now).await
                })
                .await
                .map_err(|error: DbError| taken(error, &template))?;
            if written {
                return Ok(DeployTemplate { updated_at: Some(now), ..template });
            }
        }
        Err(ControlError::Conflict(format!(
            "Deploy template {ident} was changed by somebody else at the same time, please retry."
        )))
    }

    /// Deletes a deploy template.
    ///
    /// **Errors**: `NotFound`.
    pub async fn delete_deploy_template(
        &self,
        context: &RequestContext,
        ident: &str,
    ) -> Result<(), ControlError> {
        self.authorize(context, Rule::DeployTemplateDelete, Target::NONE)?;
        let wanted = Ident::read(ident);
        let deleted = self
            .store()
            .write("delete_deploy_template", async |conn: &mut Conn| {
                deploy_templates::delete(conn, &wanted).await
            })
            .await
            .map_err(|error: DbError| ControlError::from(error))?;
        if deleted { Ok(()) } else { Err(not_found(ident)) }
    }

    async fn read_deploy_template(&self, ident: &str) -> Result<DeployTemplate, ControlError> {
        let wanted = Ident::read(ident);
        let found =
            self.store().read(async |conn: &mut Conn| deploy_templates::find(conn, &wanted).await).await?;
        found.ok_or_else(|| not_found(ident))
    }
}

fn not_found(ident: &str) -> ControlError {
    ControlError::NotFound(format!("Deploy template {ident} could not be found."))
}

/// Says which of the identities is taken.
fn taken(error: DbError, template: &DeployTemplate) -> ControlError {
    let DbError::Conflict { constraint } = &error else { return error.into() };
    ControlError::Conflict(match constraint {
        Conflict::DeployTemplateUuid => {
            format!("A deploy template with UUID {} already exists.", template.uuid)
        }
        Conflict::DeployTemplateName => {
            format!("A deploy template with name {} already exists.", template.name)
        }
        _ => return error.into(),
    })
}
