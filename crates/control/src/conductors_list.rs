//! Conductors as operators see them.

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::paging::unsortable;
use crate::policy::{Rule, Target};
use ferric_db::{Conn, conductors};
use ferric_model::conductor::Conductor;
use ferric_model::page::Page;
use time::Duration;

impl Control {
    /// Lists one page of conductors, also of those that are gone.
    ///
    /// **Errors**: `Forbidden`; `NotFound` when the marker is gone, `Invalid` for a key that conductors cannot be sorted by.
    pub async fn list_conductors(
        &self,
        context: &RequestContext,
        page: &Page,
    ) -> Result<Vec<Conductor>, ControlError> {
        self.authorize(context, Rule::ConductorGet, Target::NONE)?;
        let list = async |conn: &mut Conn| conductors::list(conn, page).await;
        let found = self.store().read(list).await.map_err(unsortable)?;
        if found.is_empty()
            && let Some(marker) = &page.marker
        {
            self.get_conductor(context, marker).await?;
        }
        Ok(found)
    }

    /// Reads a conductor by host name.
    ///
    /// **Errors**: `NotFound`, `Forbidden`.
    pub async fn get_conductor(
        &self,
        context: &RequestContext,
        hostname: &str,
    ) -> Result<Conductor, ControlError> {
        self.authorize(context, Rule::ConductorGet, Target::NONE)?;
        let found = self.store().read(async |conn: &mut Conn| conductors::find(conn, hostname).await).await?;
        found.ok_or_else(|| ControlError::NotFound(format!("Conductor {hostname} could not be found.")))
    }

    /// Whether a conductor was heard of lately.
    pub fn is_alive(&self, conductor: &Conductor) -> bool {
        let timeout = Duration::seconds(i64::from(self.settings().conductor_timeout_secs));
        conductor.is_alive(self.now(), timeout)
    }
}
