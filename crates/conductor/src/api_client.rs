//! Calls to the control plane: one attempt each, under a deadline, at the endpoint that answered last.

use crate::{ConductorConfig, ConductorError};
use ferric_proto::v1;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::timeout;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Response, Status};
use v1::conductor_service_client::ConductorServiceClient;

/// How long one call may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// How long connecting may take.
const CONNECT_DEADLINE: Duration = Duration::from_secs(3);

/// Pause between signs of life on an idle connection: a dead one is noticed within two of them.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// A claim carries the node with its configdrive.
const LARGEST_ANSWER: usize = 64 << 20;

/// A client of the control plane.
#[derive(Debug)]
pub struct ApiClient {
    routes: Vec<Route>,
    /// The route that is used; the next one is when it fails.
    current: AtomicUsize,
    authorization: Option<MetadataValue<Ascii>>,
}

#[derive(Debug)]
struct Route {
    endpoint: String,
    client: ConductorServiceClient<Channel>,
}

/// One call under way.
struct Attempt {
    index: usize,
    client: ConductorServiceClient<Channel>,
}

impl ApiClient {
    /// A client of `config.endpoints`; connections are made when they are needed. Conductors begin at different ones.
    ///
    /// **Errors**: `Config` for an unusable endpoint or token.
    pub fn new(config: &ConductorConfig) -> Result<Self, ConductorError> {
        let routes = config.endpoints.iter().map(|url| Route::new(url)).collect::<Result<Vec<_>, _>>()?;
        let start = rand::random_range(0..routes.len().max(1));
        Ok(Self {
            routes,
            current: AtomicUsize::new(start),
            authorization: config.token.as_ref().map(|token| authorization(token.expose())).transpose()?,
        })
    }

    /// Registers the conductor.
    pub async fn join(&self, message: v1::JoinRequest) -> Result<v1::JoinResponse, ConductorError> {
        let mut attempt = self.attempt();
        let call = attempt.client.join(self.request(message));
        self.conclude(attempt.index, timeout(DEADLINE, call).await)
    }

    /// Renews registration and leases.
    pub async fn renew(&self, message: v1::RenewRequest) -> Result<v1::RenewResponse, ConductorError> {
        let mut attempt = self.attempt();
        let call = attempt.client.renew(self.request(message));
        self.conclude(attempt.index, timeout(DEADLINE, call).await)
    }

    /// Leaves.
    pub async fn leave(&self, message: v1::LeaveRequest) -> Result<v1::LeaveResponse, ConductorError> {
        let mut attempt = self.attempt();
        let call = attempt.client.leave(self.request(message));
        self.conclude(attempt.index, timeout(DEADLINE, call).await)
    }

    /// Takes a task.
    pub async fn claim(&self, message: v1::ClaimRequest) -> Result<v1::ClaimResponse, ConductorError> {
        let mut attempt = self.attempt();
        let call = attempt.client.claim(self.request(message));
        self.conclude(attempt.index, timeout(DEADLINE, call).await)
    }

    /// Reports about a task.
    pub async fn report(&self, message: v1::ReportRequest) -> Result<v1::ReportResponse, ConductorError> {
        let mut attempt = self.attempt();
        let call = attempt.client.report(self.request(message));
        self.conclude(attempt.index, timeout(DEADLINE, call).await)
    }

    /// Reads the nodes of a batch.
    pub async fn get_nodes(
        &self,
        message: v1::GetNodesRequest,
    ) -> Result<v1::GetNodesResponse, ConductorError> {
        let mut attempt = self.attempt();
        let call = attempt.client.get_nodes(self.request(message));
        self.conclude(attempt.index, timeout(DEADLINE, call).await)
    }

    /// Reports the power states of a batch.
    pub async fn report_power(
        &self,
        message: v1::ReportPowerRequest,
    ) -> Result<v1::ReportPowerResponse, ConductorError> {
        let mut attempt = self.attempt();
        let call = attempt.client.report_power(self.request(message));
        self.conclude(attempt.index, timeout(DEADLINE, call).await)
    }

