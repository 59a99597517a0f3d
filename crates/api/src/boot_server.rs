//! Serving boot artefacts and nothing else, for a process that is only a boot service.

use crate::boot_source::BootSource;
use crate::error::ApiError;
use crate::rest::{BootRoutes, mount_boot};
use crate::tls::ServerTls;
use actix_web::{App, HttpResponse, HttpServer, web};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long a client may take for its request, and running answers to end after the stop signal.
const PATIENCE: Duration = Duration::from_secs(30);

/// How a boot service listens.
#[derive(Debug, Clone)]
pub struct BootListen {
    /// Address and port.
    pub listen: SocketAddr,
    /// Certificate chain; plain HTTP without one.
    pub tls_cert: Option<PathBuf>,
    /// Its key.
    pub tls_key: Option<PathBuf>,
}

/// Serves `/boot/…` and `/healthz` until told to stop.
///
/// **Errors**: `Config` when the certificate cannot be used; `Io` when the address cannot be bound.
pub async fn serve_boot(
    source: Arc<dyn BootSource>,
    config: &BootListen,
    stop: CancellationToken,
) -> Result<(), ApiError> {
    let listener = TcpListener::bind(config.listen)?;
    listener.set_nonblocking(true)?;
    let tls = ServerTls {
        keys: ["boot.tls_cert", "boot.tls_key", ""],
        cert: config.tls_cert.as_ref(),
        key: config.tls_key.as_ref(),
        client_ca: None,
    };
    let tls = tls.config()?;
    let routes = web::Data::new(BootRoutes(source));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(routes.clone())
            .configure(mount_boot)
            .route("/healthz", web::get().to(|| async { HttpResponse::Ok().body("alive\n") }))
    })
    .client_request_timeout(PATIENCE)
    .client_disconnect_timeout(PATIENCE)
    .shutdown_timeout(PATIENCE.as_secs())
    .disable_signals();
    let server = match tls {
        Some(tls) => server.listen_rustls_0_23(listener, tls)?,
        None => server.listen(listener)?,
    }
    .run();
    let handle = server.handle();
    tokio::spawn(async move {
        stop.cancelled().await;
        handle.stop(true).await;
    });
    server.await?;
    Ok(())
}
