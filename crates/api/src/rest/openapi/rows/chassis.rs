//! Chassis and the nodes in them.

use super::super::part::{Part, resource};
use super::super::row::{Row, created, delete, empty, get, page, patch, post, refused, shown};
use super::nodes::{NODE, PATCH};
use crate::rest::fields::chassis::FIELDS;
use crate::rest::route::Method::{Delete, Get, Patch, Post};
use ferric_control::NewChassis;

static CHASSIS: Part = Part::new("Chassis", || resource(&FIELDS));
static NEW_CHASSIS: Part = Part::new("NewChassis", || NewChassis::SHAPE.to_json_schema());

pub(super) const ROWS: &[Row] = &[
    get("chassis", "Lists chassis", page("chassis", &CHASSIS)),
    post("chassis", "Creates a chassis", created(&CHASSIS)).takes(&NEW_CHASSIS),
    refused(Patch, "chassis"),
    refused(Delete, "chassis"),
    get("chassis/detail", "Lists chassis with all fields", page("chassis", &CHASSIS)),
    refused(Get, "chassis/nodes"),
    get("chassis/{chassis}", "Shows a chassis", shown(&CHASSIS)),
    patch("chassis/{chassis}", "Changes a chassis", shown(&CHASSIS)).takes(&PATCH),
    delete("chassis/{chassis}", "Deletes a chassis", empty(204)),
    get("chassis/{chassis}/nodes", "Lists the nodes of a chassis", page("nodes", &NODE)),
    refused(Post, "chassis/{chassis}/nodes"),
    get(
        "chassis/{chassis}/nodes/detail",
        "Lists the nodes of a chassis with all fields",
        page("nodes", &NODE),
    ),
    refused(Get, "chassis/{chassis}/nodes/{node}"),
    refused(Patch, "chassis/{chassis}/nodes/{node}"),
    refused(Delete, "chassis/{chassis}/nodes/{node}"),
];
