//! The history of nodes.

use crate::rest::answer::Answer;
use crate::rest::args::Kind;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use crate::rest::fields::failure::TRACE;
use crate::rest::fields::history::{FIELDS, HistoryView, SUMMARY};
use crate::rest::fields::{Field, put_resource, select};
use crate::rest::page::{Next, collection, page};
use ferric_model::history::HistoryEntry;
use uuid::Uuid;

/// `GET nodes/{node}/history`
pub(super) async fn list(call: Call) -> Result<Answer, Fault> {
    let ident = call.node_ident()?;
    let page = page(&call, &FIELDS, &[], "created_at")?;
    let whole = call.args.bool("detail").unwrap_or_default();
    let entries = call.control().list_history(&call.context, ident, &page).await?;
    let views: Vec<HistoryView> = entries.into_iter().map(|entry| view(&call, entry, whole)).collect();
    let summary: Option<Vec<String>> =
        (!whole).then(|| SUMMARY.iter().map(|name| (*name).to_owned()).collect());
    let mut params = Next::sorting(&page);
    if whole {
        params.push(("detail", "True".to_owned()));
    }
    let path = format!("nodes/{ident}/history");
    let next = Next { base: &call.base, path: &path, params, fields: None, limit: page.limit };
    let selection = select(&FIELDS, call.version, summary.as_deref());
    let marker = |view: &HistoryView| view.entry.uuid.to_string();
    let body = collection("history", &views, &next, marker, |out, view| put_resource(out, view, &selection))?;
    Ok(Answer::ok(body))
}

/// `GET nodes/{node}/history/{entry}`
pub(super) async fn get(call: Call) -> Result<Answer, Fault> {
    show(call, &FIELDS).await
}

/// `GET nodes/{node}/history/{entry}/trace`
pub(super) async fn trace(call: Call) -> Result<Answer, Fault> {
    show(call, &TRACE).await
}

async fn show(call: Call, fields: &'static [Field<HistoryView>]) -> Result<Answer, Fault> {
    let ident = call.param("entry");
    Kind::Ident.read("event", &ident.into())?;
    let node = call.node_ident()?;
    let missing = || Fault::not_found(format!("Node history record {ident} could not be found."));
    let uuid = Uuid::try_parse(ident).map_err(|_| missing())?;
    let entry = call.control().get_history(&call.context, node, uuid).await?;
    let mut out = Vec::new();
    put_resource(&mut out, &view(&call, entry, true), &select(fields, call.version, None))?;
    Ok(Answer::ok(out))
}

fn view(call: &Call, entry: HistoryEntry, whole: bool) -> HistoryView {
    HistoryView { entry, base: call.base.clone(), whole }
}
