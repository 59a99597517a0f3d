//! Traits of runbooks: which nodes may run them.

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use ferric_model::runbook::Runbook;

impl Control {
    /// Gives a runbook these traits and no others.
    ///
    /// **Errors**: `NotFound`, `Forbidden`.
    pub async fn set_runbook_traits(
        &self,
        context: &RequestContext,
        ident: &str,
        traits: &[String],
    ) -> Result<Runbook, ControlError> {
        self.change_runbook_traits(context, ident, |own| *own = traits.to_vec()).await
    }

    /// Adds a trait.
    ///
    /// **Errors**: `NotFound`, `Forbidden`.
    pub async fn add_runbook_trait(
        &self,
        context: &RequestContext,
        ident: &str,
        name: &str,
    ) -> Result<Runbook, ControlError> {
        self.change_runbook_traits(context, ident, |own| own.push(name.to_owned())).await
    }

    /// Removes a trait, if it is there.
    ///
    /// **Errors**: `NotFound`, `Forbidden`.
    pub async fn remove_runbook_trait(
        &self,
        context: &RequestContext,
        ident: &str,
        name: &str,
    ) -> Result<Runbook, ControlError> {
        self.change_runbook_traits(context, ident, |own| own.retain(|present| present != name)).await
    }

    async fn change_runbook_traits(
        &self,
        context: &RequestContext,
        ident: &str,
        apply: impl Fn(&mut Vec<String>) + Send + Sync,
    ) -> Result<Runbook, ControlError> {
        self.change_runbook(ident, |runbook| {
            super::may_update(self, context, runbook)?;
            apply(&mut runbook.traits);
            runbook.traits.sort_unstable();
            runbook.traits.dedup();
            Ok(())
        })
        .await
    }
}
