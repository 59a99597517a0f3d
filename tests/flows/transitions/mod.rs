//! Every row of the transition table, driven by real flows of fake nodes and read off their history.

mod moves;
mod tally;
mod waits;
mod ways;

use anyhow::ensure;
use ferric_tests::cluster::{ClusterSpec, run};
use ferric_tests::fake::Prompter;
use ferric_tests::on_both_kinds;
use futures::future::join_all;

use moves::{Way, walk};
use tally::Tally;

on_both_kinds!(transitions);

/// Ways of waiting in vain need an installation that loses its patience at once.
const IMPATIENT: [&str; 5] = ["DEPLOY", "CLEAN", "INSPECT", "SERVICE", "RESCUE"];

async fn transitions(spec: ClusterSpec) -> anyhow::Result<()> {
    let spec = spec.with("CONTROL__HISTORY_TRANSITIONS", true).with("CONDUCTOR__MAX_TASKS", 128);
    let impatient = IMPATIENT
        .iter()
        .fold(spec.clone(), |spec, flow| spec.with(&format!("CONDUCTOR__{flow}_CALLBACK_TIMEOUT_SECS"), 1));
    let mut tally = Tally::default();
    for (spec, ways) in [(spec, ways::WAYS), (impatient, waits::WAYS)] {
        if !go(spec, ways, &mut tally).await? {
            return Ok(());
        }
    }
    tally.expect_every_row()
}

/// Walks all ways at once; false where the installation could not be had.
async fn go(spec: ClusterSpec, ways: &[Way], tally: &mut Tally) -> anyhow::Result<bool> {
    let mut ran = false;
    run(spec, async |cluster| {
        ran = true;
        let rest = cluster.rest.clone();
        let prompter = Prompter::start().await?;
        let walked = join_all(ways.iter().map(|way| walk(&rest, &prompter, way))).await;
        let mut lost = Vec::new();
        for (walked, way) in walked.into_iter().zip(ways) {
            match walked {
                Ok(node) => tally.count(way.name, &rest.history(&node.uuid).await?)?,
                Err(error) => lost.push(format!("{error:#}")),
            }
        }
        ensure!(lost.is_empty(), "{} ways led nowhere: {lost:#?}", lost.len());
        Ok(())
    })
    .await?;
    Ok(ran)
}
