//! Portgroups, also those of one node, and the ports in them.

use super::super::part::{Part, resource};
use super::super::row::{Row, created, delete, empty, get, page, patch, post, refused, shown};
use super::nodes::PATCH;
use super::ports::PORT;
use crate::rest::fields::portgroup::FIELDS;
use crate::rest::route::Method::{Delete, Get, Patch, Post};
use ferric_control::NewPortgroup;

static PORTGROUP: Part = Part::new("Portgroup", || resource(&FIELDS));
static NEW_PORTGROUP: Part = Part::new("NewPortgroup", || NewPortgroup::SHAPE.to_json_schema());

pub(super) const ROWS: &[Row] = &[
    get("portgroups", "Lists portgroups", page("portgroups", &PORTGROUP)),
    post("portgroups", "Creates a portgroup", created(&PORTGROUP)).takes(&NEW_PORTGROUP),
    refused(Patch, "portgroups"),
    refused(Delete, "portgroups"),
    get("portgroups/detail", "Lists portgroups with all fields", page("portgroups", &PORTGROUP)),
    get("portgroups/{portgroup}", "Shows a portgroup", shown(&PORTGROUP)),
    patch("portgroups/{portgroup}", "Changes a portgroup", shown(&PORTGROUP)).takes(&PATCH),
    delete("portgroups/{portgroup}", "Deletes a portgroup", empty(204)),
    get("portgroups/{portgroup}/ports", "Lists the ports of a portgroup", page("ports", &PORT)),
    refused(Post, "portgroups/{portgroup}/ports"),
    get(
        "portgroups/{portgroup}/ports/detail",
        "Lists the ports of a portgroup with all fields",
        page("ports", &PORT),
    ),
    refused(Get, "portgroups/{portgroup}/ports/{port}"),
    refused(Patch, "portgroups/{portgroup}/ports/{port}"),
    refused(Delete, "portgroups/{portgroup}/ports/{port}"),
    get("nodes/{node}/portgroups", "Lists the portgroups of a node", page("portgroups", &PORTGROUP)),
    refused(Post, "nodes/{node}/portgroups"),
    get(
        "nodes/{node}/portgroups/detail",
        "Lists the portgroups of a node with all fields",
        page("portgroups", &PORTGROUP),
    ),
    refused(Get, "nodes/{node}/portgroups/{portgroup}"),
    refused(Patch, "nodes/{node}/portgroups/{portgroup}"),
    refused(Delete, "nodes/{node}/portgroups/{portgroup}"),
];
