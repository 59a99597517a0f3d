//! The connection to the broker: made anew whenever it is lost, by whoever needs it first.

use super::declare::{declare_base, is_unknown};
use super::unserved::Unserved;
use crate::BusError;
use crate::backoff::pause;
use crate::topology::Topology;
use lapin::options::ConfirmSelectOptions;
use lapin::protocol::AMQPHardError;
use lapin::uri::AMQPUri;
use lapin::{Channel, Connection, ConnectionProperties, ErrorKind};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

/// How long one attempt to connect may take, and one exchange with the broker beyond a publication.
const CALL_DEADLINE: Duration = Duration::from_secs(5);

/// Seconds between heartbeats, unless the URL says otherwise: a dead broker is noticed after two of them.
const HEARTBEAT_SECS: u16 = 10;

/// While a failure is this young, nobody else tries: many callers make one attempt.
const FAILURE_REST: Duration = Duration::from_millis(100);

/// How to reach the broker, and the present connection.
#[derive(Debug)]
pub struct Link {
    uri: AMQPUri,
    broker: String,
    topology: Topology,
    state: tokio::sync::Mutex<State>,
    unserved: Unserved,
    closed: CancellationToken,
}

#[derive(Debug, Default)]
struct State {
    live: Option<Arc<Live>>,
    failure: Option<(Instant, BusError)>,
}

/// A connection that works, as far as anybody knows.
#[derive(Debug)]
pub struct Live {
    connection: Connection,
    /// Where everybody publishes; confirms are on.
    pub publisher: Channel,
    /// Queues that were declared over this connection.
    declared: Mutex<HashSet<String>>,
}

impl Link {
    /// Reads the URL; nothing is connected yet.
    ///
    /// **Errors**: `Config` for an unusable URL.
    pub fn new(url: &str, topology: Topology) -> Result<Self, BusError> {
        // The parser's message may repeat parts of the URL, and so the password.
        let unusable = |_| BusError::Config {
            key: "bus.url",
            reason: "it is not of the form amqp://user:password@host:port/vhost".to_owned(),
        };
        let mut uri: AMQPUri = url.parse().map_err(unusable)?;
        uri.query.heartbeat.get_or_insert(HEARTBEAT_SECS);
        let broker = format!("{}://{}:{}", uri.scheme, uri.authority.host, uri.authority.port);
        Ok(Self {
            uri,
            broker,
            topology,
            state: tokio::sync::Mutex::default(),
            unserved: Unserved::default(),
            closed: CancellationToken::new(),
        })
    }

    /// Names of queues and exchanges.
    pub fn topology(&self) -> &Topology {
        &self.topology
    }

    /// Queues that refuse what they should take.
    pub fn unserved(&self) -> &Unserved {
        &self.unserved
    }

    /// Ends when the bus is closed.
    pub fn closed(&self) -> CancellationToken {
        self.closed.clone()
    }

