//! Portgroups.

use super::answer::Answer;
use super::args::{Arg, Args, Kind};
use super::call::Call;
use super::error::Fault;
use super::fields::portgroup::{FIELDS, PortgroupView, SUMMARY, UNSORTABLE};
use super::fields::{check_listed, put_resource, select};
use super::page::{Next, asked_fields, collection, list_fields, page, python_bool};
use super::route::Gate::{NoRoute, Unsupported};
use super::route::{Route, route};
use super::{nodes, patch, ports};
use ferric_control::{NewPortgroup, NodeIdent, OfNodes, PortgroupFilter, UpdatePortgroup};
use ferric_model::portgroup::Portgroup;
use serde_json::Value;

/// Filters and paging of portgroup lists, in the order in which they are checked.
pub(crate) static LIST: [Arg; 10] = [
    Arg::new("node", Kind::Ident),
    Arg::new("address", Kind::Mac),
    Arg::new("marker", Kind::Uuid),
    Arg::new("limit", Kind::Integer),
    Arg::new("sort_key", Kind::Text),
    Arg::new("sort_dir", Kind::Text),
    Arg::new("shard", Kind::Words),
    Arg::new("conductor_groups", Kind::Words),
    Arg::new("fields", Kind::Words),
    Arg::new("detail", Kind::Bool),
];

/// The same without the choice of fields.
pub(crate) static DETAIL: &[Arg] = LIST.split_at(8).0;

static SHOW: [Arg; 1] = [Arg::new("fields", Kind::Words)];

pub(crate) static ROUTES: [Route; 14] = [
    route!(Get "portgroups" Unsupported(23), &LIST, Ignored, summary),
    route!(Post "portgroups" Unsupported(23), &[], Document, post),
    route!(Patch "portgroups" Unsupported(23), &[], Ignored, no_ident),
    route!(Delete "portgroups" Unsupported(23), &[], Ignored, no_ident),
    route!(Get "portgroups/detail" Unsupported(23), DETAIL, Ignored, detail),
    route!(Get "portgroups/{portgroup}" Unsupported(23), &SHOW, Ignored, show),
    route!(Patch "portgroups/{portgroup}" Unsupported(23), &[], Document, update),
    route!(Delete "portgroups/{portgroup}" Unsupported(23), &[], Ignored, delete),
    route!(Get "portgroups/{portgroup}/ports" NoRoute(24), &ports::LIST, Ignored, ports::of_portgroup),
    route!(Post "portgroups/{portgroup}/ports" NoRoute(24), &[], Ignored, nodes::malformed),
    route!(Get "portgroups/{portgroup}/ports/detail" NoRoute(24), ports::DETAIL, Ignored, ports::of_portgroup_in_detail),
    route!(Get "portgroups/{portgroup}/ports/{port}" NoRoute(24), &[], Ignored, nodes::malformed),
    route!(Patch "portgroups/{portgroup}/ports/{port}" NoRoute(24), &[], Ignored, nodes::malformed),
    route!(Delete "portgroups/{portgroup}/ports/{port}" NoRoute(24), &[], Ignored, nodes::malformed),
];

/// What can be patched, in the order in which refusals list it.
const PATCHABLE: [&str; 9] = [
    "address",
    "extra",
    "mode",
    "name",
    "node_uuid",
    "properties",
    "standalone_ports_supported",
    "physical_network",
    "category",
];

/// What portgroups did not have in their first microversions; later fields were never refused.
const SINCE_26: [&str; 2] = ["mode", "properties"];

/// Filters of which a list has one at most.
const EXCLUSIVE: [&str; 3] = ["address", "shard", "conductor_groups"];

/// Filters that links to the next page repeat as they were given.
const REPEATED: [&str; 4] = ["node", "address", "shard", "conductor_groups"];

/// Which portgroups a request is about.
struct Place<'a> {
    path: &'a str,
    /// The node that the path or the filter names.
    node: Option<&'a str>,
}

async fn summary(call: Call) -> Result<Answer, Fault> {
    let place = Place { path: "portgroups", node: call.args.text("node") };
    listed(&call, place).await
}

async fn detail(call: Call) -> Result<Answer, Fault> {
    let place = Place { path: "portgroups/detail", node: call.args.text("node") };
    list(&call, place, None).await
}

/// `GET nodes/{node}/portgroups`
pub(crate) async fn of_node(call: Call) -> Result<Answer, Fault> {
    let node = call.node_ident()?;
    let path = format!("nodes/{node}/portgroups");
    listed(&call, Place { path: &path, node: Some(node) }).await
}

/// `GET nodes/{node}/portgroups/detail`
pub(crate) async fn of_node_in_detail(call: Call) -> Result<Answer, Fault> {
    let node = call.node_ident()?;
    let path = format!("nodes/{node}/portgroups/detail");
    list(&call, Place { path: &path, node: Some(node) }, None).await
}

