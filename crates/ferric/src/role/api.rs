//! `ferric api`: REST and gRPC over the control plane; the only processes that reach the database.

use crate::boot_source::{self, LocalTickets, Mounted};
use crate::config::Config;
use anyhow::Context;
use ferric_api::{AuthConfig, BootSource, GrpcConfig};
use ferric_control::Control;
use ferric_db::Store;
use ferric_model::clock::SystemClock;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long the outbox may take to drain after the last request.
const OUTBOX_DRAIN: Duration = Duration::from_secs(5);

/// Serves until told to stop.
pub async fn run(config: Config, stop: CancellationToken) -> anyhow::Result<()> {
    let control = connect(&config).await?;
    serve(control, &config, stop).await
}

/// Connects to database and bus.
pub async fn connect(config: &Config) -> anyhow::Result<Arc<Control>> {
    let store = Store::connect(&config.database).await?;
    let bus = ferric_bus::connect(&config.bus).await?;
    let control = Control::new(store, bus, Arc::new(SystemClock), config.control.clone());
    control.load_policy().context("the key 'control.policy_file' names rules that cannot be used")?;
    Ok(Arc::new(control))
}

/// Serves `control` until told to stop: listeners first, then what works behind them.
pub async fn serve(control: Arc<Control>, config: &Config, stop: CancellationToken) -> anyhow::Result<()> {
    let background = CancellationToken::new();
    let mut behind = JoinSet::new();
    let (relay, sweeps, watch) = (Arc::clone(&control), Arc::clone(&control), Arc::clone(&control));
    let (allocations, bulk) = (Arc::clone(&control), Arc::clone(&control));
    let token = background.clone();
    behind.spawn(async move { relay.run_relay(token).await });
    let token = background.clone();
    behind.spawn(async move { sweeps.run_sweeps(token).await });
    let token = background.clone();
    behind.spawn(async move { allocations.run_allocations(token).await });
    let token = background.clone();
    behind.spawn(async move { bulk.run_bulk(token).await });
    let (token, letters) = (background.clone(), Arc::clone(&control));
    behind.spawn(async move { letters.run_dead_letters(token).await });
    let token = background.clone();
    behind.spawn(async move { watch.run_watch(token).await });

    let boot =
        boot_source::service(Arc::new(LocalTickets(Arc::clone(&control))), &config.boot, &config.installer)?;
    let tftp = boot_source::tftp(&boot, &config.boot, stop.clone());
    let (seen, token) = (boot.clone(), background.clone());
    behind.spawn(async move { seen.run(token).await });
    let source: Arc<dyn BootSource> = Arc::new(Mounted(boot.clone()));
    let auth = AuthConfig {
        strategy: config.auth.strategy,
        http_basic_file: config.auth.htpasswd.clone().unwrap_or_default(),
        keystone: config.auth.keystone.clone(),
    };
    let grpc = GrpcConfig {
        listen: config.grpc.listen,
        token: config.grpc.token.clone(),
        tls_cert: config.grpc.tls_cert.clone(),
        tls_key: config.grpc.tls_key.clone(),
        tls_client_ca: config.grpc.tls_client_ca.clone(),
        tls_client_names_host: config.grpc.tls_client_names_host,
    };
    let rest = async {
        let served =
            ferric_api::rest::serve(Arc::clone(&control), &config.api, &auth, source, stop.clone()).await;
        stop.cancel();
        served
            .with_context(|| format!("REST could not be served at {} (key 'api.listen')", config.api.listen))
    };
    let grpc = async {
        let served = ferric_api::grpc::serve(Arc::clone(&control), &grpc, &auth, stop.clone()).await;
        stop.cancel();
        served.with_context(|| {
            format!("gRPC could not be served at {} (key 'grpc.listen')", config.grpc.listen)
        })
    };
    let (rest, grpc, tftp) = tokio::join!(rest, grpc, tftp);
    background.cancel();
    if tokio::time::timeout(OUTBOX_DRAIN, async { while behind.join_next().await.is_some() {} })
        .await
        .is_err()
    {
        tracing::warn!("the outbox did not drain in time; another process carries on");
    }
    rest.and(grpc).and(tftp)
}
