//! Serving the REST API.

use crate::boot_source::BootSource;
use crate::config::{ApiConfig, AuthConfig};
use crate::error::ApiError;
use crate::rest::{self, Admission, App, Authenticator, BootRoutes, Rates, RenderCache};
use crate::tls::ServerTls;
use actix_web::{HttpServer, web};
use ferric_control::Control;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The REST API of one process, ready to be served.
#[derive(Debug, Clone)]
pub struct RestServer {
    app: web::Data<App>,
    boot: web::Data<BootRoutes>,
}

/// Binds the configured address and serves until `stop`.
///
/// **Errors**: `Config`; `Io` when the address cannot be bound.
pub async fn serve(
    control: Arc<Control>,
    config: &ApiConfig,
    auth: &AuthConfig,
    boot: Arc<dyn BootSource>,
    stop: CancellationToken,
) -> Result<(), ApiError> {
    let listener = TcpListener::bind(config.listen)?;
    listener.set_nonblocking(true)?;
    RestServer::new(control, config.clone(), auth, boot)?.run(listener, stop).await
}

impl RestServer {
    /// Puts the parts together.
    ///
    /// **Errors**: `Config` when the chosen way to recognize callers cannot work.
    pub fn new(
        control: Arc<Control>,
        config: ApiConfig,
        auth: &AuthConfig,
        boot: Arc<dyn BootSource>,
    ) -> Result<Self, ApiError> {
        let (rates, admission) = (Rates::new(&config.limits), Admission::new(&config.limits));
        let authn = Authenticator::new(auth, control.clock())?;
        let written_nodes = RenderCache::new(config.node_cache_bytes);
        let stopping = CancellationToken::new();
        let app = App { rates, admission, control, config, authn, written_nodes, stopping };
        Ok(Self { app: web::Data::new(app), boot: web::Data::new(BootRoutes(boot)) })
    }

    /// Mounts the API on an actix application.
    pub fn mount(&self, service: &mut web::ServiceConfig) {
        service.app_data(self.app.clone()).app_data(self.boot.clone());
        rest::mount(service);
    }

    /// Serves `listener` until `stop`; then running requests may end, and no new ones come in.
    ///
    /// **Errors**: `Config` when the certificate cannot be used; `Io`.
    pub async fn run(self, listener: TcpListener, stop: CancellationToken) -> Result<(), ApiError> {
        let config = &self.app.config;
        let workers = match config.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            chosen => chosen,
        };
        let (keep_alive, shutdown) = (Duration::from_secs(config.keep_alive_secs), config.shutdown_secs);
        let limits = &config.limits;
        let patience = Duration::from_secs(limits.header_timeout_secs);
        send_at_once(&listener)?;
        cut_off_slow_readers(&listener, Duration::from_secs(limits.send_timeout_secs))?;
        let tls = ServerTls {
            keys: ["api.tls_cert", "api.tls_key", ""],
            cert: config.tls_cert.as_ref(),
            key: config.tls_key.as_ref(),
            client_ca: None,
        };
        let tls = tls.config()?;
        let server = HttpServer::new({
            let api = self.clone();
            move || actix_web::App::new().configure(|service| api.mount(service))
        })
        .workers(workers)
        .keep_alive(keep_alive)
        .max_connections(limits.max_connections.div_ceil(workers))
        .client_request_timeout(patience)
        .client_disconnect_timeout(patience)
        .tls_handshake_timeout(patience)
        .shutdown_timeout(shutdown)
        .disable_signals();
        let server = match tls {
            Some(tls) => server.listen_rustls_0_23(listener, tls)?,
            None => server.listen(listener)?,
        }
        .run();
        let (handle, stopping) = (server.handle(), self.app.stopping.clone());
        tokio::spawn(async move {
            stop.cancelled().await;
            stopping.cancel();
            handle.stop(true).await;
        });
        server.await?;
        Ok(())
    }
}

/// Has the connections that `listener` takes send the end of an answer at once. Else it waits until the client has
/// acknowledged what came before, which clients put off for 40 ms.
///
/// Sockets inherit the option from the one that accepts them.
fn send_at_once(listener: &TcpListener) -> io::Result<()> {
    socket2::SockRef::from(listener).set_tcp_nodelay(true)
}

/// Sets for how long the connections that `listener` takes may have sent data unacknowledged, or a full window before them.
///
/// Linux has accepted sockets inherit the option; elsewhere a client that reads nothing keeps its connection.
fn cut_off_slow_readers(listener: &TcpListener, patience: Duration) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    socket2::SockRef::from(listener).set_tcp_user_timeout(Some(patience))?;
    #[cfg(not(target_os = "linux"))]
    let _: (&TcpListener, Duration) = (listener, patience);
    Ok(())
}
