//! What the configuration asks for.

use super::certificate::{self, Shown};
use super::client::{self, Known};
use super::reloading::Reloading;
use crate::error::ApiError;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::server::NoServerSessionStorage;
use std::path::PathBuf;
use std::sync::Arc;

/// The keys of one listener.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServerTls<'a> {
    /// Names of the three keys, for messages.
    pub(crate) keys: [&'static str; 3],
    /// Chain, own certificate first.
    pub(crate) cert: Option<&'a PathBuf>,
    /// Its private key.
    pub(crate) key: Option<&'a PathBuf>,
    /// Authorities that vouch for clients.
    pub(crate) client_ca: Option<&'a PathBuf>,
}

impl ServerTls<'_> {
    /// The settings of the listener, `None` without TLS.
    ///
    /// **Errors**: `Config` when keys are missing or files cannot be used.
    pub(crate) fn config(self) -> Result<Option<ServerConfig>, ApiError> {
        let [cert_key, key_key, ca_key] = self.keys;
        let missing = |key, other| ApiError::Config { key, reason: format!("it is needed with {other}") };
        let (cert, key) = match (self.cert, self.key) {
            (Some(cert), Some(key)) => (cert, key),
            (Some(_), None) => return Err(missing(key_key, cert_key)),
            (None, Some(_)) => return Err(missing(cert_key, key_key)),
            (None, None) if self.client_ca.is_some() => return Err(missing(cert_key, ca_key)),
            (None, None) => return Ok(None),
        };
        let shown = Reloading::new(cert_key, vec![cert.clone(), key.clone()], certificate::read)?;
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| ApiError::Config { key: cert_key, reason: error.to_string() })?;
        let builder = match self.client_ca {
            Some(path) => {
                let known = Reloading::new(ca_key, vec![path.clone()], client::read)?;
                builder.with_client_cert_verifier(Arc::new(Known(known)))
            }
            None => builder.with_no_client_auth(),
        };
        let mut config = builder.with_cert_resolver(Arc::new(Shown(shown)));
        if self.client_ca.is_some() {
            // A resumed session would count for a client whose authority is trusted no more.
            config.session_storage = Arc::new(NoServerSessionStorage {});
            config.send_tls13_tickets = 0;
        }
        Ok(Some(config))
    }
}
