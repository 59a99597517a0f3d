//! Conductors are killed (SIGKILL) at random moments while they deploy, and started again: every deployment ends, `active`
//! or failed with an explanation, none is carried out twice at once, and nothing is left over.

use crate::storm::{Blow, Storm};

#[tokio::test(flavor = "multi_thread")]
async fn conductor_kill() -> anyhow::Result<()> {
    Storm { blow: Blow::Kill, deploys: 50, between_ms: 50..700, away_ms: 0..900 }.rage().await
}
