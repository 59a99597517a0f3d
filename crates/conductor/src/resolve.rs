//! From the answer to a claim to a task that can be worked on.

use crate::dispatch::drives_state;
use crate::engine::Progress;
use crate::reporter::{Ending, Reporter};
use crate::task::RunningTask;
use crate::worker::Context;
use ferric_hardware::TaskView;
use ferric_model::action::Action;
use ferric_model::errand::ErrandState;
use ferric_model::failure::code;
use ferric_model::lifecycle::{Event, is_legal};
use ferric_model::node::Node;
use ferric_model::port::Port;
use ferric_model::portgroup::Portgroup;
use ferric_model::report::{Failure, Observed, TaskOutcome};
use ferric_proto::v1::Claim;
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// Why a claimed task cannot be worked on at all: how it ends instead.
pub struct Unworkable {
    /// The report.
    pub ending: Ending,
    /// Who sends it.
    pub reporter: Reporter,
}

/// Reads a claim and finds the node's interfaces.
pub fn open(
    context: &Context,
    task_id: Uuid,
    claim: Claim,
    reporter: Reporter,
) -> Result<Box<RunningTask>, Box<Unworkable>> {
    match read(context, task_id, &claim) {
        Ok(parts) => Ok(Box::new(RunningTask {
            view: parts.view,
            interfaces: parts.interfaces,
            progress: parts.progress,
            errands: parts.errands,
            has_children: claim.has_children,
            params: parts.params,
            config: context.config.clone(),
            clock: context.clock.clone(),
            claimed_at: context.clock.now(),
            reporter,
        })),
        Err(refusal) => {
            let (failure, event) = *refusal;
            let ending =
                Ending { outcome: TaskOutcome::Failed(failure), event, observed: Observed::default() };
            Err(Box::new(Unworkable { ending, reporter }))
        }
    }
}

struct Parts {
    view: TaskView,
    interfaces: ferric_hardware::NodeInterfaces,
    progress: Progress,
    errands: Vec<ErrandState>,
    params: serde_json::Value,
}

type Refusal = Box<(Failure, Option<Event>)>;

fn read(context: &Context, task_id: Uuid, claim: &Claim) -> Result<Parts, Refusal> {
    let action = Action::find(&claim.action)
        .ok_or_else(|| unreadable(&claim.action, "action", &format!("unknown action '{}'", claim.action)))?;
    let node: Node = parse(claim, "node", &claim.node_json)?
        .ok_or_else(|| unreadable(&claim.action, "node", "it is missing"))?;
    let ports: Vec<Port> = parse(claim, "ports", &claim.ports_json)?.unwrap_or_default();
    let portgroups: Vec<Portgroup> = parse(claim, "portgroups", &claim.portgroups_json)?.unwrap_or_default();
    let inventory = parse(claim, "inventory", &claim.inventory_json)?;
    let params = parse(claim, "arguments", &claim.params_json)?.unwrap_or_default();
    let progress = parse::<Option<Progress>>(claim, "progress", &claim.progress_json)?.flatten();
    let errands = parse(claim, "errands", &claim.errands_json)?.unwrap_or_default();
    let interfaces = context.registry.resolve(&node).map_err(|error| {
        let event = fail_event(action, &node);
        Box::new((error.into_failure(action.as_str().replace('_', " "), None, 0), event))
    })?;
    let view = TaskView {
        task_id,
        action,
        node,
        ports,
        portgroups,
        inventory,
        boot_url: Some(claim.boot_url.clone()).filter(|url| !url.is_empty()),
        instance_boot_url: None,
        api_url: claim.api_url.clone(),
        taken_over: claim.taken_over,
    };
    Ok(Parts { view, interfaces, progress: progress.unwrap_or_default(), errands, params })
}

/// The event of a failure, where the state machine has one for the node's present state and the action is what put it
/// there.
pub fn fail_event(action: Action, node: &Node) -> Option<Event> {
    (drives_state(action) && is_legal(node.state(), Event::Fail)).then_some(Event::Fail)
}

fn parse<T: DeserializeOwned>(claim: &Claim, what: &str, text: &str) -> Result<Option<T>, Refusal> {
    if text.is_empty() {
        return Ok(None);
    }
    serde_json::from_str(text).map(Some).map_err(|error| unreadable(&claim.action, what, &error.to_string()))
}

/// Only the control plane knows what state the node is in, so no event is named.
fn unreadable(action: &str, what: &str, reason: &str) -> Refusal {
    let summary = format!("the conductor cannot read the {what} of the task: {reason}");
    let failure = Failure::new(code::CLAIM_UNREADABLE, action.replace('_', " "), summary);
    Box::new((failure, None))
}
