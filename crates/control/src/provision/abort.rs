//! Aborting a flow that waits.
//!
//! Source: `contract: state-machine` section 3, "abort".

use crate::commit::Change;
use crate::history::entry;
use ferric_model::action::Action;
use ferric_model::failure::code;
use ferric_model::history::{HistoryEntry, Severity};
use ferric_model::lifecycle::{Event, ProvisionState as S, Verb};
use ferric_model::node::Node;
use ferric_model::report::Failure;
use ferric_model::task::{Task, params};
use serde_json::Value;
use time::OffsetDateTime;

/// Marks the running step so that the flow ends after it; none when the step may be interrupted at once, or none runs.
pub(super) fn after_step(node: &Node) -> Option<Change> {
    let step = [&node.status.clean_step, &node.status.deploy_step, &node.status.service_step]
        .into_iter()
        .find(|step| !step.is_empty())?;
    if step.get("abortable").and_then(Value::as_bool).unwrap_or(false) {
        return None;
    }
    let mut change = Change::of(node.clone());
    let status = &mut change.node.status;
    for step in [&mut status.clean_step, &mut status.deploy_step, &mut status.service_step] {
        if !step.is_empty() {
            step.insert("abort_after".to_owned(), Value::Bool(true));
        }
    }
    Some(change)
}

/// Whether the step that just ended was marked to be the last.
pub(crate) fn was_marked(before: &Node) -> bool {
    [&before.status.clean_step, &before.status.deploy_step, &before.status.service_step]
        .into_iter()
        .any(|step| step.get("abort_after").and_then(Value::as_bool).unwrap_or(false))
}

/// Why a flow ended that somebody aborted.
pub(crate) fn by_request(task: &Task) -> Failure {
    let summary = format!("by request, the {} operation was aborted after its step", task.action.as_str());
    Failure::new(code::ABORTED, task.action.as_str().replace('_', " "), summary)
}

/// Records the abort in the node and gives its entry.
pub(super) fn explain(before: &Node, node: &mut Node, task: &Task, now: OffsetDateTime) -> HistoryEntry {
    let event = format!(
        "By request, the {} operation was aborted in state '{}'. [aborted]",
        task.action.as_str(),
        before.state()
    );
    node.status.last_error = Some(event.clone());
    let mut told = entry(before, node, Some(task), Severity::Error, event, now);
    told.details.code = Some(code::ABORTED.to_owned());
    told
}

/// The events that a verb causes, one after the other: a service that waits goes over its failure back to its instance when it is
/// aborted. In maintenance it stays with the failure, for whoever works on it.
pub(super) fn events(verb: Verb, before: &Node) -> Vec<Event> {
    match before.state() {
        S::ServiceWait | S::ServiceHold if verb == Verb::Abort && gives_back(before) => {
            vec![Event::Fail, Event::Abort]
        }
        _ => vec![verb.event()],
    }
}

/// What a conductor is to do after the abort. `ended` is what the node waited in; a service that has failed already waits in
/// nothing any more.
pub(super) fn clean_up(before: &Node, ended: Option<Action>) -> params::Abort {
    let ended = ended.unwrap_or(match before.state() {
        S::ServiceFailed => Action::Service,
        _ => Action::Abort,
    });
    params::Abort { aborted: ended.as_str().to_owned(), restore: gives_back(before) }
}

/// Whether the abort ends with the node's instance running again.
fn gives_back(before: &Node) -> bool {
    match before.state() {
        S::ServiceFailed => true,
        S::ServiceWait | S::ServiceHold => !before.maintenance,
        _ => false,
    }
}
