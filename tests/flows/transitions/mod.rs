//! Every row of the transition table, driven by real flows and read off the nodes' history: once by fake nodes, whose every
//! operation is decided by the test, and once by simulated servers, whose BMCs and agents fail by themselves.

mod fakes;
mod moves;
mod servers;
mod tally;

use anyhow::ensure;
use ferric_tests::cluster::ClusterSpec;
use ferric_tests::rest::Rest;
use futures::stream::{self, StreamExt};

use moves::{Traveler, Way, walk};
use tally::{Codes, Tally};

/// A traveler, its way, and the codes that its failures may have.
type Journey<T> = (T, &'static Way<<T as Traveler>::Own>, Codes);

/// An installation in which every change of state stands in the history.
fn telling(spec: ClusterSpec) -> ClusterSpec {
    spec.with("CONTROL__HISTORY_TRANSITIONS", true).with("CONDUCTOR__MAX_TASKS", 128)
}

/// How many ways are gone at the same time: more than that are no faster together.
const AT_ONCE: usize = 12;

/// Goes all ways.
///
/// **Errors**: all ways that led nowhere, and failures that the history explains with other codes.
async fn go<T: Traveler>(rest: &Rest, journeys: &[Journey<T>], tally: &mut Tally) -> anyhow::Result<()> {
    let walks =
        journeys.iter().map(|journey| async move { (journey, walk(rest, &journey.0, journey.1).await) });
    let mut walks = stream::iter(walks).buffer_unordered(AT_ONCE);
    let mut lost = Vec::new();
    while let Some(((traveler, way, codes), walked)) = walks.next().await {
        let told = match walked {
            Ok(()) => tally.count(way.name, &rest.history(traveler.uuid()).await?, *codes),
            Err(error) => Err(error),
        };
        lost.extend(told.err().map(|error| format!("{error:#}")));
    }
    ensure!(lost.is_empty(), "{} ways led nowhere: {lost:#?}", lost.len());
    Ok(())
}