    fn attempt(&self) -> Attempt {
        let index = self.current.load(Ordering::Relaxed) % self.routes.len();
        Attempt { index, client: self.routes[index].client.clone() }
    }

    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.set_timeout(DEADLINE);
        if let Some(value) = &self.authorization {
            request.metadata_mut().insert("authorization", value.clone());
        }
        request
    }

    fn conclude<T>(
        &self,
        index: usize,
        result: Result<Result<Response<T>, Status>, tokio::time::error::Elapsed>,
    ) -> Result<T, ConductorError> {
        let endpoint = self.routes[index].endpoint.clone();
        let error = match result {
            Ok(Ok(response)) => return Ok(response.into_inner()),
            Ok(Err(status)) if is_final(status.code()) => {
                return Err(ConductorError::Refused { endpoint, reason: explain(&status) });
            }
            Ok(Err(status)) => ConductorError::Unreachable { endpoint, reason: explain(&status) },
            Err(_) => {
                let reason = format!("no answer within {} s", DEADLINE.as_secs());
                ConductorError::Unreachable { endpoint, reason }
            }
        };
        // Only the first of several callers moves on, so that none skips an endpoint.
        let next = (index + 1) % self.routes.len();
        self.current.compare_exchange(index, next, Ordering::Relaxed, Ordering::Relaxed).ok();
        Err(error)
    }
}

impl Route {
    fn new(url: &str) -> Result<Self, ConductorError> {
        let unusable = |reason: String| ConductorError::Config { key: "grpc.endpoints", reason };
        if !url.starts_with("http://") {
            return Err(unusable(format!("'{url}' does not begin with http://")));
        }
        let endpoint = Endpoint::from_shared(url.to_owned())
            .map_err(|error| unusable(format!("'{url}' is no URL: {error}")))?
            .connect_timeout(CONNECT_DEADLINE)
            .http2_keep_alive_interval(KEEP_ALIVE)
            .keep_alive_timeout(KEEP_ALIVE)
            .tcp_nodelay(true);
        let client = ConductorServiceClient::new(endpoint.connect_lazy())
            .max_decoding_message_size(LARGEST_ANSWER)
            .max_encoding_message_size(LARGEST_ANSWER);
        Ok(Self { endpoint: url.to_owned(), client })
    }
}

fn authorization(token: &str) -> Result<MetadataValue<Ascii>, ConductorError> {
    let unusable = |_| ConductorError::Config {
        key: "grpc.token",
        reason: "it holds characters that no header can carry".to_owned(),
    };
    let mut value: MetadataValue<Ascii> = format!("Bearer {token}").parse().map_err(unusable)?;
    value.set_sensitive(true);
    Ok(value)
}

/// Whether the same call would be answered the same way again.
fn is_final(code: Code) -> bool {
    matches!(
        code,
        Code::InvalidArgument
            | Code::NotFound
            | Code::FailedPrecondition
            | Code::OutOfRange
            | Code::PermissionDenied
            | Code::Unauthenticated
            | Code::Unimplemented
    )
}

fn explain(status: &Status) -> String {
    use std::error::Error;
    let mut text = format!("{:?}: {}", status.code(), status.message());
    let mut source = status.source();
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferric_model::secret::Secret;

    fn config(endpoints: &[&str]) -> ConductorConfig {
        ConductorConfig {
            endpoints: endpoints.iter().map(|&url| url.to_owned()).collect(),
            ..ConductorConfig::default()
        }
    }

    #[tokio::test]
    async fn endpoints_take_turns_when_they_do_not_answer() {
        let client = ApiClient::new(&config(&["http://127.0.0.1:1", "http://127.0.0.1:2"])).unwrap();
        let mut tried = Vec::new();
        for _ in 0..3 {
            match client.leave(v1::LeaveRequest::default()).await.unwrap_err() {
                ConductorError::Unreachable { endpoint, .. } => tried.push(endpoint),
                other => panic!("{other}"),
            }
        }
        assert_eq!(tried[0], tried[2]);
        assert_ne!(tried[0], tried[1]);
    }

    #[tokio::test]
    async fn unusable_settings_are_named() {
        let error = ApiClient::new(&config(&["ftp://x"])).unwrap_err();
        assert_eq!(error.to_string(), "grpc.endpoints is not usable: 'ftp://x' does not begin with http://");
        let token = Some(Secret::new("a\nb".to_owned()));
        let error = ApiClient::new(&ConductorConfig { token, ..config(&["http://x"]) }).unwrap_err();
        assert_eq!(
            error.to_string(),
            "grpc.token is not usable: it holds characters that no header can carry"
        );
    }
}
