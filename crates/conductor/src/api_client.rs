//! Calls to the control plane: one attempt each, under a deadline, at the endpoint that answered last.

use crate::channel::{TlsMaterial, boots, chain, channel, conductors};
use crate::{ClientTls, ConductorConfig, ConductorError};
use ferric_proto::v1;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::timeout;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;
use tonic::{Code, Request, Response, Status};
use v1::conductor_service_client::ConductorServiceClient;

/// How long one call may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// A client of the control plane.
#[derive(Debug)]
pub struct ApiClient {
    endpoints: Vec<String>,
    routes: Mutex<Routes>,
    /// The endpoint that is used; the next one is when it fails.
    current: AtomicUsize,
    authorization: Option<MetadataValue<Ascii>>,
    tls: ClientTls,
}

/// A channel to each endpoint.
struct Routes {
    channels: Vec<Channel>,
    /// What they were made with.
    tls: TlsMaterial,
}

/// One call under way.
struct Attempt {
    index: usize,
    channel: Channel,
    client: ConductorServiceClient<Channel>,
}

impl ApiClient {
    /// A client of `config.endpoints`; connections are made when they are needed. Conductors begin at different ones.
    ///
    /// **Errors**: `Config` for an unusable endpoint or token.
    pub fn new(config: &ConductorConfig) -> Result<Self, ConductorError> {
        let routes = Routes::new(&config.endpoints, TlsMaterial::read(&config.tls)?)?;
        let start = rand::random_range(0..config.endpoints.len().max(1));
        Ok(Self {
            endpoints: config.endpoints.clone(),
            routes: Mutex::new(routes),
            tls: config.tls.clone(),
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

    /// Begins an attempt to boot.
    pub async fn begin_boot(
        &self,
        message: v1::BeginBootRequest,
    ) -> Result<v1::BeginBootResponse, ConductorError> {
        let mut attempt = self.attempt();
        let call = attempt.client.begin_boot(self.request(message));
        self.conclude(attempt.index, timeout(DEADLINE, call).await)
    }

    /// Finds what a node may boot, for a boot service.
    ///
    /// **Errors**: `Refused`, `Unreachable`.
    pub async fn find_ticket(
        &self,
        message: v1::FindTicketRequest,
    ) -> Result<v1::FindTicketResponse, ConductorError> {
        let attempt = self.attempt();
        let mut client = boots(attempt.channel);
        let call = client.find_ticket(self.request(message));
        self.conclude(attempt.index, timeout(DEADLINE, call).await)
    }

    /// Tells what a boot service saw.
    ///
    /// **Errors**: `Refused`, `Unreachable`.
    pub async fn report_boot(
        &self,
        message: v1::ReportBootRequest,
    ) -> Result<v1::ReportBootResponse, ConductorError> {
        let attempt = self.attempt();
        let mut client = boots(attempt.channel);
        let call = client.report_boot(self.request(message));
        self.conclude(attempt.index, timeout(DEADLINE, call).await)
    }

    /// Hands on what an installer logged.
    pub async fn log_installer(
        &self,
        message: v1::LogInstallerRequest,
    ) -> Result<v1::LogInstallerResponse, ConductorError> {
        let attempt = self.attempt();
        let mut client = boots(attempt.channel);
        let call = client.log_installer(self.request(message));
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

    /// Takes a call of a vendor method of a hardware type.
    pub async fn take_driver_call(
        &self,
        message: v1::TakeDriverCallRequest,
    ) -> Result<v1::TakeDriverCallResponse, ConductorError> {
        let mut attempt = self.attempt();
        let call = attempt.client.take_driver_call(self.request(message));
        self.conclude(attempt.index, timeout(DEADLINE, call).await)
    }

    /// Tells how such a call ended.
    pub async fn end_driver_call(
        &self,
        message: v1::EndDriverCallRequest,
    ) -> Result<v1::EndDriverCallResponse, ConductorError> {
        let mut attempt = self.attempt();
        let call = attempt.client.end_driver_call(self.request(message));
        self.conclude(attempt.index, timeout(DEADLINE, call).await)
    }

    fn attempt(&self) -> Attempt {
        let index = self.current.load(Ordering::Relaxed) % self.endpoints.len();
        let routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        let channel = routes.channels[index].clone();
        Attempt { index, client: conductors(channel.clone()), channel }
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
        let endpoint = self.endpoints[index].clone();
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
        let next = (index + 1) % self.endpoints.len();
        self.current.compare_exchange(index, next, Ordering::Relaxed, Ordering::Relaxed).ok();
        self.renew_tls();
        Err(error)
    }

    /// Takes certificates that were replaced. An open connection does not need them, so a failure is the time to look.
    fn renew_tls(&self) {
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        let renewed = match TlsMaterial::read(&self.tls) {
            Ok(material) if material == routes.tls => return,
            Ok(material) => Routes::new(&self.endpoints, material),
            Err(error) => Err(error),
        };
        match renewed {
            Ok(renewed) => {
                tracing::info!("the TLS files have changed and are used from now on");
                *routes = renewed;
            }
            Err(error) => {
                tracing::error!(%error, "the TLS files cannot be used; the former ones stay in use")
            }
        }
    }
}

impl Routes {
    fn new(endpoints: &[String], tls: TlsMaterial) -> Result<Self, ConductorError> {
        let channels = endpoints.iter().map(|url| channel(url, &tls)).collect::<Result<_, _>>()?;
        Ok(Self { channels, tls })
    }
}

impl std::fmt::Debug for Routes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Routes").field("channels", &self.channels.len()).finish_non_exhaustive()
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
    let text = format!("{:?}: {}", status.code(), status.message());
    match std::error::Error::source(status) {
        Some(cause) => format!("{text}: {}", chain(cause)),
        None => text,
    }
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
        assert_eq!(
            error.to_string(),
            "grpc.endpoints is not usable: 'ftp://x' does not begin with http:// or https://"
        );
        let token = Some(Secret::new("a\nb".to_owned()));
        let error = ApiClient::new(&ConductorConfig { token, ..config(&["http://x"]) }).unwrap_err();
        assert_eq!(
            error.to_string(),
            "grpc.token is not usable: it holds characters that no header can carry"
        );
    }
}
