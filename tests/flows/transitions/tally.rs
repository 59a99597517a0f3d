//! Which rows were driven, as history tells, and whether it explains every failure.

use std::collections::BTreeSet;

use anyhow::{Context, ensure};
use ferric_model::lifecycle::{Event, ProvisionState, TRANSITIONS};
use ferric_tests::nodes::HistoryEntry;

/// The codes with which an event may be explained that leads a fake node to a state of failure.
const CODES: [(Event, &[&str]); 2] =
    [(Event::Fail, &["fake-failure", "ramdisk-silent", "aborted"]), (Event::Abort, &["aborted"])];

/// With what the failures of a way may be explained.
#[derive(Debug, Clone, Copy)]
pub enum Codes {
    /// Each by any of those that fake nodes fail with.
    Any,
    /// By these, one after the other, and no failure more.
    InOrder(&'static [&'static str]),
}

/// A row that is left to others, as it is written in the history, and why.
pub type Exception = (&'static str, &'static str);

/// The rows that were driven.
#[derive(Debug, Default)]
pub struct Tally {
    seen: BTreeSet<String>,
}

impl Codes {
    fn of(&self, failure: usize, event: Event) -> &'static [&'static str] {
        match self {
            Self::Any => CODES.iter().find(|row| row.0 == event).map_or(&[], |row| row.1),
            Self::InOrder(codes) => codes.get(failure..=failure).unwrap_or_default(),
        }
    }
}

impl Tally {
    /// Reads a node's history.
    ///
    /// **Errors**: a change of state that is no row of the table, and a failure that is not explained.
    pub fn count(&mut self, way: &str, history: &[HistoryEntry], codes: Codes) -> anyhow::Result<()> {
        let mut spent = BTreeSet::new();
        for (index, entry) in history.iter().enumerate() {
            if entry.event_type != "transition" {
                continue;
            }
            let row = TRANSITIONS.iter().find(|row| text(row) == entry.event);
            let (_, event, to) = row.with_context(|| format!("{way}: no row is {}", entry.event))?;
            self.seen.insert(entry.event.clone());
            if CODES.iter().any(|row| row.0 == *event) && fails(*to) {
                let codes = codes.of(spent.len(), *event);
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
        if let Codes::InOrder(codes) = codes {
            ensure!(spent.len() == codes.len(), "{way}: not all of {codes:?} happened: {history:#?}");
        }
        Ok(())
    }

    /// **Errors**: the rows that nothing drove, but for these; and exceptions that are none.
    pub fn expect_every_row(&self, but: &[Exception]) -> anyhow::Result<()> {
        let left = |row: &String| but.iter().any(|(excepted, _)| excepted == row);
        let missing: Vec<String> =
            TRANSITIONS.iter().map(text).filter(|row| !self.seen.contains(row) && !left(row)).collect();
        ensure!(missing.is_empty(), "no flow drove {} rows: {missing:#?}", missing.len());
        let needless: Vec<&Exception> = but.iter().filter(|(row, _)| self.seen.contains(*row)).collect();
        ensure!(needless.is_empty(), "these rows are driven after all: {needless:#?}");
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
