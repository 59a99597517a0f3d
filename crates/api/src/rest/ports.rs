//! Ports.

use super::answer::Answer;
use super::args::{Arg, Args, Kind};
use super::call::Call;
use super::error::Fault;
use super::fields::port::{FIELDS, PortView, SUMMARY, UNSORTABLE};
use super::fields::{check_names, put_resource, select};
use super::page::{Next, asked_fields, collection, list_fields, page, python_bool};
use super::patch;
use super::route::Gate::Open;
use super::route::{Route, route};
use ferric_control::{ControlError, Ident, NewPort, NodeIdent, OfNodes, PortFilter, UpdatePort};
use ferric_model::port::Port;
use serde_json::Value;
use uuid::Uuid;

/// Filters and paging of port lists, in the order in which they are checked.
pub(crate) static LIST: [Arg; 13] = [
    Arg::new("node", Kind::Ident),
    Arg::new("node_uuid", Kind::Uuid),
    Arg::new("address", Kind::Mac),
    Arg::new("marker", Kind::Uuid),
    Arg::new("limit", Kind::Integer),
    Arg::new("sort_key", Kind::Text),
    Arg::new("sort_dir", Kind::Text),
    Arg::new("portgroup", Kind::Ident),
    Arg::new("shard", Kind::Words),
    Arg::new("description_contains", Kind::Text),
    Arg::new("conductor_groups", Kind::Words),
    Arg::new("fields", Kind::Words),
    Arg::new("detail", Kind::Bool),
];

/// The same without the choice of fields.
pub(crate) static DETAIL: &[Arg] = LIST.split_at(11).0;

static SHOW: [Arg; 1] = [Arg::new("fields", Kind::Words)];

pub(crate) static ROUTES: [Route; 8] = [
    route!(Get "ports" Open, &LIST, Ignored, summary),
    route!(Post "ports" Open, &[], Document, post),
    route!(Patch "ports" Open, &[], Ignored, no_ident),
    route!(Delete "ports" Open, &[], Ignored, no_uuid),
    route!(Get "ports/detail" Open, DETAIL, Ignored, detail),
    route!(Get "ports/{port}" Open, &SHOW, Ignored, show),
    route!(Patch "ports/{port}" Open, &[], Document, update),
    route!(Delete "ports/{port}" Open, &[], Ignored, delete),
];

/// What can be patched, in the order in which refusals list it.
const PATCHABLE: [&str; 14] = [
    "address",
    "extra",
    "is_smartnic",
    "local_link_connection",
    "node_ident",
    "node_uuid",
    "physical_network",
    "portgroup_uuid",
    "pxe_enabled",
    "name",
    "description",
    "vendor",
    "category",
    "available_for_dynamic_portgroup",
];

/// Which ports a request is about.
struct Place<'a> {
    path: String,
    /// The node that the path or the filter names.
    node: Option<&'a str>,
    /// The portgroup that the path or the filter names.
    portgroup: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// What the filters say.
    fn of_query(call: &'a Call, path: &str) -> Self {
        let args = &call.args;
        Self {
            path: path.to_owned(),
            node: args.text("node_uuid").or(args.text("node")),
            portgroup: args.text("portgroup"),
        }
    }
}

/// Filters that links to the next page repeat as they were given.
const REPEATED: [&str; 7] =
    ["node", "node_uuid", "address", "portgroup", "shard", "description_contains", "conductor_groups"];

async fn summary(call: Call) -> Result<Answer, Fault> {
    let fields = list_fields(&call, &FIELDS, &SUMMARY)?;
    list(&call, &Place::of_query(&call, "ports"), fields).await
}

async fn detail(call: Call) -> Result<Answer, Fault> {
    list(&call, &Place::of_query(&call, "ports/detail"), None).await
}

