//! Inspection rules.

use super::super::part::{Part, resource};
use super::super::row::{Row, created, delete, empty, get, page, patch, post, shown};
use super::nodes::PATCH;
use crate::rest::fields::inspection_rule::FIELDS;

use ferric_control::NewInspectionRule;

static RULE: Part = Part::new("InspectionRule", || resource(&FIELDS));
static NEW_RULE: Part = Part::new("NewInspectionRule", || NewInspectionRule::SHAPE.to_json_schema());

pub(super) const ROWS: &[Row] = &[
    get("inspection_rules", "Lists inspection rules", page("inspection_rules", &RULE)),
    post("inspection_rules", "Creates an inspection rule", created(&RULE)).takes(&NEW_RULE),
    get("inspection_rules/{rule}", "Shows an inspection rule", shown(&RULE)),
    patch("inspection_rules/{rule}", "Changes an inspection rule", shown(&RULE)).takes(&PATCH),
    delete("inspection_rules/{rule}", "Deletes an inspection rule", empty(204)),
];
