//! Simulated servers drive every row: what fails does so because the BMC or the agent fails.

mod faults;
mod instances;
mod moves;
mod waits;
mod ways;

use anyhow::ensure;
use ferric_tests::cluster::{ClusterSpec, run};
use ferric_tests::fleet::{Fleet, quick_simulator};
use ferric_tests::on_both_kinds;
use futures::future::try_join_all;

use super::moves::Way;
use super::tally::{Codes, Exception, Tally};
use super::{go, telling};
use moves::{Server, ServerMove};

on_both_kinds!(transitions);

/// Rows that no server drives.
const LEFT_TO_FAKES: [Exception; 0] = [];

/// A way with the codes of its failures, in order.
type ServerWay = (Way<ServerMove>, &'static [&'static str]);

async fn transitions(spec: ClusterSpec) -> anyhow::Result<()> {
    let patient: Vec<&ServerWay> = ways::WAYS.iter().chain(instances::WAYS).collect();
    let fleet = Fleet::start(quick_simulator(patient.len() + waits::WAYS.len())).await?;
    // No conductor is lost here, however much is going on at once.
    let spec = telling(spec)
        .with("CONTROL__LEASE_SECS", 30)
        .with("CONDUCTOR__POWER_TIMEOUT_SECS", 5)
        .with("AGENT__POWER_TIMEOUT_SECS", 5);
    // Ways of waiting in vain need an installation that loses its patience soon: with agents, of which nothing is heard for long,
    // and with inspections, whose first word is their last.
    let impatient = spec
        .clone()
        .with("CONTROL__BOOT_AGENT_TIMEOUT_SECS", 2)
        .with("CONDUCTOR__INSPECT_CALLBACK_TIMEOUT_SECS", 10);
    let (mut tally, mut ran) = (Tally::default(), false);
    let begins = patient.len();
    for (spec, ways, first) in [(spec, patient, 0), (impatient, waits::WAYS.iter().collect(), begins)] {
        run(spec, async |cluster| {
            ran = true;
            let rest = cluster.rest.clone();
            let journeys = try_join_all(ways.iter().zip(first..).map(async |((way, codes), index)| {
                let server = Server::enroll(&rest, &fleet, index).await?;
                anyhow::Ok((server, way, Codes::InOrder(codes)))
            }))
            .await?;
            go(&rest, &journeys, &mut tally).await
        })
        .await?;
    }
    for server in fleet.simulator.snapshot().servers {
        let most = server.counters.max_agents_alive;
        ensure!(most <= 1, "{most} agents lived on server {} at once", server.index);
    }
    if ran { tally.expect_every_row(&LEFT_TO_FAKES) } else { Ok(()) }
}