/// `GET nodes/{node}/ports`
pub(crate) async fn of_node(call: Call) -> Result<Answer, Fault> {
    let fields = list_fields(&call, &FIELDS, &SUMMARY)?;
    let node = call.node_ident()?;
    let place = Place { path: format!("nodes/{node}/ports"), node: Some(node), ..Place::of_query(&call, "") };
    list(&call, &place, fields).await
}

/// `GET nodes/{node}/ports/detail`
pub(crate) async fn of_node_in_detail(call: Call) -> Result<Answer, Fault> {
    let node = call.node_ident()?;
    let path = format!("nodes/{node}/ports/detail");
    list(&call, &Place { path, node: Some(node), ..Place::of_query(&call, "") }, None).await
}

/// `GET portgroups/{portgroup}/ports`
pub(crate) async fn of_portgroup(call: Call) -> Result<Answer, Fault> {
    let fields = list_fields(&call, &FIELDS, &SUMMARY)?;
    let portgroup = call.param("portgroup");
    let path = format!("portgroups/{portgroup}/ports");
    let place = Place { path, portgroup: Some(portgroup), ..Place::of_query(&call, "") };
    list(&call, &place, fields).await
}

/// `GET portgroups/{portgroup}/ports/detail`
pub(crate) async fn of_portgroup_in_detail(call: Call) -> Result<Answer, Fault> {
    let portgroup = call.param("portgroup");
    let path = format!("portgroups/{portgroup}/ports/detail");
    let place = Place { path, portgroup: Some(portgroup), ..Place::of_query(&call, "") };
    list(&call, &place, None).await
}

async fn list(call: &Call, place: &Place<'_>, fields: Option<Vec<String>>) -> Result<Answer, Fault> {
    check_names(&FIELDS, fields.as_deref())?;
    let page = page(call, &FIELDS, &UNSORTABLE, "id")?;
    let filter = filter(call, place)?;
    let ports = call.control().list_ports(&call.context, filter, &page).await?;
    let views: Vec<PortView> = ports.into_iter().map(|port| view(call, port)).collect();
    let mut params = Next::sorting(&page);
    params.extend(repeated(&call.args));
    if let Some(detail) = call.args.bool("detail") {
        params.push(("detail", python_bool(detail).to_owned()));
    }
    let path = place.path.as_str();
    let next = Next { base: &call.base, path, params, fields: fields.as_deref(), limit: page.limit };
    let selection = select(&FIELDS, call.version, fields.as_deref());
    let marker = |view: &PortView| view.port.uuid.to_string();
    let body = collection("ports", &views, &next, marker, |out, view| put_resource(out, view, &selection))?;
    Ok(Answer::ok(body))
}

