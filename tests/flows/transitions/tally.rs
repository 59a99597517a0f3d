//! Which rows were driven, as history tells, and whether it explains every failure.

use std::collections::BTreeSet;

use anyhow::{Context, ensure};
use ferric_model::lifecycle::{Event, ProvisionState, TRANSITIONS};
use ferric_tests::nodes::HistoryEntry;

/// The codes with which an event may be explained that leads to a state of failure.
const CODES: [(Event, &[&str]); 2] =
    [(Event::Fail, &["fake-failure", "ramdisk-silent", "aborted"]), (Event::Abort, &["aborted"])];

/// The rows that were driven.
#[derive(Debug, Default)]
pub struct Tally {
    seen: BTreeSet<String>,
}

impl Tally {
    /// Reads a node's history.
    ///
    /// **Errors**: a change of state that is no row of the table, and a failure that is not explained.
    pub fn count(&mut self, way: &str, history: &[HistoryEntry]) -> anyhow::Result<()> {
        let mut spent = BTreeSet::new();
        for (index, entry) in history.iter().enumerate() {
            if entry.event_type != "transition" {
                continue;
            }
            let row = TRANSITIONS.iter().find(|row| text(row) == entry.event);
            let (_, event, to) = row.with_context(|| format!("{way}: no row is {}", entry.event))?;
            self.seen.insert(entry.event.clone());
            if let Some((_, codes)) = CODES.iter().find(|row| row.0 == *event && fails(*to)) {
                // Both are written in one transaction; either may stand first, and an explanation counts once.
                let explains = |at: &usize| {
                    let entry = &history[*at];
                    entry.severity == "ERROR"
                        && codes.iter().any(|code| entry.event.contains(&format!("[{code}]")))
                };
                let told = |at: &usize| history[*at].event_type != "transition";
                let neighbors = [(0..index).rev().find(told), (index + 1..history.len()).find(told)];
                let found = neighbors.into_iter().flatten().find(|at| explains(at) && !spent.contains(at));
                let explained = found.is_some_and(|at| spent.insert(at));
                ensure!(
                    explained,
                    "{way}: {} is not explained by any of {codes:?}: {history:#?}",
                    entry.event
                );
            }
        }
        Ok(())
    }

    /// **Errors**: the rows that nothing drove.
    pub fn expect_every_row(&self) -> anyhow::Result<()> {
        let missing: Vec<String> =
            TRANSITIONS.iter().map(text).filter(|row| !self.seen.contains(row)).collect();
        ensure!(missing.is_empty(), "no flow drove {} rows: {missing:#?}", missing.len());
        Ok(())
    }
}

/// Whether the state is where failures lead; a verification that fails leads back to the beginning.
fn fails(state: ProvisionState) -> bool {
    state.is_failed() || state == ProvisionState::Enroll
}

fn text((from, event, to): &(ProvisionState, Event, ProvisionState)) -> String {
    format!("{from} --{}--> {to}", event.as_str())
}
