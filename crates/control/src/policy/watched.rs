//! The policy of one process: its table, read anew whenever the operator's file changes.

use super::error::PolicyError;
use super::file::{self, Version};
use super::rules::{RULES, Rule};
use super::table::{Table, Written};
use super::verdict::{Caller, Verdict};
use crate::actor::Actor;
use crate::settings::ControlSettings;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

/// Who may do what in this process.
#[derive(Debug)]
pub(crate) struct Policy {
    path: Option<PathBuf>,
    enforce_new_defaults: bool,
    /// Name of the project whose services have more rights, if they have.
    service_project: Option<String>,
    current: RwLock<Current>,
}

#[derive(Debug)]
struct Current {
    /// The file as it was last looked at, usable or not.
    seen: Option<Version>,
    table: Arc<Table>,
}

impl Policy {
    /// The built-in rules; those of the file that `settings` name come with [`Self::load`], or with the first question.
    pub(crate) fn new(settings: &ControlSettings) -> Self {
        let table = Table::new(Written::new(), settings.enforce_new_defaults).unwrap_or_else(|error| {
            tracing::error!(%error, "the built-in rules are broken: nobody may do anything");
            Table::closed()
        });
        Self {
            path: settings.policy_file.clone().filter(|path| !path.as_os_str().is_empty()),
            enforce_new_defaults: settings.enforce_new_defaults,
            service_project: settings
                .rbac_service_role_elevated_access
                .then(|| settings.rbac_service_project_name.clone()),
            current: RwLock::new(Current { seen: None, table: Arc::new(table) }),
        }
    }

    /// Reads the file now.
    ///
    /// **Errors**: what is wrong with it.
    pub(crate) fn load(&self) -> Result<(), PolicyError> {
        let Some(path) = &self.path else { return Ok(()) };
        let seen = file::version(path);
        let read = file::read(path).and_then(|own| {
            warn_of_unasked(&own);
            Table::new(own, self.enforce_new_defaults)
        });
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        current.seen = seen;
        current.table = Arc::new(read.map_err(|error| error.in_file(path))?);
        Ok(())
    }

    /// What is left of a rule once the caller is known.
    pub(super) fn judge(&self, actor: &Actor, rule: Rule) -> Verdict {
        if actor.unrestricted && !matches!(rule, Rule::ShowPassword | Rule::ShowInstanceSecrets) {
            return Verdict::Always;
        }
        self.caller(actor).judge(self.table().rule(rule))
    }

    /// The same for a rule that may be there or not.
    pub(super) fn judge_named(&self, actor: &Actor, name: &str) -> Option<Verdict> {
        if actor.unrestricted {
            return None;
        }
        let table = self.table();
        table.find(name).map(|check| self.caller(actor).judge(check))
    }

    fn caller<'a>(&'a self, actor: &'a Actor) -> Caller<'a> {
        Caller::new(actor, self.service_project.as_deref())
    }

    /// The rules that hold now. A file that has become unusable leaves the rules as they were.
    fn table(&self) -> Arc<Table> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        let table = Arc::clone(&current.table);
        let Some(path) = &self.path else { return table };
        if file::version(path) == current.seen {
            return table;
        }
        drop(current);
        match self.load() {
            Ok(()) => tracing::info!(file = %path.display(), "the policy was read again"),
            Err(error) => tracing::error!(%error, "the policy cannot be used, the rules stay as they were"),
        }
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner).table)
    }
}

/// Tells of rules that look as if they were built in: nobody will ask them.
fn warn_of_unasked(own: &Written) {
    let asked = |name: &str| {
        !name.starts_with("baremetal:")
            || name.starts_with("baremetal:step:execute:")
            || RULES.iter().any(|row| row.name == name)
    };
    for name in own.keys().filter(|name| !asked(name)) {
        tracing::warn!(rule = name, "the policy file has a rule that nothing asks");
    }
}
