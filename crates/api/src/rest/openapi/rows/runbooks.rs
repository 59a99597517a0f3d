//! Runbooks.

use super::super::part::{Part, resource};
use super::super::row::{Row, created, delete, empty, get, page, patch, post, put, refused, shown};
use super::nodes::{PATCH, TRAITS};
use crate::rest::fields::runbook::FIELDS;
use crate::rest::route::Method::{Delete, Patch};
use ferric_control::NewRunbook;

static RUNBOOK: Part = Part::new("Runbook", || resource(&FIELDS));
static NEW_RUNBOOK: Part = Part::new("NewRunbook", || NewRunbook::SHAPE.to_json_schema());

pub(super) const ROWS: &[Row] = &[
    get("runbooks", "Lists runbooks", page("runbooks", &RUNBOOK)),
    post("runbooks", "Creates a runbook", created(&RUNBOOK)).takes(&NEW_RUNBOOK),
    refused(Patch, "runbooks"),
    refused(Delete, "runbooks"),
    get("runbooks/{runbook}", "Shows a runbook", shown(&RUNBOOK)),
    patch("runbooks/{runbook}", "Changes a runbook", shown(&RUNBOOK)).takes(&PATCH),
    delete("runbooks/{runbook}", "Deletes a runbook", empty(204)),
    get("runbooks/{runbook}/traits", "Lists the traits of a runbook", shown(&TRAITS)),
    put("runbooks/{runbook}/traits", "Replaces the traits of a runbook", empty(204)).takes(&TRAITS),
    delete("runbooks/{runbook}/traits", "Removes all traits of a runbook", empty(204)),
    put("runbooks/{runbook}/traits/{trait}", "Adds a trait to a runbook", empty(204)),
    delete("runbooks/{runbook}/traits/{trait}", "Removes a trait of a runbook", empty(204)),
];
