//! Runbooks: routes only.
//!
//! Source: `contract: rest-api` section 7.

mod resource;
mod traits;

use super::args::{Arg, Kind};
use super::route::{Gate, Route, route};

static LIST: [Arg; 7] = [
    Arg::new("marker", Kind::Name),
    Arg::new("limit", Kind::Integer),
    Arg::new("sort_key", Kind::Text),
    Arg::new("sort_dir", Kind::Text),
    Arg::new("fields", Kind::Words),
    Arg::new("detail", Kind::Bool),
    Arg::new("project", Kind::Text),
];

static SHOW: [Arg; 1] = [Arg::new("fields", Kind::Words)];

const GATE: Gate = Gate::Early(92, "The API version does not allow runbooks");
const TRAITS: Gate = Gate::Unseen(112, "The API version does not allow runbook traits");

pub(crate) static ROUTES: [Route; 12] = [
    route!(Get "runbooks" GATE, &LIST, Ignored, resource::list),
    route!(Post "runbooks" GATE, &[], Document, resource::post),
    route!(Patch "runbooks" GATE, &[], Ignored, resource::no_ident),
    route!(Delete "runbooks" GATE, &[], Ignored, resource::no_ident),
    route!(Get "runbooks/{runbook}" GATE, &SHOW, Ignored, resource::show),
    route!(Patch "runbooks/{runbook}" GATE, &[], Document, resource::update),
    route!(Delete "runbooks/{runbook}" GATE, &[], Ignored, resource::delete),
    route!(Get "runbooks/{runbook}/traits" TRAITS, &[], Ignored, traits::get),
    route!(Put "runbooks/{runbook}/traits" TRAITS, &[], Document, traits::put_all),
    route!(Delete "runbooks/{runbook}/traits" TRAITS, &[], Ignored, traits::delete_all),
    route!(Put "runbooks/{runbook}/traits/{trait}" TRAITS, &[], Document, traits::put_one),
    route!(Delete "runbooks/{runbook}/traits/{trait}" TRAITS, &[], Ignored, traits::delete_one),
];
