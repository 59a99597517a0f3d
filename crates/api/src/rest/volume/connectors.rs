//! Volume connectors.
//!
//! Source: `contract: rest-api` section 6.

use super::shown_fields;
use crate::rest::answer::Answer;
use crate::rest::args::{Arg, Kind};
use crate::rest::call::Call;
use crate::rest::error::Fault;
use crate::rest::fields::volume_connector::{FIELDS, SUMMARY, UNSORTABLE, VolumeConnectorView};
use crate::rest::fields::{check_names, put_resource, select};
use crate::rest::page::{Next, asked_fields, collection, page, python_bool};
use crate::rest::patch;
use crate::rest::route::Gate::Unsupported;
use crate::rest::route::{Route, route};
use ferric_control::NewVolumeConnector;
use ferric_model::volume::VolumeConnector;
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

/// The same for the connectors of one node.
static LIST_OF_NODE: &[Arg] = LIST.split_at(1).1;

static SHOW: [Arg; 1] = [Arg::new("fields", Kind::Words)];

pub(crate) static ROUTES: [Route; 6] = [
    route!(Get "volume/connectors" Unsupported(32), &LIST, Ignored, list),
    route!(Post "volume/connectors" Unsupported(32), &[], Document, post),
    route!(Get "volume/connectors/{connector}" Unsupported(32), &SHOW, Ignored, show),
    route!(Patch "volume/connectors/{connector}" Unsupported(32), &[], Document, update),
    route!(Delete "volume/connectors/{connector}" Unsupported(32), &[], Ignored, delete),
    route!(Get "nodes/{node}/volume/connectors" Unsupported(32), LIST_OF_NODE, Ignored, of_node),
];

/// What can be patched, in the order in which refusals list it.
const PATCHABLE: [&str; 4] = ["connector_id", "extra", "node_uuid", "type"];

async fn list(call: Call) -> Result<Answer, Fault> {
    let node = call.args.string("node");
    page_of(&call, "volume/connectors", node.as_deref()).await
}

async fn of_node(call: Call) -> Result<Answer, Fault> {
    let node = call.node_ident()?.to_owned();
    page_of(&call, &format!("nodes/{node}/volume/connectors"), Some(&node)).await
}

async fn page_of(call: &Call, path: &str, node: Option<&str>) -> Result<Answer, Fault> {
    let fields = shown_fields(call, &SUMMARY)?;
    check_names(&FIELDS, fields.as_deref())?;
    let page = page(call, &FIELDS, &UNSORTABLE, "id")?;
    let found = call.control().list_volume_connectors(&call.context, node, &page).await?;
    let views: Vec<VolumeConnectorView> = found.into_iter().map(|connector| view(call, connector)).collect();
    let mut params = Next::sorting(&page);
    params.extend(call.args.string("node").map(|node| ("node", node)));
    if let Some(detail) = call.args.bool("detail") {
        params.push(("detail", python_bool(detail).to_owned()));
    }
    let next = Next { base: &call.base, path, params, fields: fields.as_deref(), limit: page.limit };
    let selection = select(&FIELDS, call.version, fields.as_deref());
    let marker = |view: &VolumeConnectorView| view.connector.uuid.to_string();
    let write = |out: &mut Vec<u8>, view: &VolumeConnectorView| put_resource(out, view, &selection);
    Ok(Answer::ok(collection("connectors", &views, &next, marker, write)?))
}

async fn show(call: Call) -> Result<Answer, Fault> {
    let asked = asked_fields(&call.args, call.version, &FIELDS)?;
    let connector = call.control().get_volume_connector(&call.context, uuid(&call)?).await?;
    check_names(&FIELDS, asked.as_deref())?;
    Ok(Answer::ok(body(&call, connector, asked.as_deref())?))
}

async fn post(call: Call) -> Result<Answer, Fault> {
    let new = NewVolumeConnector::parse(&call.document)?;
    let connector = call.control().create_volume_connector(&call.context, &new).await?;
    let location = call.url(&format!("volume/connectors/{}", connector.uuid));
    Ok(Answer::created(location, body(&call, connector, None)?))
}

async fn update(call: Call) -> Result<Answer, Fault> {
    let operations = patch::read(&call.document, &PATCHABLE)?;
    let connector = call.control().update_volume_connector(&call.context, uuid(&call)?, &operations).await?;
    Ok(Answer::ok(body(&call, connector, None)?))
}

async fn delete(call: Call) -> Result<Answer, Fault> {
    call.control().delete_volume_connector(&call.context, uuid(&call)?).await?;
    Ok(Answer::no_content())
}

fn uuid(call: &Call) -> Result<Uuid, Fault> {
    call.uuid("connector", "connector_uuid")
}

fn view(call: &Call, connector: VolumeConnector) -> VolumeConnectorView {
    VolumeConnectorView { connector, base: call.base.clone() }
}

fn body(call: &Call, connector: VolumeConnector, asked: Option<&[String]>) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    put_resource(&mut out, &view(call, connector), &select(&FIELDS, call.version, asked))?;
    Ok(out)
}