async fn listed(call: &Call, place: Place<'_>) -> Result<Answer, Fault> {
    check_listed(&FIELDS, &call.args)?;
    let fields = list_fields(call, &FIELDS, &SUMMARY)?;
    list(call, place, fields).await
}

async fn list(call: &Call, place: Place<'_>, fields: Option<Vec<String>>) -> Result<Answer, Fault> {
    let filter = filter(call, place.node)?;
    let page = page(call, &FIELDS, &UNSORTABLE, "id")?;
    let found = call.control().list_portgroups(&call.context, filter, &page).await?;
    let views: Vec<PortgroupView> = found.into_iter().map(|portgroup| view(call, portgroup)).collect();
    let mut params = Next::sorting(&page);
    params.extend(repeated(&call.args));
    if let Some(detail) = call.args.bool("detail") {
        params.push(("detail", python_bool(detail).to_owned()));
    }
    let next =
        Next { base: &call.base, path: place.path, params, fields: fields.as_deref(), limit: page.limit };
    let selection = select(&FIELDS, call.version, fields.as_deref());
    let marker = |view: &PortgroupView| view.portgroup.uuid.to_string();
    let body =
        collection("portgroups", &views, &next, marker, |out, view| put_resource(out, view, &selection))?;
    Ok(Answer::ok(body))
}

fn repeated(args: &Args) -> impl Iterator<Item = (&'static str, String)> + '_ {
    REPEATED.into_iter().filter_map(|name| {
        let value = args.string(name).or_else(|| args.words(name).map(|words| words.join(",")));
        value.map(|value| (name, value))
    })
}

fn filter(call: &Call, node: Option<&str>) -> Result<PortgroupFilter, Fault> {
    let args = &call.args;
    if args.get("shard").is_some() && !call.speaks(106) {
        return Err(Fault::too_new_since(106));
    }
    // A list of no words is no filter.
    let words = |name: &str| args.words(name).filter(|words| !words.is_empty());
    let given = |name: &&str| args.text(name).is_some() || words(name).is_some();
    if usize::from(node.is_some()) + EXCLUSIVE.iter().filter(|name| given(name)).count() > 1 {
        let text = "Filtering by node, address, or shard simultaneously is not supported.";
        return Err(Fault::invalid(text));
    }
    Ok(PortgroupFilter {
        of: OfNodes {
            node: node.map(NodeIdent::read),
            conductor_groups: words("conductor_groups"),
            shards: words("shard"),
            project: None,
        },
        address: args.string("address"),
    })
}

async fn show(call: Call) -> Result<Answer, Fault> {
    check_listed(&FIELDS, &call.args)?;
    let asked = asked_fields(&call.args, call.version, &FIELDS)?;
    let portgroup = call.control().get_portgroup(&call.context, call.param("portgroup")).await?;
    Ok(Answer::ok(body(&call, portgroup, asked.as_deref())?))
}

async fn post(call: Call) -> Result<Answer, Fault> {
    let new = NewPortgroup::parse(&call.document)?;
    if !call.speaks(26) && SINCE_26.iter().any(|field| !is_empty(new.get(field))) {
        return Err(Fault::too_new());
    }
    let portgroup = call.control().create_portgroup(&call.context, &new).await?;
    let location = call.url(&format!("portgroups/{}", portgroup.uuid));
    Ok(Answer::created(location, body(&call, portgroup, None)?))
}

/// Whether a value says nothing.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

async fn update(call: Call) -> Result<Answer, Fault> {
    let operations = patch::read(&call.document, &PATCHABLE)?;
    if !call.speaks(26) && operations.iter().any(|one| SINCE_26.contains(&one.root())) {
        return Err(Fault::too_new());
    }
    let update = UpdatePortgroup { operations, refuse_while_inspecting: call.speaks(39) };
    let portgroup = call.control().update_portgroup(&call.context, call.param("portgroup"), &update).await?;
    Ok(Answer::ok(body(&call, portgroup, None)?))
}

async fn delete(call: Call) -> Result<Answer, Fault> {
    call.control().delete_portgroup(&call.context, call.param("portgroup")).await?;
    Ok(Answer::no_content())
}

async fn no_ident(_: Call) -> Result<Answer, Fault> {
    Err(Fault::invalid("Missing mandatory parameter: portgroup_ident"))
}

fn view(call: &Call, portgroup: Portgroup) -> PortgroupView {
    PortgroupView { portgroup, base: call.base.clone() }
}

fn body(call: &Call, portgroup: Portgroup, asked: Option<&[String]>) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    put_resource(&mut out, &view(call, portgroup), &select(&FIELDS, call.version, asked))?;
    Ok(out)
}
