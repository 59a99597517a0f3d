//! What all requests of one process share.

use super::authn::Authenticator;
use crate::boot_source::BootSource;
use crate::config::ApiConfig;
use ferric_control::Control;
use std::sync::Arc;

/// The REST API of one process.
#[derive(Debug)]
pub(crate) struct App {
    /// The control plane.
    pub control: Arc<Control>,
    /// What the operator decided.
    pub config: ApiConfig,
    /// Who may come in.
    pub authn: Authenticator,
    /// Where boot artefacts come from.
    pub boot: Arc<dyn BootSource>,
}
