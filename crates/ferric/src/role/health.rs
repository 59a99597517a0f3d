//! Liveness, readiness and metrics of a conductor, on a port of its own.

use super::metrics::exposition;
use anyhow::Context;
use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use ferric_conductor::{ConductorStatus, Readings};
use prometheus::TEXT_FORMAT;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Answers `/healthz`, `/readyz` and `/metrics` until told to stop.
pub async fn serve(
    listen: SocketAddr,
    status: ConductorStatus,
    readings: Readings,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let listener =
        TcpListener::bind(listen).await.context("the key 'conductor.health_listen' is not usable")?;
    let ready = move || {
        let status = status.clone();
        async move { readiness(&status).await }
    };
    let metrics = move || metrics(readings.clone());
    let app = Router::new()
        .route("/healthz", get(|| std::future::ready("alive\n")))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics));
    axum::serve(listener, app)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await
        .context("health cannot be answered")
}

/// On a thread of its own: a conductor may know the sensors of thousands of nodes.
async fn metrics(readings: Readings) -> Response {
    match tokio::task::spawn_blocking(move || exposition(&readings)).await {
        Ok(Ok(text)) => ([(CONTENT_TYPE, TEXT_FORMAT)], text).into_response(),
        Ok(Err(error)) => failed(&error),
        Err(error) => failed(&error),
    }
}

fn failed(error: &dyn std::error::Error) -> Response {
    tracing::error!(%error, "the metrics cannot be written");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
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
