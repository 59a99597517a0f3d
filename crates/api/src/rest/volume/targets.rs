//! Volume targets.
//!
//! Source: `contract: rest-api` section 6.

use super::shown_fields;
use crate::rest::answer::Answer;
use crate::rest::args::{Arg, Kind};
use crate::rest::call::Call;
use crate::rest::error::Fault;
use crate::rest::fields::volume_target::{FIELDS, SUMMARY, UNSORTABLE, VolumeTargetView};
use crate::rest::fields::{check_names, put_resource, select};
use crate::rest::page::{Next, asked_fields, collection, page, python_bool};
use crate::rest::patch;
use crate::rest::route::Gate::Unsupported;
use crate::rest::route::{Route, route};
use ferric_control::{NewVolumeTarget, Rule, Target};
use ferric_model::volume::VolumeTarget;
use uuid::Uuid;

static LIST: [Arg; 7] = [
    Arg::new("node", Kind::Ident),
    Arg::new("marker", Kind::Uuid),
    Arg::new("limit", Kind::Integer),
    Arg::new("sort_key", Kind::Text),
    Arg::new("sort_dir", Kind::Text),
    Arg::new("fields", Kind::Words),
    Arg::new("detail", Kind::Bool),
];

/// The same for the targets of one node.
static LIST_OF_NODE: &[Arg] = LIST.split_at(1).1;

static SHOW: [Arg; 1] = [Arg::new("fields", Kind::Words)];

pub(crate) static ROUTES: [Route; 6] = [
    route!(Get "volume/targets" Unsupported(32), &LIST, Ignored, list),
    route!(Post "volume/targets" Unsupported(32), &[], Document, post),
    route!(Get "volume/targets/{target}" Unsupported(32), &SHOW, Ignored, show),
    route!(Patch "volume/targets/{target}" Unsupported(32), &[], Document, update),
    route!(Delete "volume/targets/{target}" Unsupported(32), &[], Ignored, delete),
    route!(Get "nodes/{node}/volume/targets" Unsupported(32), LIST_OF_NODE, Ignored, of_node),
];

/// What can be patched, in the order in which refusals list it.
const PATCHABLE: [&str; 6] = ["boot_index", "extra", "node_uuid", "properties", "volume_id", "volume_type"];

async fn list(call: Call) -> Result<Answer, Fault> {
    let node = call.args.string("node");
    page_of(&call, "volume/targets", node.as_deref()).await
}

async fn of_node(call: Call) -> Result<Answer, Fault> {
    let node = call.node_ident()?.to_owned();
    page_of(&call, &format!("nodes/{node}/volume/targets"), Some(&node)).await
}

async fn page_of(call: &Call, path: &str, node: Option<&str>) -> Result<Answer, Fault> {
    let fields = shown_fields(call, &SUMMARY)?;
    check_names(&FIELDS, fields.as_deref())?;
    let page = page(call, &FIELDS, &UNSORTABLE, "id")?;
    let found = call.control().list_volume_targets(&call.context, node, &page).await?;
    let views: Vec<VolumeTargetView> = found.into_iter().map(|target| view(call, target)).collect();
    let mut params = Next::sorting(&page);
    params.extend(call.args.string("node").map(|node| ("node", node)));
    if let Some(detail) = call.args.bool("detail") {
        params.push(("detail", python_bool(detail).to_owned()));
    }
    let next = Next { base: &call.base, path, params, fields: fields.as_deref(), limit: page.limit };
    let selection = select(&FIELDS, call.version, fields.as_deref());
    let marker = |view: &VolumeTargetView| view.target.uuid.to_string();
    let write = |out: &mut Vec<u8>, view: &VolumeTargetView| put_resource(out, view, &selection);
    Ok(Answer::ok(collection("targets", &views, &next, marker, write)?))
}

async fn show(call: Call) -> Result<Answer, Fault> {
    let asked = asked_fields(&call.args, call.version, &FIELDS)?;
    let target = call.control().get_volume_target(&call.context, uuid(&call)?).await?;
    check_names(&FIELDS, asked.as_deref())?;
    Ok(Answer::ok(body(&call, target, asked.as_deref())?))
}

async fn post(call: Call) -> Result<Answer, Fault> {
    let new = NewVolumeTarget::parse(&call.document)?;
    let target = call.control().create_volume_target(&call.context, &new).await?;
    let location = call.url(&format!("volume/targets/{}", target.uuid));
    Ok(Answer::created(location, body(&call, target, None)?))
}

async fn update(call: Call) -> Result<Answer, Fault> {
    let operations = patch::read(&call.document, &PATCHABLE)?;
    let target = call.control().update_volume_target(&call.context, uuid(&call)?, &operations).await?;
    Ok(Answer::ok(body(&call, target, None)?))
}

async fn delete(call: Call) -> Result<Answer, Fault> {
    call.control().delete_volume_target(&call.context, uuid(&call)?).await?;
    Ok(Answer::no_content())
}

fn uuid(call: &Call) -> Result<Uuid, Fault> {
    call.uuid("target", "target_uuid")
}

fn view(call: &Call, target: VolumeTarget) -> VolumeTargetView {
    VolumeTargetView {
        target,
        shows_properties: call.control().allows(
            &call.context,
            Rule::VolumeViewTargetProperties,
            Target::NONE,
        ),
        base: call.base.clone(),
    }
}

fn body(call: &Call, target: VolumeTarget, asked: Option<&[String]>) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    put_resource(&mut out, &view(call, target), &select(&FIELDS, call.version, asked))?;
    Ok(out)
}
