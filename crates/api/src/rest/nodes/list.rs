//! Lists of nodes.

use super::listed::{self, Listed};
use super::render;
use crate::rest::answer::Answer;
use crate::rest::args::Args;
use crate::rest::call::Call;
use crate::rest::chassis;
use crate::rest::error::Fault;
use crate::rest::fields::node::{FIELDS, SUMMARY, UNSORTABLE};
use crate::rest::fields::select;
use crate::rest::page::{Next, list_fields, page, python_bool};
use crate::rest::pieces::Pieces;
use crate::rest::versions::check_node_filters;
use ferric_control::{NodeFilter, NodeIdent};
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Fault as NodeFault;
use uuid::Uuid;

/// Filters that links to the next page repeat as they were given.
const REPEATED: [&str; 15] = [
    "chassis_uuid",
    "provision_state",
    "driver",
    "resource_class",
    "fault",
    "conductor_group",
    "conductor",
    "owner",
    "description_contains",
    "lessee",
    "project",
    "shard",
    "sharded",
    "parent_node",
    "instance_name",
];

/// `GET nodes`
pub(super) async fn summary(call: Call) -> Result<Answer, Fault> {
    let fields = list_fields(&call, &FIELDS, &SUMMARY)?;
    if let Some(fields) = &fields {
        render::check_names(fields)?;
    }
    let chassis = call.args.uuid("chassis_uuid");
    answer(call, "nodes", chassis, fields).await
}

/// `GET nodes/detail`
pub(super) async fn detail(call: Call) -> Result<Answer, Fault> {
    let chassis = call.args.uuid("chassis_uuid");
    answer(call, "nodes/detail", chassis, None).await
}

/// `GET chassis/{chassis}/nodes`
pub(crate) async fn of_chassis(call: Call) -> Result<Answer, Fault> {
    let fields = list_fields(&call, &FIELDS, &SUMMARY)?;
    if let Some(fields) = &fields {
        render::check_names(fields)?;
    }
    let chassis = chassis::uuid(&call)?;
    answer(call, &format!("chassis/{chassis}/nodes"), Some(chassis), fields).await
}

/// `GET chassis/{chassis}/nodes/detail`
pub(crate) async fn of_chassis_in_detail(call: Call) -> Result<Answer, Fault> {
    let chassis = chassis::uuid(&call)?;
    answer(call, &format!("chassis/{chassis}/nodes/detail"), Some(chassis), None).await
}

async fn answer(
    call: Call,
    path: &str,
    chassis_uuid: Option<Uuid>,
    fields: Option<Vec<String>>,
) -> Result<Answer, Fault> {
    let states = state_filter(&call)?;
    check_node_filters(&call)?;
    let fault = fault_filter(&call)?;
    let page = page(&call, &FIELDS, &UNSORTABLE, "id")?;
    let filter = NodeFilter { chassis_uuid, provision_state: states, fault, ..filter(&call.args) };
    let selection = select(&FIELDS, call.version, fields.as_deref());
    let Listed { found, nodes } =
        listed::page(&call, &filter, &page, selection, call.args.text("conductor")).await?;
    let next = Next {
        base: &call.base,
        path,
        params: params(&call, &page),
        fields: fields.as_deref(),
        // An instance is on one node, so its list has no second page.
        limit: if filter.instance_uuid.is_some() { -1 } else { page.limit },
    };
    let next = next.link(found, nodes.last().map(|node| node.uuid.to_string()));
    let items = nodes.into_iter().map(|node| node.json).collect();
    Ok(Answer::pieces(Pieces::list("nodes", items, next.as_deref())?))
}

fn state_filter(call: &Call) -> Result<Option<ProvisionState>, Fault> {
    let Some(text) = call.args.text("provision_state").filter(|_| call.speaks(9)) else { return Ok(None) };
    let found = ProvisionState::find(text);
    found.map(Some).ok_or_else(|| Fault::invalid(format!("Provision state \"{text}\" is not valid")))
}

fn fault_filter(call: &Call) -> Result<Option<NodeFault>, Fault> {
    let Some(text) = call.args.text("fault") else { return Ok(None) };
    NodeFault::find(text).map(Some).ok_or_else(|| {
        let known: Vec<String> = NodeFault::ALL.iter().map(|fault| format!("'{}'", fault.as_str())).collect();
        Fault::invalid(format!(
            "Unrecognized fault \"{text}\" is specified, allowed faults are ({})",
            known.join(", ")
        ))
    })
}

fn filter(args: &Args) -> NodeFilter {
    NodeFilter {
        instance_uuid: args.uuid("instance_uuid"),
        instance_name: args.string("instance_name"),
        associated: args.bool("associated"),
        maintenance: args.bool("maintenance"),
        driver: args.string("driver"),
        resource_class: args.string("resource_class"),
        conductor_group: args.text("conductor_group").map(str::to_lowercase),
        owner: args.string("owner"),
        lessee: args.string("lessee"),
        project: args.string("project"),
        description_contains: args.string("description_contains"),
        retired: args.bool("retired"),
        shards: args.words("shard"),
        sharded: args.bool("sharded"),
        include_children: args.bool("include_children").unwrap_or_default(),
        parent_node: args.text("parent_node").map(NodeIdent::read),
        ..NodeFilter::default()
    }
}

/// The arguments of the link to the next page.
fn params(call: &Call, page: &ferric_model::page::Page) -> Vec<(&'static str, String)> {
    let mut params = Next::sorting(page);
    for name in ["associated", "maintenance", "retired", "include_children"] {
        if call.args.bool(name) == Some(true) {
            params.push((name, python_bool(true).to_owned()));
        }
    }
    for name in REPEATED {
        match (call.args.text(name), call.args.words(name), call.args.bool(name)) {
            (Some(text), _, _) => params.push((name, text.to_owned())),
            (_, Some(words), _) => params.push((name, words.join(","))),
            (_, _, Some(flag)) => params.push((name, python_bool(flag).to_owned())),
            _ => {}
        }
    }
    if let Some(detail) = call.args.bool("detail") {
        params.push(("detail", python_bool(detail).to_owned()));
    }
    params
}