    /// The present connection, or a new one: a single attempt.
    pub async fn live(&self) -> Result<Arc<Live>, BusError> {
        if self.closed.is_cancelled() {
            return Err(BusError::Closed);
        }
        let mut state = self.state.lock().await;
        if let Some(live) = state.live.as_ref().filter(|live| live.works()) {
            return Ok(Arc::clone(live));
        }
        if let Some((at, error)) = state.failure.as_ref().filter(|(at, _)| at.elapsed() < FAILURE_REST) {
            tracing::trace!(age_ms = at.elapsed().as_millis() as u64, "not trying again yet");
            return Err(error.clone());
        }
        state.live = None;
        match self.connect().await {
            Ok(live) => {
                state.failure = None;
                Ok(Arc::clone(state.live.insert(Arc::new(live))))
            }
            Err(error) => {
                state.failure = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }

    /// Uses this connection for nothing more. What still goes over it goes on: it is closed with the last channel.
    pub async fn leave(&self, left: &Arc<Live>) {
        let live = &mut self.state.lock().await.live;
        if live.as_ref().is_some_and(|live| Arc::ptr_eq(live, left)) {
            *live = None;
        }
    }

    /// Pauses before attempt `attempt` (from 1).
    ///
    /// **Errors**: `Closed` when the bus is closed meanwhile.
    pub async fn pause(&self, attempt: u32) -> Result<(), BusError> {
        tokio::select! {
            () = self.closed.cancelled() => Err(BusError::Closed),
            () = tokio::time::sleep(pause(attempt)) => Ok(()),
        }
    }

    /// Runs one exchange with the broker under a deadline.
    pub async fn call<T>(&self, work: impl Future<Output = lapin::Result<T>>) -> Result<T, BusError> {
        match timeout(CALL_DEADLINE, work).await {
            Ok(result) => result.map_err(|error| self.explain(&error)),
            Err(_) => Err(self.unreachable(format!("no answer within {} s", CALL_DEADLINE.as_secs()))),
        }
    }

    /// What an error of the client library means for callers.
    pub fn explain(&self, error: &lapin::Error) -> BusError {
        match error.kind() {
            // All that is used is declared first: another process deleted it in between, and it is declared again.
            ErrorKind::ProtocolError(said) if is_unknown(error) => {
                self.unreachable(said.get_message().to_string())
            }
            // The broker closes connections of its own will when it stops or is told to: that passes.
            ErrorKind::ProtocolError(said) if said.get_id() == AMQPHardError::CONNECTIONFORCED.get_id() => {
                self.unreachable(said.get_message().to_string())
            }
            ErrorKind::ProtocolError(said) if said.get_id() == AMQPHardError::INTERNALERROR.get_id() => {
                BusError::Broken { broker: self.broker.clone() }
            }
            ErrorKind::ProtocolError(said) => {
                BusError::Refused { broker: self.broker.clone(), reason: said.get_message().to_string() }
            }
            _ => self.unreachable(error.to_string()),
        }
    }

    /// Ends the connection and every attempt to restore it.
    pub async fn close(&self) {
        self.closed.cancel();
        let live = self.state.lock().await.live.take();
        if let Some(live) = live
            && let Err(error) = self.call(live.connection.close(200, "closing".into())).await
        {
            tracing::debug!(%error, "the connection ended badly");
        }
    }

    async fn connect(&self) -> Result<Live, BusError> {
        let properties = ConnectionProperties::default().with_connection_name("ferric".into());
        let connection = self.call(Connection::connect_uri(self.uri.clone(), properties)).await?;
        let channel = self.call(connection.create_channel()).await?;
        self.call(declare_base(&channel, &self.topology)).await?;
        let publisher = self.call(connection.create_channel()).await?;
        self.call(publisher.confirm_select(ConfirmSelectOptions::default())).await?;
        tracing::info!(broker = %self.broker, "connected to the broker");
        Ok(Live { connection, publisher, declared: Mutex::default() })
    }

    /// A failure that passes, of this broker.
    pub fn unreachable(&self, reason: String) -> BusError {
        BusError::Unreachable { broker: self.broker.clone(), reason }
    }
}

impl Live {
    /// A channel of one's own.
    pub async fn channel(&self) -> lapin::Result<Channel> {
        self.connection.create_channel().await
    }

    /// Whether `queue` was declared over this connection.
    pub fn is_declared(&self, queue: &str) -> bool {
        self.declared.lock().unwrap_or_else(PoisonError::into_inner).contains(queue)
    }

    /// Remembers that `queue` was declared, or that it is gone.
    pub fn set_declared(&self, queue: &str, exists: bool) {
        let mut declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        if exists {
            declared.insert(queue.to_owned());
        } else {
            declared.remove(queue);
        }
    }

    fn works(&self) -> bool {
        self.connection.status().connected() && self.publisher.status().connected()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lapin::protocol::{AMQPError, AMQPErrorKind, AMQPSoftError};

    #[test]
    fn only_what_trying_again_may_mend_passes() {
        let link = Link::new("amqp://127.0.0.1", Topology::new("ferric")).unwrap();
        let said = |kind: AMQPErrorKind| {
            let error = AMQPError::new(kind, "said".into());
            link.explain(&ErrorKind::ProtocolError(error).into())
        };
        for passing in [
            AMQPErrorKind::Soft(AMQPSoftError::NOTFOUND),
            AMQPErrorKind::Hard(AMQPHardError::CONNECTIONFORCED),
            AMQPErrorKind::Hard(AMQPHardError::INTERNALERROR),
        ] {
            assert!(said(passing.clone()).retryable(), "{passing:?}");
        }
        for lasting in [
            AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED),
            AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED),
            AMQPErrorKind::Hard(AMQPHardError::NOTALLOWED),
        ] {
            assert!(!said(lasting.clone()).retryable(), "{lasting:?}");
        }
    }
}
