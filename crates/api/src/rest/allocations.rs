//! Allocations.
//!
//! Source: `contract: rest-api` section 7.

use super::answer::Answer;
use super::args::{Arg, Kind};
use super::call::Call;
use super::error::Fault;
use super::fields::allocation::{AllocationView, FIELDS, UNSORTABLE};
use super::fields::{check_names, put_resource, select};
use super::page::{Next, asked_fields, collection, page};
use super::patch;
use super::route::{Gate, Route, route};
use ferric_control::{AllocationFilter, ControlError, NewAllocation, Rule};
use ferric_model::allocation::Allocation;

static LIST: [Arg; 9] = [
    Arg::new("node", Kind::Ident),
    Arg::new("resource_class", Kind::Text),
    Arg::new("state", Kind::Text),
    Arg::new("marker", Kind::Uuid),
    Arg::new("limit", Kind::Integer),
    Arg::new("sort_key", Kind::Text),
    Arg::new("sort_dir", Kind::Text),
    Arg::new("fields", Kind::Words),
    Arg::new("owner", Kind::Text),
];

/// Arguments of what shows one allocation.
pub(crate) static SHOW: [Arg; 1] = [Arg::new("fields", Kind::Words)];

const GATE: Gate = Gate::Late(52, "The API version does not allow allocations");
const UPDATE: Gate = Gate::Late(57, "The API version does not allow updating allocations");

pub(crate) static ROUTES: [Route; 7] = [
    route!(Get "allocations" GATE, &LIST, Ignored, list),
    route!(Post "allocations" GATE, &[], Document, post),
    route!(Patch "allocations" UPDATE, &[], Ignored, no_ident),
    route!(Delete "allocations" GATE, &[], Ignored, no_ident),
    route!(Get "allocations/{allocation}" GATE, &SHOW, Ignored, show),
    route!(Patch "allocations/{allocation}" UPDATE, &[], Document, update),
    route!(Delete "allocations/{allocation}" GATE, &[], Ignored, delete),
];

/// What can be patched, in the order in which refusals list it.
const PATCHABLE: [&str; 2] = ["name", "extra"];

/// Filters that links to the next page repeat as they were given.
const REPEATED: [&str; 4] = ["node", "resource_class", "state", "owner"];

/// Since when allocations have owners.
const OWNER: u16 = 60;

/// Since when a node can be named that has its instance already.
const BACKFILL: u16 = 58;

async fn list(call: Call) -> Result<Answer, Fault> {
    let fields = asked_fields(&call.args, call.version, &FIELDS)?;
    check_names(&FIELDS, fields.as_deref())?;
    if call.args.get("owner").is_some() && !call.speaks(OWNER) {
        return Err(Fault::too_new());
    }
    let page = page(&call, &FIELDS, &UNSORTABLE, "id")?;
    let node_uuid = match call.args.text("node") {
        Some(ident) => Some(node_named(&call, ident).await?),
        None => None,
    };
    let filter = AllocationFilter {
        node_uuid,
        resource_class: call.args.string("resource_class"),
        state: call.args.string("state"),
        owner: call.args.string("owner"),
    };
    let found = call.control().list_allocations(&call.context, filter, &page).await?;
    let views: Vec<AllocationView> = found.into_iter().map(|allocation| view(&call, allocation)).collect();
    let mut params = Next::sorting(&page);
    params.extend(REPEATED.into_iter().filter_map(|name| call.args.string(name).map(|value| (name, value))));
    let path = "allocations";
    let next = Next { base: &call.base, path, params, fields: fields.as_deref(), limit: page.limit };
    let selection = select(&FIELDS, call.version, fields.as_deref());
    let marker = |view: &AllocationView| view.allocation.uuid.to_string();
    let write = |out: &mut Vec<u8>, view: &AllocationView| put_resource(out, view, &selection);
    Ok(Answer::ok(collection("allocations", &views, &next, marker, write)?))
}

/// The node of a filter; one that is not there is a mistake in the request.
async fn node_named(call: &Call, ident: &str) -> Result<uuid::Uuid, Fault> {
    match call.control().node_for(&call.context, ident, Rule::NodeGet).await {
        Ok(node) => Ok(node.uuid),
        Err(error @ ControlError::NotFound(_)) => Err(Fault { status: 400, ..error.into() }),
        Err(error) => Err(error.into()),
    }
}

async fn show(call: Call) -> Result<Answer, Fault> {
    let allocation = call.control().get_allocation(&call.context, &ident(&call).await?).await?;
    Ok(Answer::ok(body_as_asked(&call, allocation)?))
}

async fn post(call: Call) -> Result<Answer, Fault> {
    let new = NewAllocation::parse(&call.document, call.speaks(BACKFILL))?;
    if call.document.get("owner").is_some() && !call.speaks(OWNER) {
        return Err(Fault::too_new());
    }
    let allocation = call.control().create_allocation(&call.context, &new).await?;
    let location = call.url(&format!("allocations/{}", allocation.uuid));
    Ok(Answer::created(location, body(&call, allocation, None)?))
}

async fn update(call: Call) -> Result<Answer, Fault> {
    let operations = patch::read(&call.document, &PATCHABLE)?;
    let ident = ident(&call).await?;
    let allocation = call.control().update_allocation(&call.context, &ident, &operations).await?;
    Ok(Answer::ok(body(&call, allocation, None)?))
}

async fn delete(call: Call) -> Result<Answer, Fault> {
    call.control().delete_allocation(&call.context, &ident(&call).await?).await?;
    Ok(Answer::no_content())
}

async fn no_ident(_: Call) -> Result<Answer, Fault> {
    Err(Fault::invalid("Missing mandatory parameter: allocation_ident"))
}

/// The allocation that the path names, with the `.json` back that was cut off if only that name exists.
async fn ident(call: &Call) -> Result<String, Fault> {
    let ident = call.param("allocation");
    Kind::Ident.read("allocation_ident", &ident.into())?;
    if !call.json_suffix {
        return Ok(ident.to_owned());
    }
    match call.control().get_allocation(&call.context, ident).await {
        Ok(_) => Ok(ident.to_owned()),
        Err(ControlError::NotFound(_)) => Ok(format!("{ident}.json")),
        Err(error) => Err(error.into()),
    }
}

fn view(call: &Call, allocation: Allocation) -> AllocationView {
    AllocationView { allocation, base: call.base.clone() }
}

/// An allocation with the fields that the request asks for.
pub(crate) fn body_as_asked(call: &Call, allocation: Allocation) -> Result<Vec<u8>, Fault> {
    let asked = asked_fields(&call.args, call.version, &FIELDS)?;
    check_names(&FIELDS, asked.as_deref())?;
    body(call, allocation, asked.as_deref())
}

fn body(call: &Call, allocation: Allocation, asked: Option<&[String]>) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    put_resource(&mut out, &view(call, allocation), &select(&FIELDS, call.version, asked))?;
    Ok(out)
}
