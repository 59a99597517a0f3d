//! TLS to PostgreSQL: `sslmode` and `sslrootcert` of `database.url`, with the meaning that libpq gives them.

use crate::error::DbError;
use percent_encoding::percent_decode_str;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{self, CryptoProvider};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;

/// What is asked of the server's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Demand {
    /// There may be none: the connection is not encrypted.
    Plain,
    /// Any certificate does.
    Any,
    /// An authority vouches for it.
    Chain,
    /// An authority vouches for it, and it names the host.
    ChainAndName,
}

/// The words of `sslmode`.
const MODES: [(&str, Demand); 5] = [
    ("disable", Demand::Plain),
    ("prefer", Demand::Plain),
    ("require", Demand::Any),
    ("verify-ca", Demand::Chain),
    ("verify-full", Demand::ChainAndName),
];

/// What `database.url` says about TLS.
#[derive(Debug)]
pub(crate) struct TlsRequest {
    demand: Demand,
    root_cert: Option<String>,
}

/// Judges the certificate of a server.
#[derive(Debug)]
struct Verifier {
    demand: Demand,
    /// A server's own certificate is often marked as an authority, which no path validation accepts for a server;
    /// whoever names that very certificate has said enough.
    exact: Vec<CertificateDer<'static>>,
    roots: RootCertStore,
    provider: Arc<CryptoProvider>,
}

impl TlsRequest {
    /// Takes the TLS parameters out of a URL: the driver knows neither all modes nor `sslrootcert`.
    ///
    /// **Errors**: `Config` for an unknown mode; the value is not repeated, since it may be a piece of a password.
    pub(crate) fn take_from(url: &str) -> Result<(String, Self), DbError> {
        let mut request = Self { demand: Demand::Plain, root_cert: None };
        // The driver, too, looks for parameters behind the credentials only.
        let host = url.find('@').unwrap_or(0);
        let Some(question) = url[host..].find('?').map(|at| host + at) else {
            return Ok((url.to_owned(), request));
        };
        let mut others = Vec::new();
        for pair in url[question + 1..].split('&') {
            match pair.split_once('=') {
                Some(("sslmode", mode)) => request.demand = demand(mode)?,
                Some(("sslrootcert", path)) => {
                    request.root_cert = Some(percent_decode_str(path).decode_utf8_lossy().into_owned());
                }
                _ => others.push(pair),
            }
        }
        if request.root_cert.is_some() {
            match request.demand {
                Demand::Plain => {
                    return Err(problem("has an sslrootcert, which needs sslmode=verify-full or verify-ca"));
                }
                // As in libpq: who names an authority wants it to count.
                Demand::Any => request.demand = Demand::Chain,
                Demand::Chain | Demand::ChainAndName => {}
            }
        }
        let rest = if others.is_empty() { String::new() } else { format!("?{}", others.join("&")) };
        Ok((format!("{}{rest}", &url[..question]), request))
    }

    /// What speaks TLS to the server; `None` if nothing is encrypted. Without `sslrootcert` the authorities of the system
    /// count.
    ///
    /// **Errors**: `Config` when there is no usable authority.
    pub(crate) fn connector(self) -> Result<Option<MakeRustlsConnect>, DbError> {
        let exact = match (self.demand, &self.root_cert) {
            (Demand::Plain, _) => return Ok(None),
            (Demand::Any, _) => Vec::new(),
            (_, Some(path)) => CertificateDer::pem_file_iter(path)
                .and_then(Iterator::collect::<Result<Vec<_>, _>>)
                .map_err(|error| problem(&format!("the sslrootcert {path} cannot be read: {error}")))?,
            (_, None) => rustls_native_certs::load_native_certs().certs,
        };
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(exact.iter().cloned());
        if self.demand != Demand::Any && roots.is_empty() {
            let place =
                self.root_cert.map_or("the system".to_owned(), |path| format!("the sslrootcert {path}"));
            return Err(problem(&format!("{place} holds no certificate of an authority")));
        }
        let provider = Arc::new(crypto::ring::default_provider());
        let verifier = Verifier { demand: self.demand, exact, roots, provider: Arc::clone(&provider) };
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| DbError::Internal(Box::new(error)))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(Some(MakeRustlsConnect::new(config)))
    }
}

/// Whether the two sides do not agree about TLS, which waiting does not change.
pub(crate) fn is_disagreement(error: &(dyn std::error::Error + 'static)) -> bool {
    let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    inner.is_some_and(|inner| inner.is::<Error>())
}

fn demand(mode: &str) -> Result<Demand, DbError> {
    MODES.iter().find(|(name, _)| *name == mode).map(|row| row.1).ok_or_else(|| {
        problem("has an unknown sslmode; expected disable, prefer, require, verify-ca or verify-full")
    })
}

fn problem(text: &str) -> DbError {
    DbError::Config { problem: text.to_owned() }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if matches!(self.demand, Demand::Chain | Demand::ChainAndName) {
            let certificate = ParsedCertificate::try_from(end_entity)?;
            if !self.exact.iter().any(|known| known.as_ref() == end_entity.as_ref()) {
                let algorithms = self.provider.signature_verification_algorithms.all;
                verify_server_cert_signed_by_trust_anchor(
                    &certificate,
                    &self.roots,
                    intermediates,
                    now,
                    algorithms,
                )?;
            }
            if self.demand == Demand::ChainAndName {
                verify_server_name(&certificate, server_name)?;
            }
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        crypto::verify_tls12_signature(message, cert, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        crypto::verify_tls13_signature(message, cert, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameters_are_taken_out_and_the_others_stay() {
        for (url, rest, demand, root_cert) in [
            ("postgres://u:p@h/d", "postgres://u:p@h/d", Demand::Plain, None),
            ("postgres://u:p?sslmode=x@h/d", "postgres://u:p?sslmode=x@h/d", Demand::Plain, None),
            ("postgres://h/d?sslmode=require", "postgres://h/d", Demand::Any, None),
            (
                "postgres://u:p@h/d?keepalives=1&sslmode=require&sslrootcert=%2Fca.pem&connect_timeout=3",
                "postgres://u:p@h/d?keepalives=1&connect_timeout=3",
                Demand::Chain,
                Some("/ca.pem"),
            ),
            (
                "postgres://h/d?sslrootcert=/ca.pem&sslmode=verify-full",
                "postgres://h/d",
                Demand::ChainAndName,
                Some("/ca.pem"),
            ),
        ] {
            let (left, request) = TlsRequest::take_from(url).unwrap();
            assert_eq!((left.as_str(), request.demand), (rest, demand), "{url}");
            assert_eq!(request.root_cert.as_deref(), root_cert, "{url}");
        }
    }
}
