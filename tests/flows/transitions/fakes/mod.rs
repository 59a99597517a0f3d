//! Fake nodes drive every row.

mod moves;
mod waits;
mod ways;

use ferric_tests::cluster::{ClusterSpec, run};
use ferric_tests::fake::{FakeNode, Prompter};
use ferric_tests::on_both_kinds;
use futures::future::try_join_all;

use super::tally::{Codes, Tally};
use super::{go, telling};
use moves::Fake;

on_both_kinds!(transitions);

/// Ways of waiting in vain need an installation that loses its patience at once.
const IMPATIENT: [&str; 5] = ["DEPLOY", "CLEAN", "INSPECT", "SERVICE", "RESCUE"];

async fn transitions(spec: ClusterSpec) -> anyhow::Result<()> {
    let spec = telling(spec);
    let impatient = IMPATIENT
        .iter()
        .fold(spec.clone(), |spec, flow| spec.with(&format!("CONDUCTOR__{flow}_CALLBACK_TIMEOUT_SECS"), 1));
    let (mut tally, mut ran) = (Tally::default(), false);
    for (spec, ways) in [(spec, ways::WAYS), (impatient, waits::WAYS)] {
        run(spec, async |cluster| {
            ran = true;
            let rest = cluster.rest.clone();
            let prompter = Prompter::start().await?;
            let journeys = try_join_all(ways.iter().map(async |way| {
                let node = FakeNode::enroll(&rest, &prompter, false).await?;
                anyhow::Ok((Fake { node, prompter: &prompter }, way, Codes::Any))
            }))
            .await?;
            go(&rest, &journeys, &mut tally).await
        })
        .await?;
    }
    if ran { tally.expect_every_row(&[]) } else { Ok(()) }
}
