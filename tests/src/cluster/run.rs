//! The frame of a system test.

use super::installation::Cluster;
use super::spec::ClusterSpec;

/// Starts an installation, runs the test on it, and then expects that nothing is left over and that every process stops
/// in good order. Skipped where the services that it needs are not there; the logs are printed and kept if anything
/// fails, or if `FERRIC_TEST_KEEP` is set.
pub async fn run(
    spec: ClusterSpec,
    test: impl AsyncFnOnce(&mut Cluster) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let Some(mut cluster) = Cluster::start(&spec).await? else { return Ok(()) };
    let outcome = judge(&mut cluster, test).await;
    if outcome.is_err() || std::env::var_os("FERRIC_TEST_KEEP").is_some() {
        cluster.show_logs();
    }
    outcome
}

async fn judge(
    cluster: &mut Cluster,
    test: impl AsyncFnOnce(&mut Cluster) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    test(cluster).await?;
    cluster.database().await?.expect_nothing_left().await?;
    cluster.stop().await
}
