//! Encrypted connections out of plain ones.

use futures::{Stream, StreamExt};
use rustls::ServerConfig;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_stream::wrappers::TcpListenerStream;

/// How long a client may take to finish its handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Handshakes under way at once; connections beyond wait in the listener's queue.
const HANDSHAKES: usize = 256;

/// Takes connections; a handshake that fails ends its connection and nothing else.
pub(crate) fn accept(
    listener: TcpListener,
    config: ServerConfig,
) -> impl Stream<Item = io::Result<TlsStream<TcpStream>>> {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    TcpListenerStream::new(listener)
        .map(move |connection| {
            let acceptor = acceptor.clone();
            async move {
                let connection = match connection {
                    Ok(connection) => connection,
                    Err(error) => return Some(Err(error)),
                };
                let peer = connection.peer_addr();
                let handshake = tokio::time::timeout(HANDSHAKE, acceptor.accept(connection)).await;
                match handshake.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
                    Ok(stream) => Some(Ok(stream)),
                    Err(error) => {
                        tracing::info!(?peer, %error, "a TLS handshake failed");
                        None
                    }
                }
            }
        })
        .buffer_unordered(HANDSHAKES)
        .filter_map(std::future::ready)
}
