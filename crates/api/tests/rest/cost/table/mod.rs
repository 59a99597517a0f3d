//! The rows: one file for each resource.
//!
//! In paths and bodies `<node>` and the like stand for what the steps before have saved, `<mac>` for a new MAC address,
//! `<count>` for the number of the row.

mod allocations;
mod bulk;
mod chassis;
mod deploy_templates;
mod discovery;
mod fleet;
mod hardware;
mod history;
mod inspection_rules;
mod nodes;
mod portgroups;
mod ports;
mod provision;
mod ramdisk;
mod runbooks;
mod volume;

pub static ROWS: &[&[Row]] = &[
    allocations::ROWS,
    bulk::ROWS,
    chassis::ROWS,
    deploy_templates::ROWS,
    discovery::ROWS,
    inspection_rules::ROWS,
    hardware::ROWS,
    history::ROWS,
    nodes::ROWS,
    provision::ROWS,
    ports::ROWS,
    portgroups::ROWS,
    ramdisk::ROWS,
    runbooks::ROWS,
    fleet::ROWS,
    volume::ROWS,
];

/// One request and what it may cost.
pub struct Row {
    /// Method and path of the route.
    pub route: &'static str,
    /// What is special about the request, for the reader.
    pub case: &'static str,
    /// Where it is sent.
    pub path: &'static str,
    /// JSON, or nothing.
    pub body: &'static str,
    /// What it is answered with.
    pub status: u16,
    /// What it may cost.
    pub limit: Limit,
    /// What happens before.
    pub before: &'static [&'static [Step]],
}

/// The most that a request may cost.
#[derive(Debug)]
pub struct Limit {
    /// Statements outside of a transaction.
    pub reads: usize,
    /// Statements inside of the one transaction.
    pub inside: usize,
}

/// A request that is not counted.
pub struct Step {
    pub method: &'static str,
    pub path: &'static str,
    pub body: &'static str,
    /// Under which name to keep which part of the answer.
    pub save: Option<(&'static str, &'static str)>,
    /// What to wait for.
    pub until: Until,
}

/// What a step waits for.
pub enum Until {
    /// Its answer.
    Answered,
    /// That the conductor has done something.
    Worked,
    /// That the conductor has brought the node there.
    State(&'static str),
}

/// Refusals and answers from data.
pub const NOTHING: Limit = Limit { reads: 0, inside: 0 };
/// Lists and shows.
pub const READ: Limit = Limit { reads: 1, inside: 0 };
/// Questions to the hardware: a task begins, and how it ended is read.
pub const CALL: Limit = Limit { reads: 2, inside: 3 };
/// What belongs to a node, after the node itself; pages that may be empty because their marker is unknown.
pub const READS: Limit = Limit { reads: 2, inside: 0 };
/// Guarded writes after two reads: of what is written and of the node it belongs to.
pub const READS_AND_WRITE: Limit = Limit { reads: 2, inside: 3 };
/// Guarded writes.
pub const WRITE: Limit = Limit { reads: 1, inside: 3 };

/// A node in `enroll`.
pub const NODE: &[Step] = &[Step {
    method: "POST",
    path: "/v1/nodes",
    body: r#"{"driver": "fake-hardware", "name": "node-<count>"}"#,
    save: Some(("node", "/uuid")),
    until: Until::Answered,
}];

/// The node becomes manageable.
pub const MANAGED: &[Step] = &[verb(r#"{"target": "manage"}"#, "manageable")];

/// The node becomes available.
pub const PROVIDED: &[Step] = &[verb(r#"{"target": "provide"}"#, "available")];

/// A port of the node.
pub const PORT: &[Step] = &[Step {
    method: "POST",
    path: "/v1/ports",
    body: r#"{"node_uuid": "<node>", "address": "<mac>"}"#,
    save: Some(("port", "/uuid")),
    until: Until::Answered,
}];

/// Another verb for the node.
pub const fn verb(body: &'static str, state: &'static str) -> Step {
    Step {
        method: "PUT",
        path: "/v1/nodes/<node>/states/provision",
        body,
        save: None,
        until: Until::State(state),
    }
}

/// A request that nothing needs to go before.
pub const fn row(route: &'static str, case: &'static str, path: &'static str, limit: Limit) -> Row {
    Row { route, case, path, body: "", status: 200, limit, before: &[] }
}

impl Row {
    /// The same with a body.
    pub const fn body(self, body: &'static str) -> Self {
        Self { body, ..self }
    }

    /// The same with another answer.
    pub const fn answers(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// The same after these steps.
    pub const fn after(self, before: &'static [&'static [Step]]) -> Self {
        Self { before, ..self }
    }
}
