//! The listener's own certificate.

use super::reloading::Reloading;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Shows the certificate that the files hold now.
pub(crate) struct Shown(pub(crate) Reloading<CertifiedKey>);

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown")
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.get())
    }
}

/// Reads chain and key.
///
/// **Errors**: which file cannot be used and why.
pub(crate) fn read(files: &[PathBuf]) -> Result<Arc<CertifiedKey>, String> {
    let [chain, key] = files else { return Err("a certificate and a key are needed".to_owned()) };
    let certificates = certificates(chain)?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(key, &error))?;
    CertifiedKey::from_der(certificates, private, &ring::default_provider())
        .map(Arc::new)
        .map_err(|error| format!("{} and {} do not go together: {error}", chain.display(), key.display()))
}

/// Reads all certificates of a file.
///
/// **Errors**: the file cannot be read or holds none.
pub(crate) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let list = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unreadable(path, &error))?;
    if list.is_empty() {
        return Err(format!("{} holds no PEM certificate", path.display()));
    }
    Ok(list)
}

fn unreadable(path: &Path, error: &pem::Error) -> String {
    match error {
        pem::Error::Io(error) => format!("{} cannot be read: {error}", path.display()),
        pem::Error::NoItemsFound => format!("{} holds nothing of the expected kind in PEM", path.display()),
        other => format!("{} is no PEM file: {other}", path.display()),
    }
}
