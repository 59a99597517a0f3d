//! The history of the dialect as data: since which microversion verbs and arguments exist.
//!
//! Routes carry their own gates, fields their own `since`. Source: `contract: microversions`.

use super::call::Call;
use super::error::Fault;
use ferric_model::lifecycle::Verb;

/// Verbs that did not exist from the beginning and are refused before the node's state is looked at.
const VERBS: [(Verb, u16); 10] = [
    (Verb::Manage, 4),
    (Verb::Provide, 4),
    (Verb::Inspect, 6),
    (Verb::Abort, 13),
    (Verb::Clean, 15),
    (Verb::Adopt, 17),
    (Verb::Rescue, 38),
    (Verb::Unrescue, 38),
    (Verb::Deploy, 73),
    (Verb::Undeploy, 73),
];

/// Verbs that are refused after the node's state was looked at.
const LATER_VERBS: [(Verb, u16); 2] = [(Verb::Unhold, 85), (Verb::Service, 87)];

/// Filters of node lists that did not exist from the beginning, and whether the refusal names the microversion.
const NODE_FILTERS: [(&str, u16, bool); 13] = [
    ("provision_state", 9, false),
    ("driver", 16, true),
    ("resource_class", 21, true),
    ("fault", 42, true),
    ("conductor_group", 46, true),
    ("conductor", 49, true),
    ("owner", 50, true),
    ("lessee", 65, true),
    ("shard", 82, true),
    ("sharded", 82, true),
    ("instance_name", 104, true),
    ("include_children", 83, true),
    ("parent_node", 83, true),
];

/// Refuses a verb that is newer than the request.
pub(crate) fn check_verb(call: &Call, verb: Verb) -> Result<(), Fault> {
    check(call, &VERBS, verb)
}

/// Refuses a verb that is newer than the request, where the node's state goes first.
pub(crate) fn check_later_verb(call: &Call, verb: Verb) -> Result<(), Fault> {
    check(call, &LATER_VERBS, verb)
}

fn check(call: &Call, table: &[(Verb, u16)], verb: Verb) -> Result<(), Fault> {
    match table.iter().find(|row| row.0 == verb) {
        Some((_, since)) if !call.speaks(*since) => Err(Fault::too_new()),
        _ => Ok(()),
    }
}

/// Refuses filters that are newer than the request.
pub(crate) fn check_node_filters(call: &Call) -> Result<(), Fault> {
    for (name, since, named) in NODE_FILTERS {
        if !call.speaks(since) && call.args.get(name).is_some() {
            return Err(if named { Fault::too_new_since(since) } else { Fault::too_new() });
        }
    }
    Ok(())
}
