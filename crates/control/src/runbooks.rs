//! Runbooks: creating, changing, reading and deleting them.
//!
//! Source: `contract: rest-api` section 7, `contract: rbac` sections 2 and 4.

mod document;
mod traits;
mod use_on_node;

pub use document::NewRunbook;
pub(crate) use use_on_node::check_approved;

use crate::actor::RequestContext;
use crate::commit::ATTEMPTS;
use crate::control::Control;
use crate::error::ControlError;
use crate::paging::unsortable;
use crate::policy::{Rule, Scope, Target};
use ferric_db::runbooks::{self, RunbookFilter};
use ferric_db::{Conflict, Conn, DbError, Ident};
use ferric_model::json_patch::{self, PatchOp, PatchOperation};
use ferric_model::page::Page;
use ferric_model::runbook::Runbook;
use ferric_model::schema::literal;
use serde_json::{Value, json};

/// Members of a patch that ask for a right of their own, by the beginning of their path.
const RIGHTS: [(&str, Rule); 2] =
    [("/owner", Rule::RunbookUpdateOwner), ("/public", Rule::RunbookUpdatePublic)];

impl Control {
    /// Creates a runbook. Whoever does not act for the whole system owns what they create and cannot make it public.
    ///
    /// **Errors**: `Forbidden`; `Invalid` for an owner other than the caller's project; `Conflict` when UUID or name are
    /// taken.
    pub async fn create_runbook(
        &self,
        context: &RequestContext,
        new: &NewRunbook,
    ) -> Result<Runbook, ControlError> {
        self.authorize(context, Rule::RunbookCreate, Target::NONE)?;
        let mut runbook = new.to_runbook(context.fresh_id(), self.now());
        self.authorize_steps(context, &runbook.ordered_steps(), Target::NONE)?;
        if !context.actor.system_scope {
            let project = &context.actor.project;
            let named = runbook.owner.as_ref().filter(|owner| !owner.is_empty());
            if named.is_some() && named != project.as_ref() {
                return Err(ControlError::Invalid(
                    "Cannot create a runbook as a project scoped admin with an owner other than your own project."
                        .to_owned(),
                ));
            }
            if project.is_some() && runbook.public {
                let text = "Cannot create a public runbook as a project scoped admin.";
                return Err(ControlError::Invalid(text.to_owned()));
            }
            runbook.owner.clone_from(project);
        }
        self.store()
            .write("create_runbook", async |conn: &mut Conn| runbooks::insert(conn, &runbook).await)
            .await
            .map_err(|error: DbError| taken(error, &runbook))
    }

    /// Reads a runbook by UUID or name; everybody may read public ones.
    ///
    /// **Errors**: `NotFound`, `Forbidden`.
    pub async fn get_runbook(&self, context: &RequestContext, ident: &str) -> Result<Runbook, ControlError> {
        let runbook = self.read_runbook(ident).await?;
        if !runbook.public {
            self.authorize(context, Rule::RunbookGet, Target::runbook(runbook.owner.as_deref()))?;
        }
        Ok(runbook)
    }

