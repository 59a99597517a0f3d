//! Who may call as a conductor.

use ferric_model::secret::Secret;
use tonic::service::Interceptor;
use tonic::transport::server::{TcpConnectInfo, TlsConnectInfo};
use tonic::{Request, Status};

/// Lets only callers in that show the shared secret and a certificate, as far as these are asked for.
#[derive(Debug, Clone)]
pub(crate) struct ConductorIdentity {
    token: Option<Secret<String>>,
    certificate: bool,
}

impl ConductorIdentity {
    /// Asks for `token`, and for a `certificate`, which the handshake has verified if there is one.
    pub(crate) fn new(token: Option<Secret<String>>, certificate: bool) -> Self {
        Self { token: token.filter(|token| !token.expose().is_empty()), certificate }
    }
}

impl ConductorIdentity {
    /// Whether a caller has shown it; nobody has when nothing is asked for.
    pub(crate) fn is_shown_by<T>(&self, request: &Request<T>) -> bool {
        (self.certificate || self.token.is_some()) && self.check(request).is_ok()
    }

    fn check<T>(&self, request: &Request<T>) -> Result<(), Status> {
        let connection = request.extensions().get::<TlsConnectInfo<TcpConnectInfo>>();
        if self.certificate && connection.and_then(TlsConnectInfo::peer_certs).is_none() {
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

/// Compares without telling by time how much was right.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |acc, (x, y)| acc | (x ^ y)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(token: Option<&str>, header: Option<&str>) -> bool {
        let mut identity = ConductorIdentity::new(token.map(|token| Secret::new(token.to_owned())), false);
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
}
