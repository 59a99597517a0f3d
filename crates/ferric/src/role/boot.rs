//! `ferric boot`: serves what nodes boot; holds no database connection and keeps nothing.

use super::conductor::client;
use crate::boot_source::{self, Mounted, RemoteTickets};
use crate::config::Config;
use anyhow::Context;
use ferric_api::{BootListen, BootSource, serve_boot};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Serves until told to stop.
pub async fn run(config: Config, stop: CancellationToken) -> anyhow::Result<()> {
    let tickets = Arc::new(RemoteTickets(client(&config)?));
    let boot = boot_source::service(tickets, &config.boot, &config.installer)?;
    let listen = BootListen {
        listen: config.boot.listen,
        tls_cert: config.boot.tls_cert.clone(),
        tls_key: config.boot.tls_key.clone(),
    };
    let telling = CancellationToken::new();
    let seen = boot.run(telling.clone());
    let source: Arc<dyn BootSource> = Arc::new(Mounted(boot.clone()));
    let http = async {
        let served = serve_boot(source, &listen, stop.clone()).await;
        stop.cancel();
        telling.cancel();
        served.with_context(|| {
            format!("boot artefacts could not be served at {} (key 'boot.listen')", config.boot.listen)
        })
    };
    let tftp = boot_source::tftp(&boot, &config.boot, stop.clone());
    let (http, tftp, ()) = tokio::join!(http, tftp, seen);
    http.and(tftp)
}
