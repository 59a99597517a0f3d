//! Volume connectors and targets.

use super::super::part::{Part, resource};
use super::super::row::{Row, created, delete, empty, get, page, patch, post, shown};
use super::nodes::PATCH;
use crate::rest::fields::{volume_connector, volume_target};
use ferric_control::{NewVolumeConnector, NewVolumeTarget};
use serde_json::json;

static PLACES: Part = Part::new("Volume", || {
    let links = json!({"type": "array", "items": {"type": "object"}});
    json!({"type": "object", "properties": {"links": links, "connectors": links, "targets": links}})
});
static CONNECTOR: Part = Part::new("VolumeConnector", || resource(&volume_connector::FIELDS));
static NEW_CONNECTOR: Part = Part::new("NewVolumeConnector", || NewVolumeConnector::SHAPE.to_json_schema());
static TARGET: Part = Part::new("VolumeTarget", || resource(&volume_target::FIELDS));
static NEW_TARGET: Part = Part::new("NewVolumeTarget", || NewVolumeTarget::SHAPE.to_json_schema());

pub(super) const ROWS: &[Row] = &[
    get("volume", "Shows where volume connectors and targets are found", shown(&PLACES)),
    get("nodes/{node}/volume", "Shows where those of a node are found", shown(&PLACES)),
    get("volume/connectors", "Lists volume connectors", page("connectors", &CONNECTOR)),
    post("volume/connectors", "Creates a volume connector", created(&CONNECTOR)).takes(&NEW_CONNECTOR),
    get("volume/connectors/{connector}", "Shows a volume connector", shown(&CONNECTOR)),
    patch("volume/connectors/{connector}", "Changes a volume connector", shown(&CONNECTOR)).takes(&PATCH),
    delete("volume/connectors/{connector}", "Deletes a volume connector", empty(204)),
    get(
        "nodes/{node}/volume/connectors",
        "Lists the volume connectors of a node",
        page("connectors", &CONNECTOR),
    ),
    get("volume/targets", "Lists volume targets", page("targets", &TARGET)),
    post("volume/targets", "Creates a volume target", created(&TARGET)).takes(&NEW_TARGET),
    get("volume/targets/{target}", "Shows a volume target", shown(&TARGET)),
    patch("volume/targets/{target}", "Changes a volume target", shown(&TARGET)).takes(&PATCH),
    delete("volume/targets/{target}", "Deletes a volume target", empty(204)),
    get("nodes/{node}/volume/targets", "Lists the volume targets of a node", page("targets", &TARGET)),
];
