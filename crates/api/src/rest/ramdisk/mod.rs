//! What ramdisks call: routes only. None of it needs credentials; nodes know each other by tokens.

mod agent_config;
mod continue_inspection;
mod heartbeat;
mod lookup;

pub(crate) use continue_inspection::DATA as INSPECTION_DATA;
pub(crate) use heartbeat::STATUSES;

use super::args::{Arg, Kind};
use super::route::Gate::{NotFound, Open};
use super::route::{Route, route};

static LOOKUP: [Arg; 2] = [Arg::new("addresses", Kind::Words), Arg::new("node_uuid", Kind::Uuid)];
static INSPECTION: [Arg; 1] = [Arg::new("node_uuid", Kind::Uuid)];
static HEARTBEAT: [Arg; 7] = [
    Arg::required("node_ident", Kind::Text),
    Arg::required("callback_url", Kind::Text),
    Arg::new("agent_version", Kind::Text),
    Arg::new("agent_token", Kind::Text),
    Arg::new("agent_verify_ca", Kind::Text),
    Arg::new("agent_status", Kind::Text),
    Arg::new("agent_status_message", Kind::Text),
];
/// The same where the path names the node.
static HEARTBEAT_OF_NODE: &[Arg] = HEARTBEAT.split_at(1).1;

pub(crate) static ROUTES: [Route; 4] = [
    route!(Get "lookup" NotFound(22), &LOOKUP, Ignored, lookup::get),
    route!(Post "heartbeat/{ident}" NotFound(22), HEARTBEAT_OF_NODE, Members, heartbeat::post),
    route!(Post "heartbeat" NotFound(22), &HEARTBEAT, Members, heartbeat::post),
    route!(Post "continue_inspection" Open, &INSPECTION, Document, continue_inspection::post),
];
