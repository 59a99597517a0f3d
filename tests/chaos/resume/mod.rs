//! Conductors die (SIGKILL) before, in the middle of, and right after every step of every flow. Every flow ends, no step that
//! must not act twice does, and nothing is left over.

mod cases;
mod fakes;
mod servers;

use anyhow::ensure;
use ferric_tests::cluster::Cluster;
use ferric_tests::rest::Rest;

/// Kills all conductors and starts them again.
async fn kill_all(cluster: &mut Cluster) -> anyhow::Result<()> {
    let conductors = cluster.conductors();
    for name in &conductors {
        cluster.process(name)?.kill().await?;
    }
    for name in &conductors {
        cluster.start_again(name).await?;
    }
    Ok(())
}

/// The history says that the node's conductor was lost.
async fn expect_take_over(rest: &Rest, uuid: &str) -> anyhow::Result<()> {
    let history = rest.history(uuid).await?;
    let told = history.iter().any(|entry| entry.event.contains("another conductor takes over"));
    ensure!(told, "the lost conductor is not told: {history:#?}");
    Ok(())
}
