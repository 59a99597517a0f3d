//! Creating, changing, reading and deleting inspection rules.

use super::document::{self, NewInspectionRule};
use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::paging::unsortable;
use crate::policy::{Rule, Target};
use ferric_db::{Conflict, Conn, DbError, inspection_rules};
use ferric_model::inspection_rule::InspectionRule;
use ferric_model::json_patch::{self, PatchOp, PatchOperation};
use ferric_model::page::Page;
use serde_json::Value;
use uuid::Uuid;

impl Control {
    /// Creates a rule.
    ///
    /// **Errors**: `Conflict` when its UUID is taken.
    pub async fn create_inspection_rule(
        &self,
        context: &RequestContext,
        new: &NewInspectionRule,
    ) -> Result<InspectionRule, ControlError> {
        self.authorize(context, Rule::InspectionRuleCreate, Target::NONE)?;
        let rule = new.to_rule(context.fresh_id(), self.now())?;
        let stored = self
            .store()
            .write("create_inspection_rule", {
                let rule = rule.clone();
                async move |conn: &mut Conn| inspection_rules::insert(conn, &rule).await
            })
            .await;
        stored.map_err(|error| match error {
            DbError::Conflict { constraint: Conflict::InspectionRuleUuid } => {
                ControlError::Conflict(format!("An inspection rule with UUID {} already exists.", rule.uuid))
            }
            other => other.into(),
        })
    }

    /// Reads a rule.
    ///
    /// **Errors**: `NotFound`.
    pub async fn get_inspection_rule(
        &self,
        context: &RequestContext,
        uuid: Uuid,
    ) -> Result<InspectionRule, ControlError> {
        self.authorize(context, Rule::InspectionRuleGet, Target::NONE)?;
        self.inspection_rule(uuid).await
    }

    /// Lists one page of rules.
    ///
    /// **Errors**: `NotFound` when the marker is gone, `Invalid` for a key that rules cannot be sorted by.
    pub async fn list_inspection_rules(
        &self,
        context: &RequestContext,
        phase: Option<&str>,
        page: &Page,
    ) -> Result<Vec<InspectionRule>, ControlError> {
        self.authorize(context, Rule::InspectionRuleListAll, Target::NONE)?;
        let rules = self
            .store()
            .read(async |conn: &mut Conn| {
                let rules = inspection_rules::list(conn, phase, page).await?;
                let lost = match &page.marker {
                    Some(marker) if rules.is_empty() => {
                        !inspection_rules::marker_exists(conn, marker).await?
                    }
                    _ => false,
                };
                Ok::<_, DbError>((!lost).then_some(rules))
            })
            .await
            .map_err(unsortable)?;
        rules.ok_or_else(|| not_found(page.marker.as_deref().unwrap_or_default()))
    }

    /// Patches a rule.
    ///
    /// **Errors**: `NotFound`; `Invalid` for a patch that does not fit, and when secrecy would end.
    pub async fn update_inspection_rule(
        &self,
        context: &RequestContext,
        uuid: Uuid,
        operations: &[PatchOperation],
    ) -> Result<InspectionRule, ControlError> {
        self.authorize(context, Rule::InspectionRuleUpdate, Target::NONE)?;
        let before = self.inspection_rule(uuid).await?;
        let mut patched = document::read(&before);
        json_patch::apply(&mut patched, operations)
            .map_err(|error| ControlError::Invalid(error.to_string()))?;
        let patched = document::check_patched(patched)?;
        let mut rule = before.clone();
        document::write(&patched, &mut rule)?;
        let unset = operations
            .iter()
            .any(|one| one.root() == "sensitive" && one.op == PatchOp::Remove || unsets(one));
        if before.sensitive && (unset || !rule.sensitive) {
            let text = "Inspection rules cannot have the sensitive flag unset.";
            return Err(ControlError::Invalid(text.to_owned()));
        }
        if rule == before {
            return Ok(rule);
        }
        rule.updated_at = Some(self.now());
        let written = self
            .store()
            .write("update_inspection_rule", {
                let rule = rule.clone();
                async move |conn: &mut Conn| inspection_rules::save(conn, &rule).await
            })
            .await
            .map_err(ControlError::Database)?;
        if written { Ok(rule) } else { Err(not_found(uuid)) }
    }

    /// Deletes a rule.
    ///
    /// **Errors**: `NotFound`.
    pub async fn delete_inspection_rule(
        &self,
        context: &RequestContext,
        uuid: Uuid,
    ) -> Result<(), ControlError> {
        self.authorize(context, Rule::InspectionRuleDelete, Target::NONE)?;
        let deleted = self
            .store()
            .write("delete_inspection_rule", async move |conn: &mut Conn| {
                inspection_rules::delete(conn, uuid).await
            })
            .await
            .map_err(ControlError::Database)?;
        if deleted { Ok(()) } else { Err(not_found(uuid)) }
    }

    async fn inspection_rule(&self, uuid: Uuid) -> Result<InspectionRule, ControlError> {
        let found = self.store().read(async |conn: &mut Conn| inspection_rules::find(conn, uuid).await).await;
        found.map_err(ControlError::Database)?.ok_or_else(|| not_found(uuid))
    }
}

fn unsets(operation: &PatchOperation) -> bool {
    operation.root() == "sensitive" && operation.value == Some(Value::Bool(false))
}

fn not_found(uuid: impl std::fmt::Display) -> ControlError {
    ControlError::NotFound(format!("Inspection rule {uuid} could not be found."))
}