fn repeated(args: &Args) -> impl Iterator<Item = (&'static str, String)> + '_ {
    REPEATED.into_iter().filter_map(|name| {
        let value = args.string(name).or_else(|| args.words(name).map(|words| words.join(",")));
        value.map(|value| (name, value))
    })
}

fn filter(call: &Call, place: &Place<'_>) -> Result<PortFilter, Fault> {
    let args = &call.args;
    let (node, portgroup) = (place.node, place.portgroup);
    if portgroup.is_some() && !call.speaks(24) {
        return Err(Fault::too_new());
    }
    if args.get("shard").is_some() && !call.speaks(82) {
        return Err(Fault::too_new_since(82));
    }
    if let Some(ident) = node
        && !call.speaks(5)
        && Uuid::try_parse(ident).is_err()
    {
        return Err(Fault::too_new());
    }
    let given = |name: &str| args.get(name).is_some();
    let exclusive = [node.is_some(), portgroup.is_some(), given("shard")];
    if exclusive.into_iter().filter(|given| *given).count() > 1 {
        return Err(Fault::forbidden("Operation not permitted."));
    }
    if given("conductor_groups") && (node.is_some() || portgroup.is_some() || given("address")) {
        return Err(Fault::invalid(
            "Filtering by conductor_groups cannot be combined with node_ident, portgroup_ident, or node address filters.",
        ));
    }
    Ok(PortFilter {
        of: OfNodes {
            node: node.map(NodeIdent::read),
            conductor_groups: args.words("conductor_groups"),
            shards: args.words("shard"),
            project: None,
        },
        node_uuids: None,
        addresses: args.string("address").map(|address| vec![address]),
        portgroup: portgroup.map(Ident::read),
        description_contains: args.string("description_contains"),
    })
}

async fn show(call: Call) -> Result<Answer, Fault> {
    let ident = ident(&call)?;
    let port = call.control().get_port(&call.context, ident).await?;
    let asked = asked_fields(&call.args, call.version, &FIELDS)?;
    check_names(&FIELDS, asked.as_deref())?;
    Ok(Answer::ok(body(&call, port, asked.as_deref())?))
}

async fn post(call: Call) -> Result<Answer, Fault> {
    let new = NewPort::parse(&call.document)?;
    if !new.get("node_ident").is_null() && !call.speaks(94) {
        return Err(Fault::too_new());
    }
    call.check_node_ident(new.node_ident()).map_err(|fault| Fault { status: 400, ..fault })?;
    let newer = FIELDS.iter().any(|field| field.since > call.version.0 && !new.get(field.name).is_null());
    if newer || knows_too_much(&call, new.get("local_link_connection")) {
        return Err(Fault::too_new());
    }
    let port = call.control().create_port(&call.context, &new).await?;
    let location = call.url(&format!("ports/{}", port.uuid));
    Ok(Answer::created(location, body(&call, port, None)?))
}

async fn update(call: Call) -> Result<Answer, Fault> {
    let operations = patch::read(&call.document, &PATCHABLE)?;
    let newer = |name: &str| FIELDS.iter().any(|field| field.name == name && field.since > call.version.0);
    if operations.iter().any(|operation| newer(operation.root())) {
        return Err(Fault::too_new());
    }
    if patch::values(&operations, "local_link_connection").any(|link| knows_too_much(&call, link)) {
        return Err(Fault::too_new());
    }
    let ident = ident(&call)?;
    let update = UpdatePort {
        operations,
        refuse_while_inspecting: call.speaks(39),
        portgroup_has_network: call.speaks(102),
    };
    let port = call.control().update_port(&call.context, ident, &update).await?;
    Ok(Answer::ok(body(&call, port, None)?))
}

async fn delete(call: Call) -> Result<Answer, Fault> {
    let ident = call.param("port");
    Kind::Uuid.read("port_uuid", &ident.into())?;
    call.control().delete_port(&call.context, ident).await?;
    Ok(Answer::no_content())
}

async fn no_ident(_: Call) -> Result<Answer, Fault> {
    Err(Fault::invalid("Missing mandatory parameter: port_ident"))
}

async fn no_uuid(_: Call) -> Result<Answer, Fault> {
    Err(Fault::invalid("Missing mandatory parameter: port_uuid"))
}

/// The port that the path names; names exist since 1.88.
fn ident(call: &Call) -> Result<&str, Fault> {
    let ident = call.param("port");
    Kind::Ident.read("port_ident", &ident.into())?;
    if !call.speaks(88) && Uuid::try_parse(ident).is_err() {
        return Err(ControlError::NotFound(format!("Port {ident} could not be found.")).into());
    }
    Ok(ident)
}

/// Whether a link speaks of what the microversion does not know.
fn knows_too_much(call: &Call, link: &Value) -> bool {
    let has = |key: &str| link.get(key).is_some();
    let knows_vtep = call.speaks(90) && !call.speaks(105);
    (has("network_type") && !call.speaks(64)) || (has("vtep-logical-switch") && !knows_vtep)
}

fn view(call: &Call, port: Port) -> PortView {
    PortView { port, base: call.base.clone(), minor: call.version.0 }
}

fn body(call: &Call, port: Port, asked: Option<&[String]>) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    put_resource(&mut out, &view(call, port), &select(&FIELDS, call.version, asked))?;
    Ok(out)
}
