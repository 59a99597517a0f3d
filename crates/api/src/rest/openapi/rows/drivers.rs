//! Hardware types.

use super::super::part::{Part, resource};
use super::super::row::{Row, get, page, shown};
use crate::rest::fields::driver::{FIELDS, names};
use crate::rest::fields::shapes::{TEXT_OR_NULL, TEXTS};
use crate::rest::microversion::Microversion;
use serde_json::json;

static DRIVER: Part = Part::new("Driver", || {
    let mut schema = resource(&FIELDS);
    for name in names(Microversion::NEWEST) {
        let properties = &mut schema["properties"];
        if properties.get(&name).is_none() {
            let shape = if name.starts_with("enabled_") { &TEXTS } else { &TEXT_OR_NULL };
            properties[&name] = shape.to_json_schema();
        }
    }
    schema
});

static PROPERTIES: Part =
    Part::new("DriverProperties", || json!({"type": "object", "additionalProperties": {"type": "string"}}));

pub(super) const ROWS: &[Row] = &[
    get("drivers", "Lists hardware types", page("drivers", &DRIVER)),
    get("drivers/{driver}", "Shows a hardware type", shown(&DRIVER)),
    get("drivers/{driver}/properties", "Says what driver_info may hold", shown(&PROPERTIES)),
    get(
        "drivers/{driver}/raid/logical_disk_properties",
        "Says what a logical disk may have",
        shown(&PROPERTIES),
    ),
];
