//! Allocations.

use super::super::part::{Part, resource};
use super::super::row::{Row, created, delete, empty, get, page, patch, post, refused, shown};
use super::nodes::PATCH;
use crate::rest::fields::allocation::FIELDS;
use crate::rest::route::Method::{Delete, Patch};
use ferric_control::NewAllocation;

static ALLOCATION: Part = Part::new("Allocation", || resource(&FIELDS));
static NEW_ALLOCATION: Part = Part::new("NewAllocation", || NewAllocation::SHAPE.to_json_schema());

pub(super) const ROWS: &[Row] = &[
    get("allocations", "Lists allocations", page("allocations", &ALLOCATION)),
    post("allocations", "Asks for a node", created(&ALLOCATION)).takes(&NEW_ALLOCATION),
    refused(Patch, "allocations"),
    refused(Delete, "allocations"),
    get("allocations/{allocation}", "Shows an allocation", shown(&ALLOCATION)),
    patch("allocations/{allocation}", "Changes an allocation", shown(&ALLOCATION)).takes(&PATCH),
    delete("allocations/{allocation}", "Deletes an allocation and frees its node", empty(204)),
    get("nodes/{node}/allocation", "Shows the allocation that has a node", shown(&ALLOCATION)),
    delete("nodes/{node}/allocation", "Deletes the allocation that has a node", empty(204)),
];
