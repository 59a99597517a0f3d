//! `ferric all-in-one`: everything in one process, nothing to set up.

use crate::config::Config;
use crate::role::{api, conductor};
use anyhow::Context;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Migrates, then runs API and conductor on one bus until told to stop; the conductor leaves first.
pub async fn run(config: Config, stop: CancellationToken) -> anyhow::Result<()> {
    let control = api::connect(&config).await?;
    control.store().migrate().await.context("the database cannot be migrated")?;
    // The bus inside this process has forgotten what the last one had sent.
    control.resend_queued().await.context("the tasks that wait cannot be read")?;
    let bus = Arc::clone(control.bus());
    let api_stop = CancellationToken::new();
    let conductor = async {
        let outcome = conductor::work(&config, bus, stop.clone()).await;
        api_stop.cancel();
        outcome
    };
    let api = async {
        let outcome = api::serve(control, &config, api_stop.clone()).await;
        stop.cancel();
        outcome
    };
    let (api, conductor) = tokio::join!(api, conductor);
    api.and(conductor)
}
