//! Who may call as a conductor.

use ferric_model::secret::Secret;
use rustls::pki_types::{CertificateDer, ServerName};
use std::sync::Arc;
use tonic::service::Interceptor;
use tonic::transport::server::{TcpConnectInfo, TlsConnectInfo};
use tonic::{Request, Status};
use webpki::EndEntityCert;

/// Lets only callers in that show the shared secret and a certificate, as far as these are asked for.
#[derive(Debug, Clone)]
pub(crate) struct ConductorIdentity {
    token: Option<Secret<String>>,
    certificate: Certificate,
}

/// What is asked of the certificate of a conductor. The handshake has verified it if there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Certificate {
    /// Nothing; there may be none.
    NotAsked,
    /// That there is one: an authority of conductors vouches for the caller.
    Shown,
    /// That it names the host that the caller claims to be.
    NamesHost,
}

impl ConductorIdentity {
    /// Asks for `token`, and for a `certificate`.
    pub(crate) fn new(token: Option<Secret<String>>, certificate: Certificate) -> Self {
        Self { token: token.filter(|token| !token.expose().is_empty()), certificate }
    }

    /// Whether a caller that the interceptor has let in may speak for the conductor `host`.
    ///
    /// **Errors**: `PermissionDenied` when its certificate is one of another host.
    pub(crate) fn check_host<T>(&self, request: &Request<T>, host: &str) -> Result<(), Status> {
        let named = self.certificate != Certificate::NamesHost
            || certificates(request).is_some_and(|chain| chain.first().is_some_and(|own| names(own, host)));
        if named {
            return Ok(());
        }
        Err(Status::permission_denied(format!(
            "the certificate of the caller (grpc.client_cert) does not name the conductor '{host}' (conductor.host), which \
             grpc.tls_client_names_host asks for"
        )))
    }

    /// Whether a caller has shown it; nobody has when nothing is asked for.
    pub(crate) fn is_shown_by<T>(&self, request: &Request<T>) -> bool {
        (self.certificate != Certificate::NotAsked || self.token.is_some()) && self.check(request).is_ok()
    }

    fn check<T>(&self, request: &Request<T>) -> Result<(), Status> {
        if self.certificate != Certificate::NotAsked && certificates(request).is_none() {
            return Err(Status::unauthenticated(
                "conductors must show a certificate (grpc.client_cert) that grpc.tls_client_ca vouches for",
            ));
        }
        let Some(token) = &self.token else { return Ok(()) };
        let given = request
            .metadata()
            .get("authorization")
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .unwrap_or_default();
        if same(given.as_bytes(), token.expose().as_bytes()) {
            Ok(())
        } else {
            Err(Status::unauthenticated("the token of the conductors (grpc.token) is missing or wrong"))
        }
    }
}

impl Interceptor for ConductorIdentity {
    fn call(&mut self, request: Request<()>) -> Result<Request<()>, Status> {
        self.check(&request).map(|()| request)
    }
}

/// The chain that the caller has shown, its own certificate first.
fn certificates<T>(request: &Request<T>) -> Option<Arc<Vec<CertificateDer<'static>>>> {
    request.extensions().get::<TlsConnectInfo<TcpConnectInfo>>().and_then(TlsConnectInfo::peer_certs)
}

/// Whether a certificate is one of `host`: by its subject alternative names, as a client verifies a server.
fn names(certificate: &CertificateDer<'_>, host: &str) -> bool {
    let (Ok(certificate), Ok(host)) = (EndEntityCert::try_from(certificate), ServerName::try_from(host))
    else {
        return false;
    };
    certificate.verify_is_valid_for_subject_name(&host).is_ok()
}

/// Compares without telling by time how much was right.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |acc, (x, y)| acc | (x ^ y)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(token: Option<&str>, header: Option<&str>) -> bool {
        let mut identity =
            ConductorIdentity::new(token.map(|token| Secret::new(token.to_owned())), Certificate::NotAsked);
        let mut request = Request::new(());
        if let Some(header) = header {
            request.metadata_mut().insert("authorization", header.parse().unwrap());
        }
        identity.call(request).is_ok()
    }

    #[test]
    fn only_the_right_token_opens_the_door() {
        assert!(ask(None, None));
        assert!(ask(Some("s3cret"), Some("Bearer s3cret")));
        for wrong in [None, Some("Bearer s3cre"), Some("s3cret"), Some("Bearer "), Some("Basic s3cret")] {
            assert!(!ask(Some("s3cret"), wrong), "{wrong:?}");
        }
    }

    #[test]
    fn a_certificate_speaks_for_the_hosts_that_it_names() {
        let names_of = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            rcgen::generate_simple_self_signed(names).unwrap().cert.der().clone()
        };
        let certificate = names_of(&["c-1.ferric.svc", "*.pods.ferric.svc", "192.0.2.7"]);
        for host in ["c-1.ferric.svc", "C-1.ferric.svc", "a.pods.ferric.svc", "192.0.2.7"] {
            assert!(names(&certificate, host), "{host}");
        }
        for host in ["c-2.ferric.svc", "ferric.svc", "a.b.pods.ferric.svc", "192.0.2.8", "", "not a name"] {
            assert!(!names(&certificate, host), "{host}");
        }
        assert!(!names(&CertificateDer::from(vec![0]), "c-1.ferric.svc"));
    }
}
