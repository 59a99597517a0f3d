//! The door to agents: what all calls of one process share.

use super::{AgentClient, AgentError, trust};
use crate::config::AgentConfig;
use ferric_hardware::TaskView;
use ferric_model::secret::Secret;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use url::Url;

/// Makes clients of the agents of nodes. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Agents {
    config: Arc<AgentConfig>,
    calls: Arc<Semaphore>,
    plain: reqwest::Client,
}

impl Agents {
    /// Prepares for calls as `config` says.
    ///
    /// **Errors**: `Setup` when this process cannot make connections at all.
    pub fn new(config: AgentConfig) -> Result<Self, AgentError> {
        let tls = trust::nobody().map_err(AgentError::Setup)?;
        let plain = builder(&config).tls_backend_preconfigured(tls).build().map_err(setup)?;
        let calls = Arc::new(Semaphore::new(config.concurrent_calls.max(1)));
        Ok(Self { config: Arc::new(config), calls, plain })
    }

    /// The settings.
    pub fn config(&self) -> &AgentConfig {
        &self.config
    }

    /// A client of the agent that runs on the task's node. An agent that speaks https and told no certificate is judged
    /// by the system's authorities; for that the process must have installed its rustls provider.
    ///
    /// **Errors**: `NotHeardOf` without an address, `TokenRefused` without a token, `Nonsense` when the heartbeat told
    /// an address or certificate that is none.
    pub fn client(&self, task: &TaskView) -> Result<AgentClient, AgentError> {
        let address = task.agent_url().ok_or(AgentError::NotHeardOf)?;
        let nonsense = |reason: &str| AgentError::Nonsense {
            command: "heartbeat".to_owned(),
            reason: reason.to_owned(),
        };
        let url = Url::parse(&format!("{}/v1/commands/", address.trim_end_matches('/')))
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"))
            .ok_or_else(|| nonsense("its callback_url is no http or https URL"))?;
        let token = task
            .internal_str("agent_secret_token")
            .filter(|token| !token.is_empty())
            .ok_or(AgentError::TokenRefused)?;
        let http = match task.internal_str("agent_verify_ca").filter(|pem| !pem.trim().is_empty()) {
            _ if url.scheme() == "http" => self.plain.clone(),
            Some(pem) => {
                let tls = trust::only(pem).map_err(|reason| nonsense(&reason))?;
                builder(&self.config).tls_backend_preconfigured(tls).build().map_err(setup)?
            }
            None => builder(&self.config).build().map_err(setup)?,
        };
        let token = Secret::new(token.to_owned());
        Ok(AgentClient::new(http, url, token, self.config.clone(), self.calls.clone()))
    }
}

/// No proxy, because agents are on the conductor's own networks; no redirects, because the URL carries the token.
fn builder(config: &AgentConfig) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(config.connect_timeout_secs))
        .timeout(config.call_timeout())
        .pool_max_idle_per_host(0)
}

fn setup(error: reqwest::Error) -> AgentError {
    AgentError::Setup(error.without_url().to_string())
}
