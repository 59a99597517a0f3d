//! Conductors stand still (SIGSTOP) until their leases are over and others have taken over, and then go on as if nothing had
//! happened: they must find out before they act, and every deployment ends as if they had died.

use ferric_tests::cluster::{ClusterSpec, Kind};

use crate::storm::{Blow, Storm};

#[tokio::test(flavor = "multi_thread")]
async fn conductor_freeze() -> anyhow::Result<()> {
    let spec = ClusterSpec::new(Kind::Split { apis: 1, conductors: 3 });
    Storm { spec, blow: Blow::Freeze, deploys: 12, between_ms: 50..900, away_ms: 5_000..9_000 }.rage().await
}
