//! A broker behind a proxy that can cut every connection, and queues that are gone afterwards.

use ferric_bus::{Bus, BusConfig, connect};
use ferric_model::secret::Secret;
use std::sync::Arc;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use url::Url;

/// Groups that the tests use.
pub const GROUPS: [&str; 2] = ["", "g"];

/// Where the broker for tests is.
pub fn url() -> Option<String> {
    std::env::var("FERRIC_TEST_AMQP_URL").ok()
}

/// Forwards connections to the broker until told to cut them.
pub struct Proxy {
    url: Url,
    /// Present connections end when this token does.
    connections: watch::Sender<CancellationToken>,
    /// Whether new connections are let through.
    open: watch::Sender<bool>,
    _accepting: tokio_util::task::AbortOnDropHandle<()>,
}

impl Proxy {
    pub async fn start(target: &str) -> Self {
        let mut url: Url = target.parse().unwrap();
        let target = (url.host_str().unwrap().to_owned(), url.port().unwrap_or(5672));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
        let connections = watch::Sender::new(CancellationToken::new());
        let open = watch::Sender::new(true);
        let (current, gate) = (connections.subscribe(), open.subscribe());
        let accepting = tokio::spawn(async move {
            let mut forwards = tokio::task::JoinSet::new();
            loop {
                let (mut client, _) = listener.accept().await.unwrap();
                if *gate.borrow() {
                    let (target, cut) = (target.clone(), current.borrow().clone());
                    forwards.spawn(cut.run_until_cancelled_owned(async move {
                        let mut server = TcpStream::connect(target).await.unwrap();
                        copy_bidirectional(&mut client, &mut server).await.ok();
                    }));
                }
            }
        });
        Self { url, connections, open, _accepting: tokio_util::task::AbortOnDropHandle::new(accepting) }
    }

    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// Ends every present connection.
    pub fn cut(&self) {
        self.connections.send_replace(CancellationToken::new()).cancel();
    }

    /// Lets new connections through, or ends each at once.
    pub fn set_open(&self, open: bool) {
        self.open.send_replace(open);
    }
}

/// A bus with names of its own.
pub async fn bus(url: &str) -> (Arc<dyn Bus>, String) {
    let prefix = format!("ferric-test-{}", uuid::Uuid::new_v4());
    (bus_named(url, &prefix).await, prefix)
}

/// Another bus with these names, which subscribes anew after a short silence.
pub async fn bus_named(url: &str, prefix: &str) -> Arc<dyn Bus> {
    let (url, prefix) = (Secret::new(url.to_owned()), prefix.to_owned());
    connect(&BusConfig { url, prefix, renew_secs: 2 }).await.unwrap()
}

/// Ends the process that serves a queue of the broker for tests; the queue itself stays.
pub async fn stop_queue(xtask: &std::ffi::OsStr, queue: &str) {
    let ended = tokio::process::Command::new(xtask)
        .args(["services", "stop-queue", "/", queue])
        .output()
        .await
        .unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}

/// Deletes what a test left at the broker.
pub async fn clean_up(url: &str, prefix: &str) {
    use lapin::options::{ExchangeDeleteOptions, QueueDeleteOptions};
    let connection = lapin::Connection::connect(url, lapin::ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let groups = GROUPS.map(|group| match group {
        "" => format!("{prefix}.action"),
        group => format!("{prefix}.action.{group}"),
    });
    for queue in groups.into_iter().chain([format!("{prefix}.dead")]) {
        channel.queue_delete(queue.into(), QueueDeleteOptions::default()).await.unwrap();
    }
    for exchange in ["event", "dead"] {
        let name = format!("{prefix}.{exchange}").into();
        channel.exchange_delete(name, ExchangeDeleteOptions::default()).await.unwrap();
    }
}
