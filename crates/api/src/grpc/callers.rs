//! Who calls a service that is for everybody.

use super::identity::ConductorIdentity;
use crate::rest::{Authenticator, Caller, Fault};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use ferric_control::{Actor, RequestContext};
use tonic::metadata::MetadataMap;
use tonic::{Request, Status};

/// Recognizes callers: by what conductors show, or by the same credentials as in REST.
#[derive(Debug)]
pub(crate) struct Callers {
    conductors: ConductorIdentity,
    authn: Authenticator,
}

/// Metadata that carry credentials.
const CREDENTIALS: [&str; 3] = ["authorization", "x-auth-token", "x-service-token"];

impl Callers {
    /// Recognizes `conductors`, and others by `authn`.
    pub(crate) fn new(conductors: ConductorIdentity, authn: Authenticator) -> Self {
        Self { conductors, authn }
    }

    /// The context of a request to the method at `path`. Who may act as a conductor is not held back by rules.
    ///
    /// **Errors**: `UNAUTHENTICATED` for credentials that are missing or wrong, `UNAVAILABLE` when nobody can judge them.
    pub(crate) async fn context<T>(
        &self,
        request: &Request<T>,
        path: &str,
    ) -> Result<RequestContext, Status> {
        let request_id = format!("req-{}", uuid::Uuid::new_v4());
        if self.conductors.is_shown_by(request) {
            return Ok(RequestContext::new(Actor::unrestricted(), request_id));
        }
        let headers = headers(request.metadata());
        let caller = Caller { method: "POST", path, headers: &headers };
        let parts: Vec<String> = path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        let actor = self.authn.recognize(&parts, &caller).await.map_err(|fault| status(&fault))?;
        Ok(RequestContext::new(actor, request_id))
    }
}

fn headers(metadata: &MetadataMap) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for name in CREDENTIALS {
        let value = metadata.get(name).and_then(|value| HeaderValue::from_bytes(value.as_bytes()).ok());
        if let Some(value) = value {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    headers
}

fn status(fault: &Fault) -> Status {
    match fault.status {
        400 | 401 | 403 => Status::unauthenticated(fault.text.clone()),
        503 => Status::unavailable(fault.text.clone()),
        _ => {
            tracing::error!(inside = fault.inside, "a caller could not be recognized");
            Status::internal("internal error, the log of this service says more")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{AuthConfig, AuthStrategy};
    use crate::grpc::Certificate;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use ferric_model::clock::{SharedClock, SystemClock};
    use ferric_model::secret::Secret;
    use std::io::Write;
    use std::sync::Arc;
    use tonic::Code;

    fn request(authorization: Option<&str>) -> Request<()> {
        let mut request = Request::new(());
        if let Some(value) = authorization {
            request.metadata_mut().insert("authorization", value.parse().unwrap());
        }
        request
    }

    fn callers(token: Option<&str>, auth: &AuthConfig) -> Callers {
        let clock: SharedClock = Arc::new(SystemClock);
        let conductors =
            ConductorIdentity::new(token.map(|token| Secret::new(token.to_owned())), Certificate::NotAsked);
        Callers::new(conductors, Authenticator::new(auth, &clock).unwrap())
    }

    #[actix_web::test]
    async fn callers_show_what_conductors_show_or_what_they_show_to_rest() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "ann:{}", bcrypt::hash("one", 4).unwrap()).unwrap();
        let auth = AuthConfig {
            strategy: AuthStrategy::HttpBasic,
            http_basic_file: file.path().to_owned(),
            ..AuthConfig::default()
        };
        let callers = callers(Some("s3cret"), &auth);
        let context = async |value: Option<&str>| callers.context(&request(value), "/x/Y").await;
        let ann = format!("Basic {}", STANDARD.encode("ann:one"));
        assert_eq!(context(Some(&ann)).await.unwrap().actor.user.as_deref(), Some("ann"));
        assert_eq!(context(Some("Bearer s3cret")).await.unwrap().actor, Actor::unrestricted());
        for wrong in [None, Some("Bearer other"), Some("Basic YW5uOnR3bw==")] {
            assert_eq!(context(wrong).await.unwrap_err().code(), Code::Unauthenticated, "{wrong:?}");
        }
    }

    #[actix_web::test]
    async fn without_any_credentials_asked_for_everybody_is_let_in_and_nobody_is_a_conductor() {
        let callers = callers(None, &AuthConfig::default());
        assert!(!callers.conductors.is_shown_by(&request(None)));
        assert!(callers.context(&request(None), "/x/Y").await.unwrap().actor.unrestricted);
    }
}
