//! Ports, also those of one node.

use super::super::part::{Part, resource};
use super::super::row::{Row, created, delete, empty, get, page, patch, post, refused, shown};
use super::nodes::PATCH;
use crate::rest::fields::port::FIELDS;
use crate::rest::route::Method::{Delete, Get, Patch, Post};
use ferric_control::NewPort;

pub(super) static PORT: Part = Part::new("Port", || resource(&FIELDS));
static NEW_PORT: Part = Part::new("NewPort", || NewPort::SHAPE.to_json_schema());

pub(super) const ROWS: &[Row] = &[
    get("ports", "Lists ports", page("ports", &PORT)),
    post("ports", "Creates a port", created(&PORT)).takes(&NEW_PORT),
    refused(Patch, "ports"),
    refused(Delete, "ports"),
    get("ports/detail", "Lists ports with all fields", page("ports", &PORT)),
    get("ports/{port}", "Shows a port", shown(&PORT)),
    patch("ports/{port}", "Changes a port", shown(&PORT)).takes(&PATCH),
    delete("ports/{port}", "Deletes a port", empty(204)),
    get("nodes/{node}/ports", "Lists the ports of a node", page("ports", &PORT)),
    refused(Post, "nodes/{node}/ports"),
    get("nodes/{node}/ports/detail", "Lists the ports of a node with all fields", page("ports", &PORT)),
    refused(Get, "nodes/{node}/ports/{port}"),
    refused(Patch, "nodes/{node}/ports/{port}"),
    refused(Delete, "nodes/{node}/ports/{port}"),
];
