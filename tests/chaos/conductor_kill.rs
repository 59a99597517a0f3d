//! Conductors are killed (SIGKILL) at random moments while they deploy, and started again: every deployment ends, `active`
//! or failed with an explanation, none is carried out twice at once, and nothing is left over.

use ferric_tests::cluster::{ClusterSpec, Kind};

use crate::storm::{Blow, Storm};

#[tokio::test(flavor = "multi_thread")]
async fn conductor_kill() -> anyhow::Result<()> {
    let spec = ClusterSpec::new(Kind::Split { apis: 1, conductors: 3 });
    Storm { spec, blow: Blow::Kill, deploys: 50, between_ms: 50..700, away_ms: 0..900 }.rage().await
}

/// The one process of an all-in-one installation takes the API, the bus and the boot images with it: a server that reads its
/// boot image at that moment never boots, which is told when its time is over.
#[tokio::test(flavor = "multi_thread")]
async fn all_in_one_kill() -> anyhow::Result<()> {
    let spec = ClusterSpec::new(Kind::AllInOne).with("CONDUCTOR__DEPLOY_CALLBACK_TIMEOUT_SECS", 20);
    Storm { spec, blow: Blow::Kill, deploys: 12, between_ms: 500..2500, away_ms: 0..500 }.rage().await
}

/// A task that is given up with its first conductor fails with that reason, and leaves neither a ramdisk nor a running server.
#[tokio::test(flavor = "multi_thread")]
async fn given_up_with_the_first_conductor() -> anyhow::Result<()> {
    let spec = ClusterSpec::new(Kind::Split { apis: 1, conductors: 3 }).with("CONTROL__MAX_LOST_LEASES", 0);
    Storm { spec, blow: Blow::Kill, deploys: 12, between_ms: 50..700, away_ms: 0..900 }.rage().await
}
