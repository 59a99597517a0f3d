//! Chassis.

use super::answer::Answer;
use super::args::{Arg, Kind};
use super::call::Call;
use super::error::Fault;
use super::fields::chassis::{ChassisView, FIELDS, SUMMARY, UNSORTABLE};
use super::fields::{check_listed, put_resource, select};
use super::nodes;
use super::page::{Next, asked_fields, collection, list_fields, page, python_bool};
use super::patch;
use super::route::Gate::Open;
use super::route::{Route, route};
use ferric_control::NewChassis;
use ferric_model::chassis::Chassis;
use serde_json::json;
use uuid::Uuid;

static LIST: [Arg; 6] = [
    Arg::new("marker", Kind::Uuid),
    Arg::new("limit", Kind::Integer),
    Arg::new("sort_key", Kind::Text),
    Arg::new("sort_dir", Kind::Text),
    Arg::new("fields", Kind::Words),
    Arg::new("detail", Kind::Bool),
];

/// The same without the choice of fields.
static DETAIL: &[Arg] = LIST.split_at(4).0;

static SHOW: [Arg; 1] = [Arg::new("fields", Kind::Words)];

pub(crate) static ROUTES: [Route; 15] = [
    route!(Get "chassis" Open, &LIST, Ignored, summary),
    route!(Post "chassis" Open, &[], Document, post),
    route!(Patch "chassis" Open, &[], Ignored, no_uuid),
    route!(Delete "chassis" Open, &[], Ignored, no_uuid),
    route!(Get "chassis/detail" Open, DETAIL, Ignored, detail),
    route!(Get "chassis/nodes" Open, &[], Ignored, nodes_of_none),
    route!(Get "chassis/{chassis}" Open, &SHOW, Ignored, show),
    route!(Patch "chassis/{chassis}" Open, &[], Document, update),
    route!(Delete "chassis/{chassis}" Open, &[], Ignored, delete),
    route!(Get "chassis/{chassis}/nodes" Open, nodes::LIST_OF_CHASSIS, Ignored, nodes::of_chassis),
    route!(Post "chassis/{chassis}/nodes" Open, &[], Ignored, nodes::malformed),
    route!(Get "chassis/{chassis}/nodes/detail" Open, nodes::DETAIL_OF_CHASSIS, Ignored, nodes::of_chassis_in_detail),
    route!(Get "chassis/{chassis}/nodes/{node}" Open, &[], Ignored, nodes::malformed),
    route!(Patch "chassis/{chassis}/nodes/{node}" Open, &[], Ignored, nodes::malformed),
    route!(Delete "chassis/{chassis}/nodes/{node}" Open, &[], Ignored, nodes::malformed),
];

/// What can be patched, in the order in which refusals list it.
const PATCHABLE: [&str; 3] = ["uuid", "extra", "description"];

async fn summary(call: Call) -> Result<Answer, Fault> {
    check_listed(&FIELDS, &call.args)?;
    let fields = list_fields(&call, &FIELDS, &SUMMARY)?;
    list(&call, "chassis", fields).await
}

async fn detail(call: Call) -> Result<Answer, Fault> {
    list(&call, "chassis/detail", None).await
}

async fn list(call: &Call, path: &str, fields: Option<Vec<String>>) -> Result<Answer, Fault> {
    let page = page(call, &FIELDS, &UNSORTABLE, "id")?;
    let found = call.control().list_chassis(&call.context, &page).await?;
    let views: Vec<ChassisView> = found.into_iter().map(|chassis| view(call, chassis)).collect();
    let mut params = Next::sorting(&page);
    if let Some(detail) = call.args.bool("detail") {
        params.push(("detail", python_bool(detail).to_owned()));
    }
    let next = Next { base: &call.base, path, params, fields: fields.as_deref(), limit: page.limit };
    let selection = select(&FIELDS, call.version, fields.as_deref());
    let marker = |view: &ChassisView| view.chassis.uuid.to_string();
    let body = collection("chassis", &views, &next, marker, |out, view| put_resource(out, view, &selection))?;
    Ok(Answer::ok(body))
}

async fn show(call: Call) -> Result<Answer, Fault> {
    check_listed(&FIELDS, &call.args)?;
    let asked = asked_fields(&call.args, call.version, &FIELDS)?;
    let chassis = call.control().get_chassis(&call.context, uuid(&call)?).await?;
    Ok(Answer::ok(body(&call, chassis, asked.as_deref())?))
}

async fn post(call: Call) -> Result<Answer, Fault> {
    // Every field may be left out, and so may the document.
    let new = if call.document.is_null() { json!({}) } else { call.document.clone() };
    let new = NewChassis::parse(&new)?;
    let chassis = call.control().create_chassis(&call.context, &new).await?;
    let location = call.url(&format!("chassis/{}", chassis.uuid));
    Ok(Answer::created(location, body(&call, chassis, None)?))
}

async fn update(call: Call) -> Result<Answer, Fault> {
    let operations = patch::read(&call.document, &PATCHABLE)?;
    let chassis = call.control().update_chassis(&call.context, uuid(&call)?, &operations).await?;
    Ok(Answer::ok(body(&call, chassis, None)?))
}

async fn delete(call: Call) -> Result<Answer, Fault> {
    call.control().delete_chassis(&call.context, uuid(&call)?).await?;
    Ok(Answer::no_content())
}

async fn no_uuid(_: Call) -> Result<Answer, Fault> {
    Err(Fault::invalid("Missing mandatory parameter: chassis_uuid"))
}

async fn nodes_of_none(_: Call) -> Result<Answer, Fault> {
    Err(Fault::invalid("Chassis id not specified."))
}

/// The chassis that the path names.
pub(crate) fn uuid(call: &Call) -> Result<Uuid, Fault> {
    call.uuid("chassis", "chassis_uuid")
}

fn view(call: &Call, chassis: Chassis) -> ChassisView {
    ChassisView { chassis, base: call.base.clone() }
}

fn body(call: &Call, chassis: Chassis, asked: Option<&[String]>) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    put_resource(&mut out, &view(call, chassis), &select(&FIELDS, call.version, asked))?;
    Ok(out)
}