    /// Lists one page of the runbooks that a project owns and of public ones; of all runbooks where none is named and the
    /// caller may see them.
    ///
    /// **Errors**: `Forbidden`, also for another project's; `NotFound` when the marker is gone; `Invalid` for a key that
    /// runbooks cannot be sorted by.
    pub async fn list_runbooks(
        &self,
        context: &RequestContext,
        project: Option<String>,
        page: &Page,
    ) -> Result<Vec<Runbook>, ControlError> {
        let project = match self.scope(context, Rule::RunbookListAll, Rule::RunbookList)? {
            Scope::Everything => project,
            Scope::Project(own) if project.as_ref().is_none_or(|asked| *asked == own) => Some(own),
            Scope::Project(_) => {
                self.authorize(context, Rule::RunbookListAll, Target::NONE)?;
                project
            }
        };
        let filter = RunbookFilter { project };
        let (found, gone) = self
            .store()
            .read(async |conn: &mut Conn| {
                let found = runbooks::list(conn, &filter, page).await?;
                let gone = match &page.marker {
                    Some(marker) if found.is_empty() => !runbooks::marker_exists(conn, marker).await?,
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

    /// Patches a runbook.
    ///
    /// **Errors**: `NotFound`; `Forbidden`; `Invalid` for a patch that does not fit; `Conflict` when the name is taken.
    pub async fn update_runbook(
        &self,
        context: &RequestContext,
        ident: &str,
        operations: &[PatchOperation],
    ) -> Result<Runbook, ControlError> {
        self.change_runbook(ident, |runbook| {
            let target = Target::runbook(runbook.owner.as_deref());
            for rule in rights(operations) {
                self.authorize(context, rule, target)?;
            }
            patch(runbook, operations)?;
            if operations.iter().any(|one| one.root() == "steps") {
                self.authorize_steps(context, &runbook.ordered_steps(), Target::NONE)?;
            }
            Ok(())
        })
        .await
    }

    /// Deletes a runbook.
    ///
    /// **Errors**: `NotFound`, `Forbidden`.
    pub async fn delete_runbook(&self, context: &RequestContext, ident: &str) -> Result<(), ControlError> {
        let runbook = self.read_runbook(ident).await?;
        self.authorize(context, Rule::RunbookDelete, Target::runbook(runbook.owner.as_deref()))?;
        let deleted = self
            .store()
            .write("delete_runbook", async |conn: &mut Conn| runbooks::delete(conn, runbook.uuid).await)
            .await
            .map_err(|error: DbError| ControlError::from(error))?;
        if deleted { Ok(()) } else { Err(not_found(ident)) }
    }

    pub(crate) async fn read_runbook(&self, ident: &str) -> Result<Runbook, ControlError> {
        let wanted = Ident::read(ident);
        let found = self.store().read(async |conn: &mut Conn| runbooks::find(conn, &wanted).await).await?;
        found.ok_or_else(|| not_found(ident))
    }

    /// Changes a runbook, anew as long as somebody else writes it in between.
    async fn change_runbook(
        &self,
        ident: &str,
        apply: impl Fn(&mut Runbook) -> Result<(), ControlError> + Send + Sync,
    ) -> Result<Runbook, ControlError> {
        for _ in 0..ATTEMPTS {
            let before = self.read_runbook(ident).await?;
            let mut runbook = before.clone();
            apply(&mut runbook)?;
            if runbook == before {
                return Ok(runbook);
            }
            let now = self.now();
            let written = self
                .store()
                .write("update_runbook", async |conn: &mut Conn| runbooks::save(conn, &runbook, now).await)
                .await
                .map_err(|error: DbError| taken(error, &runbook))?;
            if written {
                return Ok(Runbook { updated_at: Some(now), ..runbook });
            }
        }
        Err(ControlError::Conflict(format!(
            "Runbook {ident} was changed by somebody else at the same time, please retry."
        )))
    }
}

/// Refuses those who may not change the runbook.
fn may_update(control: &Control, context: &RequestContext, runbook: &Runbook) -> Result<(), ControlError> {
    control.authorize(context, Rule::RunbookUpdate, Target::runbook(runbook.owner.as_deref()))
}

/// The rights that a patch asks for.
fn rights(operations: &[PatchOperation]) -> Vec<Rule> {
    let special = |one: &PatchOperation| RIGHTS.iter().find(|row| one.path.starts_with(row.0)).map(|r| r.1);
    let mut rules: Vec<Rule> =
        operations.iter().map(|one| special(one).unwrap_or(Rule::RunbookUpdate)).collect();
    rules.sort_unstable();
    rules.dedup();
    if rules.is_empty() {
        rules.push(Rule::RunbookUpdate);
    }
    rules
}

fn patch(runbook: &mut Runbook, operations: &[PatchOperation]) -> Result<(), ControlError> {
    let given = |path: &'static str| {
        operations.iter().find(|one| one.path == path && one.op != PatchOp::Remove).map(|one| &one.value)
    };
    let made_public = given("/public").map(|value| value.as_ref().and_then(Value::as_bool).unwrap_or(false));
    if given("/owner").is_some() && made_public.unwrap_or(runbook.public) {
        return Err(ControlError::Invalid(format!(
            "Couldn't apply patch '{}'. Reason: There cannot be an owner for a public runbook",
            literal(&json!(operations))
        )));
    }
    if made_public == Some(true) {
        runbook.owner = None;
    }
    let mut patched = document::read(runbook);
    json_patch::apply(&mut patched, operations).map_err(|error| ControlError::Invalid(error.to_string()))?;
    document::write(&document::check_patched(patched)?, runbook);
    Ok(())
}

fn not_found(ident: &str) -> ControlError {
    ControlError::NotFound(format!("Runbook {ident} could not be found."))
}

/// Says which of the identities is taken.
fn taken(error: DbError, runbook: &Runbook) -> ControlError {
    let DbError::Conflict { constraint } = &error else { return error.into() };
    ControlError::Conflict(match constraint {
        Conflict::RunbookUuid => format!("A runbook with UUID {} already exists.", runbook.uuid),
        Conflict::RunbookName => format!("A runbook with name {} already exists.", runbook.name),
        _ => return error.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operations(value: Value) -> Vec<PatchOperation> {
        json_patch::parse(&value).unwrap()
    }

    fn runbook() -> Runbook {
        let document = json!({"name": "r", "owner": "p",
            "steps": [{"interface": "bios", "step": "apply", "order": 1}]});
        let new = NewRunbook::parse(&document, true).unwrap();
        new.to_runbook(uuid::Uuid::nil(), time::OffsetDateTime::UNIX_EPOCH)
    }

    #[test]
    fn a_public_runbook_has_no_owner() {
        let mut owned = runbook();
        let publish = operations(json!([{"op": "replace", "path": "/public", "value": true}]));
        patch(&mut owned, &publish).unwrap();
        assert_eq!((owned.public, owned.owner.as_deref()), (true, None));
        let give = json!({"op": "add", "path": "/owner", "value": "q"});
        let refused = patch(&mut owned.clone(), &operations(json!([give]))).unwrap_err().to_string();
        assert!(refused.ends_with("Reason: There cannot be an owner for a public runbook"), "{refused}");
        let hide = json!({"op": "replace", "path": "/public", "value": false});
        patch(&mut owned, &operations(json!([hide, give]))).unwrap();
        assert_eq!((owned.public, owned.owner.as_deref()), (false, Some("q")));
    }

    #[test]
    fn owner_and_publicity_ask_for_rights_of_their_own() {
        let one = |path: &str| json!({"op": "replace", "path": path, "value": null});
        let rules = |paths: &[&str]| rights(&operations(paths.iter().map(|path| one(path)).collect()));
        assert_eq!(rules(&["/owner"]), [Rule::RunbookUpdateOwner]);
        assert_eq!(rules(&["/public", "/extra/a"]), [Rule::RunbookUpdate, Rule::RunbookUpdatePublic]);
        assert_eq!(rules(&[]), [Rule::RunbookUpdate]);
    }
}
