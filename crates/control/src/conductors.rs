//! Registration of conductors and renewal of their leases.

use crate::control::Control;
use crate::error::ControlError;
use ferric_db::{Conn, DbError, conductors, tasks};
use ferric_model::conductor::{Conductor, DriverOffers};
use time::Duration;
use uuid::Uuid;

/// How leases work, as a conductor is told when it joins.
#[derive(Debug, Clone, Copy)]
pub struct LeaseTerms {
    /// How long a lease lasts, in seconds.
    pub lease_secs: u32,
    /// How often to renew, in seconds.
    pub renew_secs: u32,
}

impl Control {
    /// Registers a conductor, or registers it anew after a restart.
    ///
    /// **Errors**: `Invalid` without a host name.
    pub async fn join(
        &self,
        hostname: &str,
        group: &str,
        incarnation: &str,
        drivers: DriverOffers,
    ) -> Result<LeaseTerms, ControlError> {
        if hostname.is_empty() || incarnation.is_empty() {
            return Err(ControlError::Invalid("a conductor needs a host name and an incarnation".to_owned()));
        }
        let now = self.now();
        let conductor = Conductor {
            id: 0,
            hostname: hostname.to_owned(),
            conductor_group: group.to_lowercase(),
            incarnation: incarnation.to_owned(),
            drivers,
            online: true,
            created_at: now,
            updated_at: now,
        };
        self.store().write("join", async |conn: &mut Conn| conductors::join(conn, &conductor).await).await?;
        self.forget_conductors().await;
        tracing::info!(conductor = hostname, group, "a conductor joined");
        Ok(LeaseTerms { lease_secs: self.settings().lease_secs, renew_secs: self.settings().renew_secs })
    }

    /// Notes that a conductor lives and renews its leases; gives those that are still its own, or none when this
    /// incarnation is not registered.
    pub async fn renew(
        &self,
        hostname: &str,
        incarnation: &str,
        leases: &[(Uuid, i64)],
    ) -> Result<Option<Vec<Uuid>>, ControlError> {
        let now = self.now();
        let expires_at = self.lease_end(now);
        let held = self
            .store()
            .write("renew", async |conn: &mut Conn| {
                if !conductors::touch(conn, hostname, incarnation, now).await? {
                    return Ok::<_, DbError>(None);
                }
                if leases.is_empty() {
                    return Ok(Some(Vec::new()));
                }
                tasks::renew(conn, hostname, leases, expires_at).await.map(Some)
            })
            .await?;
        Ok(held)
    }

    /// Notes that a conductor has left.
    pub async fn leave(&self, hostname: &str, incarnation: &str) -> Result<(), ControlError> {
        self.store()
            .write("leave", async |conn: &mut Conn| conductors::leave(conn, hostname, incarnation).await)
            .await?;
        self.forget_conductors().await;
        tracing::info!(conductor = hostname, "a conductor left");
        Ok(())
    }

    /// Whether this incarnation of the conductor is the registered one.
    pub(crate) async fn is_registered(
        &self,
        hostname: &str,
        incarnation: &str,
    ) -> Result<bool, ControlError> {
        let matches = |c: &Conductor| c.hostname == hostname && c.incarnation == incarnation;
        if self.live_conductors().await?.iter().any(matches) {
            return Ok(true);
        }
        // It may have joined just now, by another process: only it is asked for, whatever the number of others.
        let find = async |conn: &mut Conn| conductors::find(conn, hostname).await;
        let found = self.store().read(find).await?;
        let timeout = Duration::seconds(i64::from(self.settings().conductor_timeout_secs));
        Ok(found.is_some_and(|c| matches(&c) && c.is_alive(self.now(), timeout)))
    }
}
