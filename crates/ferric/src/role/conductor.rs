//! `ferric conductor`: drives hardware; holds no database connection.

use super::health;
use crate::config::Config;
use crate::registry::hardware;
use anyhow::{Context, anyhow};
use ferric_bus::Bus;
use ferric_conductor::{ApiClient, CallbackTimeouts, ClientTls, Conductor, ConductorConfig, StepPriorities};
use ferric_model::clock::SystemClock;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Works until told to stop.
pub async fn run(config: Config, stop: CancellationToken) -> anyhow::Result<()> {
    let bus = ferric_bus::connect(&config.bus).await?;
    work(&config, bus, stop).await
}

/// Works over `bus` until told to stop, and answers for its health meanwhile.
pub async fn work(config: &Config, bus: Arc<dyn Bus>, stop: CancellationToken) -> anyhow::Result<()> {
    let hardware = hardware(config)?;
    let conductor =
        Conductor::new(settings(config)?, Arc::clone(&hardware.registry), bus, Arc::new(SystemClock))
            .context("the conductor cannot start")?;
    let (status, readings) = (conductor.status(), conductor.readings());
    let health_stop = CancellationToken::new();
    let health = async {
        let listen = config.conductor.health_listen;
        let outcome = health::serve(listen, status, readings, health_stop.clone()).await;
        stop.cancel();
        outcome
    };
    let work = async {
        conductor.run(stop.clone()).await;
        hardware.close().await;
        health_stop.cancel();
    };
    let ((), health) = tokio::join!(work, health);
    health
}

/// A client of the control plane, for a process that is no conductor.
pub fn client(config: &Config) -> anyhow::Result<ApiClient> {
    ApiClient::new(&settings(config)?).context("the section 'grpc' of the configuration is not usable")
}

fn settings(config: &Config) -> anyhow::Result<ConductorConfig> {
    let section = &config.conductor;
    let (clean, verify) = (&section.clean_step_priority_override, &section.verify_step_priority_override);
    let step_priorities = StepPriorities::read(clean, verify).map_err(|text| {
        anyhow!("conductor.*_step_priority_override: '{text}' is not of the form interface.step:priority")
    })?;
    Ok(ConductorConfig {
        step_priorities,
        hostname: section.host.clone(),
        group: section.group.clone(),
        endpoints: config.grpc.endpoints.clone(),
        token: config.grpc.token.clone(),
        tls: ClientTls {
            ca: config.grpc.ca.clone(),
            cert: config.grpc.client_cert.clone(),
            key: config.grpc.client_key.clone(),
        },
        max_tasks: section.max_tasks,
        start_jitter_ms: section.start_jitter_ms,
        drain_secs: section.drain_secs,
        power_timeout_secs: section.power_timeout_secs,
        soft_power_timeout_secs: section.soft_power_timeout_secs,
        callback_timeouts: CallbackTimeouts {
            deploy: section.deploy_callback_timeout_secs,
            clean: section.clean_callback_timeout_secs,
            inspect: section.inspect_callback_timeout_secs,
            service: section.service_callback_timeout_secs,
            rescue: section.rescue_callback_timeout_secs,
        },
        power_sync_concurrency: section.power_sync_concurrency,
        power_sync_jitter_ms: section.power_sync_jitter_ms,
        sensor_concurrency: section.sensor_concurrency,
        sensor_jitter_ms: section.sensor_jitter_ms,
        sensor_timeout_secs: section.sensor_timeout_secs,
        node_cache_bytes: section.node_cache_bytes,
        power_off_after_deploy_failure: section.power_off_after_deploy_failure,
    })
}
