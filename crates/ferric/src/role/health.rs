//! Liveness and readiness of a conductor, on a port of its own.

use anyhow::Context;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Tells what stands in the way of working; nothing if the conductor can take tasks.
pub type Problem = Arc<dyn Fn() -> Option<String> + Send + Sync>;

/// Answers `/healthz` and `/readyz` until told to stop.
pub async fn serve(listen: SocketAddr, problem: Problem, stop: CancellationToken) -> anyhow::Result<()> {
    let listener = TcpListener::bind(listen).await.context("the key 'conductor.health_listen' is not usable")?;
    let ready = move || {
        let problem = problem();
        std::future::ready(match problem {
            None => (StatusCode::OK, "ready\n".to_owned()),
            Some(problem) => (StatusCode::SERVICE_UNAVAILABLE, format!("{problem}\n")),
        })
    };
    let app = Router::new().route("/healthz", get(|| std::future::ready("alive\n"))).route("/readyz", get(ready));
    axum::serve(listener, app)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await
        .context("health cannot be answered")
}
