//! One HTTP exchange with an agent, and what its answer means.

use super::{AgentClient, AgentError, evidence};
use reqwest::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Why one exchange led to nothing.
#[derive(Debug)]
pub enum Fault {
    /// No connection: the agent heard nothing.
    NotConnected(String),
    /// The connection broke after the request may have been heard.
    Broken(String),
    /// The agent answered, and trying again does not help.
    Answered(AgentError),
}

impl AgentClient {
    /// Sends one request; `command` is what errors call it.
    pub(super) async fn exchange<T: DeserializeOwned>(
        &self,
        method: Method,
        body: Option<&Value>,
        wait: bool,
        command: &str,
    ) -> Result<T, Fault> {
        let turn = tokio::time::timeout(self.config.call_timeout(), self.calls.acquire()).await;
        let Ok(Ok(_turn)) = turn else {
            return Err(Fault::NotConnected("too many calls to agents are under way".to_owned()));
        };
        let mut url = self.commands_url.clone();
        if body.is_some() {
            url.query_pairs_mut().append_pair("wait", if wait { "true" } else { "false" });
        }
        url.query_pairs_mut().append_pair("agent_token", self.token.expose());
        let mut request = self.http.request(method, url);
        if let Some(body) = body {
            request = request.json(body);
        }
        let mut response = request.send().await.map_err(fault)?;
        let status = response.status();
        let mut bytes = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(fault)? {
            if bytes.len() + piece.len() > self.config.answer_limit_bytes {
                let reason = format!("it is longer than {} bytes", self.config.answer_limit_bytes);
                return Err(Fault::Answered(AgentError::Nonsense { command: command.to_owned(), reason }));
            }
            bytes.extend_from_slice(&piece);
        }
        if !status.is_success() {
            return Err(Fault::Answered(self.refusal(command, status, &bytes)));
        }
        serde_json::from_slice(&bytes).map_err(|error| {
            let reason = match error.classify() {
                serde_json::error::Category::Data => "a part of the protocol is missing or has another type",
                _ => "it is no JSON",
            };
            Fault::Answered(AgentError::Nonsense { command: command.to_owned(), reason: reason.to_owned() })
        })
    }

    fn refusal(&self, command: &str, status: StatusCode, body: &[u8]) -> AgentError {
        let said = match serde_json::from_slice::<Value>(body) {
            Ok(value) => evidence::said(&value),
            Err(_) => String::from_utf8_lossy(&body[..body.len().min(2_000)]).into_owned(),
        };
        let command = command.to_owned();
        // Agents before the status 409 answered 400 or 500 with this text.
        let busy = status == StatusCode::CONFLICT || said.to_ascii_lowercase().contains("agent is busy");
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => AgentError::TokenRefused,
            _ if busy => AgentError::Busy { command },
            _ => AgentError::Refused { command, status: status.as_u16(), said: self.scrub(&said) },
        }
    }
}

/// Transport errors repeat the URL, which has the token in it.
fn fault(error: reqwest::Error) -> Fault {
    let error = error.without_url();
    if error.is_builder() {
        return Fault::Answered(AgentError::Setup(error.to_string()));
    }
    let mut reason = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        reason = cause.to_string();
        source = cause.source();
    }
    match (error.is_connect(), error.is_timeout()) {
        (true, true) => Fault::NotConnected("no connection in time".to_owned()),
        (true, false) => Fault::NotConnected(reason),
        (false, true) => Fault::Broken("no answer in time".to_owned()),
        (false, false) => Fault::Broken(reason),
    }
}
