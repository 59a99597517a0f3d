//! Changes of the provision state, for the history of those who want to see each.

use super::Change;
use crate::control::Control;
use crate::history::entry;
use ferric_model::history::{HistoryEntry, Severity};
use ferric_model::lifecycle::{Event, ProvisionState, TRANSITIONS, Transition};

/// The area of such entries, as in Ironic.
const EVENT_TYPE: &str = "transition";

impl Control {
    /// An entry for each transition that the change makes, if history is to tell of them.
    pub(super) fn transition_entries(&self, change: &Change) -> Vec<HistoryEntry> {
        let Some(before) = change.before.as_ref().filter(|_| self.settings().history_transitions) else {
            return Vec::new();
        };
        let (from, to) = (before.state(), change.node.state());
        let task = change.begin.as_ref().or(change.save.as_ref().map(|(task, _)| task));
        let told = |(from, event, to): Transition| {
            let text = format!("{from} --{}--> {to}", event.as_str());
            let told = entry(before, &change.node, task, Severity::Info, text, self.now());
            HistoryEntry { event_type: EVENT_TYPE.to_owned(), state: Some(to.as_str().to_owned()), ..told }
        };
        path(from, to, &change.events).into_iter().map(told).collect()
    }
}

/// The rows of the table that lead from one state to the other: those of the given events, or the one that there is. Where several
/// are, it was a failure, for everything else names its event.
fn path(from: ProvisionState, to: ProvisionState, events: &[Event]) -> Vec<Transition> {
    let mut at = from;
    let mut walked = Vec::new();
    for event in events {
        let Some(row) = TRANSITIONS.iter().find(|row| row.0 == at && row.1 == *event) else { break };
        walked.push(*row);
        at = row.2;
    }
    if at == to && !walked.is_empty() {
        return walked;
    }
    if from == to {
        return Vec::new();
    }
    let mut rows: Vec<Transition> =
        TRANSITIONS.into_iter().filter(|row| row.0 == from && row.2 == to).collect();
    rows.sort_by_key(|row| row.1 != Event::Fail);
    rows.truncate(1);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use ProvisionState as S;

    #[test]
    fn the_way_between_two_states_is_found() {
        let cases: [(S, S, &[Event], &[Event]); 5] = [
            (S::Deploying, S::WaitCallBack, &[], &[Event::Wait]),
            (S::CleanWait, S::CleanFailed, &[], &[Event::Fail]),
            (S::CleanWait, S::CleanFailed, &[Event::Abort], &[Event::Abort]),
            (S::ServiceWait, S::Active, &[Event::Fail, Event::Abort], &[Event::Fail, Event::Abort]),
            (S::Active, S::Active, &[], &[]),
        ];
        for (from, to, events, expected) in cases {
            let found: Vec<Event> = path(from, to, events).into_iter().map(|row| row.1).collect();
            assert_eq!(found, expected, "{from} to {to}");
        }
    }
}
