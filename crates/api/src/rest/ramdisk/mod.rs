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
static HEARTBEAT: [Arg; 6] = [
    Arg::required("callback_url", Kind::Text),
    Arg::new("agent_version", Kind::Text),
    Arg::new("agent_token", Kind::Text),
    Arg::new("agent_verify_ca", Kind::Text),
    Arg::new("agent_status", Kind::Text),
    Arg::new("agent_status_message", Kind::Text),
];

pub(crate) static ROUTES: [Route; 3] = [
    route!(Get "lookup" NotFound(22), &LOOKUP, Ignored, lookup::get),
    route!(Post "heartbeat/{ident}" NotFound(22), &HEARTBEAT, Members, heartbeat::post),
    route!(Post "continue_inspection" Open, &INSPECTION, Document, continue_inspection::post),
];
