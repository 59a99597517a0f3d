//! What all requests of one process share.

use super::authn::Authenticator;
use super::limits::{Admission, Rates};
use super::render_cache::RenderCache;
use crate::config::ApiConfig;
use ferric_control::Control;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// The REST API of one process.
#[derive(Debug)]
pub(crate) struct App {
    /// The control plane.
    pub control: Arc<Control>,
    /// What the operator decided.
    pub config: ApiConfig,
    /// How often each caller may ask.
    pub rates: Rates,
    /// How much is worked on at once.
    pub admission: Admission,
    /// Who may come in.
    pub authn: Authenticator,
    /// Nodes as they were shown before.
    pub written_nodes: RenderCache,
    /// Told when the process is to stop, for answers that would go on.
    pub stopping: CancellationToken,
}
