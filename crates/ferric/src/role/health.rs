//! Liveness and readiness of a conductor, on a port of its own.

use anyhow::Context;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use ferric_conductor::ConductorStatus;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Answers `/healthz` and `/readyz` until told to stop.
pub async fn serve(
    listen: SocketAddr,
    status: ConductorStatus,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let listener =
        TcpListener::bind(listen).await.context("the key 'conductor.health_listen' is not usable")?;
    let ready = move || {
        let status = status.clone();
        async move { readiness(&status).await }
    };
    let app =
        Router::new().route("/healthz", get(|| std::future::ready("alive\n"))).route("/readyz", get(ready));
    axum::serve(listener, app)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await
        .context("health cannot be answered")
}

async fn readiness(status: &ConductorStatus) -> (StatusCode, String) {
    let health = status.health().await;
    let mut problems = Vec::new();
    if !health.joined {
        problems.push("the control plane does not know this conductor yet".to_owned());
    }
    if let Err(error) = &health.bus {
        problems.push(format!("bus: {error}"));
    }
    match problems.as_slice() {
        [] => (StatusCode::OK, format!("ready, {} tasks run\n", health.running_tasks)),
        _ => (StatusCode::SERVICE_UNAVAILABLE, format!("{}\n", problems.join("\n"))),
    }
}
