//! Deploy templates.

use super::super::part::{Part, resource};
use super::super::row::{Row, created, delete, empty, get, page, patch, post, refused, shown};
use super::nodes::PATCH;
use crate::rest::fields::deploy_template::FIELDS;
use crate::rest::route::Method::{Delete, Patch};
use ferric_control::NewDeployTemplate;

static TEMPLATE: Part = Part::new("DeployTemplate", || resource(&FIELDS));
static NEW_TEMPLATE: Part = Part::new("NewDeployTemplate", || NewDeployTemplate::SHAPE.to_json_schema());

pub(super) const ROWS: &[Row] = &[
    get("deploy_templates", "Lists deploy templates", page("deploy_templates", &TEMPLATE)),
    post("deploy_templates", "Creates a deploy template", created(&TEMPLATE)).takes(&NEW_TEMPLATE),
    refused(Patch, "deploy_templates"),
    refused(Delete, "deploy_templates"),
    get("deploy_templates/{template}", "Shows a deploy template", shown(&TEMPLATE)),
    patch("deploy_templates/{template}", "Changes a deploy template", shown(&TEMPLATE)).takes(&PATCH),
    delete("deploy_templates/{template}", "Deletes a deploy template", empty(204)),
];
