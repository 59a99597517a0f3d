//! Where the boot service learns what a node may boot, and whom it tells what it saw.

use async_trait::async_trait;
use ferric_model::boot::{BootFetch, BootTicket};

use crate::Result;

/// The control plane as the boot service needs it: in the same process, or over gRPC.
#[async_trait]
pub trait Tickets: Send + Sync + std::fmt::Debug {
    /// What the bearer of a token may boot; none when it is unknown or over.
    ///
    /// **Errors**: `Tickets` when nobody can be asked.
    async fn find(&self, token: &str) -> Result<Option<BootTicket>>;

    /// What the node with this network card may boot over the network; none when it does not want to.
    ///
    /// **Errors**: as [`Self::find`].
    async fn find_by_mac(&self, mac: &str) -> Result<Option<BootTicket>>;

    /// Tells what was seen of an attempt.
    ///
    /// **Errors**: as [`Self::find`].
    async fn report(&self, token: &str, fetches: Vec<BootFetch>) -> Result<()>;

    /// Hands on what an installer logged; false when no installation is under way under this token.
    ///
    /// **Errors**: as [`Self::find`].
    async fn log(&self, token: &str, lines: &str) -> Result<bool>;
}
