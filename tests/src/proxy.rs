//! A link to a service that can be cut: what lies between processes and their database or broker.

use std::net::SocketAddr;
use std::pin::pin;

use anyhow::Context;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use url::Url;

/// Forwards connections until told to cut them.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    /// Present connections end when this token does.
    connections: watch::Sender<CancellationToken>,
    /// Whether new connections are let through.
    open: watch::Sender<bool>,
    /// Whether anything arrives.
    flowing: watch::Sender<bool>,
    accepting: AbortHandle,
}

impl Proxy {
    /// Forwards to the host and port of `url`; also gives that URL with the proxy in their place.
    pub async fn before(url: &str) -> anyhow::Result<(Self, String)> {
        let mut url: Url = url.parse()?;
        let host = url.host_str().context("a URL without a host")?.to_owned();
        let port = url.port_or_known_default().or((url.scheme() == "postgres").then_some(5432));
        let target = (host, port.unwrap_or(5672));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let connections = watch::Sender::new(CancellationToken::new());
        let (open, flowing) = (watch::Sender::new(true), watch::Sender::new(true));
        let (current, gate, flow) = (connections.subscribe(), open.subscribe(), flowing.subscribe());
        let accepting = tokio::spawn(async move {
            let mut forwards = JoinSet::new();
            while let Ok((mut client, _)) = listener.accept().await {
                while forwards.try_join_next().is_some() {}
                if *gate.borrow() {
                    let (target, cut, flow) = (target.clone(), current.borrow().clone(), flow.clone());
                    let forward = async move {
                        let mut server = TcpStream::connect(target).await?;
                        copy_bidirectional(&mut client, &mut server).await
                    };
                    // However a connection ends, both sides notice.
                    forwards.spawn(cut.run_until_cancelled_owned(while_flowing(forward, flow)));
                }
            }
        });
        if url.set_host(Some("127.0.0.1")).is_err() || url.set_port(Some(address.port())).is_err() {
            anyhow::bail!("the URL {url} cannot name a proxy");
        }
        let proxy = Self { address, connections, open, flowing, accepting: accepting.abort_handle() };
        Ok((proxy, url.into()))
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends every present connection.
    pub fn cut(&self) {
        self.connections.send_replace(CancellationToken::new()).cancel();
    }

    /// Lets new connections through, or ends each at once.
    pub fn set_open(&self, open: bool) {
        self.open.send_replace(open);
    }

    /// Lets what is sent arrive, or holds it back without a word: nobody is told that the other side is not there.
    pub fn set_flowing(&self, flowing: bool) {
        self.flowing.send_replace(flowing);
    }
}

/// Works while the flag is set.
async fn while_flowing<T>(work: impl Future<Output = T>, mut flowing: watch::Receiver<bool>) {
    let mut work = pin!(work);
    while flowing.wait_for(|flowing| *flowing).await.is_ok() {
        tokio::select! {
            _ = &mut work => return,
            _ = flowing.wait_for(|flowing| !*flowing) => {}
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
