//! Conductors.

use super::answer::Answer;
use super::args::{Arg, Kind};
use super::call::Call;
use super::error::Fault;
use super::fields::conductor::{ConductorView, FIELDS, SUMMARY, UNSORTABLE};
use super::fields::{check_names, put_resource, select};
use super::page::{Next, asked_fields, collection, list_fields, page, python_bool};
use super::route::Gate::Unsupported;
use super::route::{Route, route};
use ferric_model::conductor::Conductor;

static LIST: [Arg; 6] = [
    Arg::new("marker", Kind::Host),
    Arg::new("limit", Kind::Integer),
    Arg::new("sort_key", Kind::Text),
    Arg::new("sort_dir", Kind::Text),
    Arg::new("fields", Kind::Words),
    Arg::new("detail", Kind::Bool),
];
static SHOW: [Arg; 1] = [Arg::new("fields", Kind::Words)];

pub(crate) static ROUTES: [Route; 2] = [
    route!(Get "conductors" Unsupported(49), &LIST, Ignored, list),
    route!(Get "conductors/{host}" Unsupported(49), &SHOW, Ignored, show),
];

async fn list(call: Call) -> Result<Answer, Fault> {
    let fields = list_fields(&call, &FIELDS, &SUMMARY)?;
    check_names(&FIELDS, fields.as_deref())?;
    let page = page(&call, &FIELDS, &UNSORTABLE, "id")?;
    let conductors = call.control().list_conductors(&call.context, &page).await?;
    let views: Vec<ConductorView> = conductors.into_iter().map(|one| view(&call, one)).collect();
    let mut params = Next::sorting(&page);
    if let Some(detail) = call.args.bool("detail") {
        params.push(("detail", python_bool(detail).to_owned()));
    }
    let next =
        Next { base: &call.base, path: "conductors", params, fields: fields.as_deref(), limit: page.limit };
    let selection = select(&FIELDS, call.version, fields.as_deref());
    let marker = |view: &ConductorView| view.conductor.hostname.clone();
    let body =
        collection("conductors", &views, &next, marker, |out, view| put_resource(out, view, &selection))?;
    Ok(Answer::ok(body))
}

async fn show(call: Call) -> Result<Answer, Fault> {
    let asked = asked_fields(&call.args, call.version, &FIELDS)?;
    check_names(&FIELDS, asked.as_deref())?;
    let conductor = call.control().get_conductor(&call.context, call.param("host")).await?;
    let mut out = Vec::new();
    put_resource(&mut out, &view(&call, conductor), &select(&FIELDS, call.version, asked.as_deref()))?;
    Ok(Answer::ok(out))
}

fn view(call: &Call, conductor: Conductor) -> ConductorView {
    let alive = call.control().is_alive(&conductor);
    ConductorView { conductor, alive, base: call.base.clone() }
}
