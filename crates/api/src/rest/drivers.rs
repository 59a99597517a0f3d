//! Hardware types.

use super::answer::Answer;
use super::args::{Arg, Kind};
use super::call::Call;
use super::error::Fault;
use super::fields::driver::{DriverView, names, put_driver};
use super::fields::refuse_unknown;
use super::json::{Members, put_list};
use super::page::python_bool;
use super::route::Gate::{NotAcceptable, Open};
use super::route::{Route, route};
use ferric_control::Driver;

static LIST: [Arg; 3] =
    [Arg::new("type", Kind::Text), Arg::new("detail", Kind::Bool), Arg::new("fields", Kind::Words)];
static SHOW: [Arg; 1] = [Arg::new("fields", Kind::Words)];

pub(crate) static ROUTES: [Route; 4] = [
    route!(Get "drivers" Open, &LIST, Ignored, list),
    route!(Get "drivers/{driver}" Open, &SHOW, Ignored, show),
    route!(Get "drivers/{driver}/properties" Open, &[], Ignored, properties),
    route!(Get "drivers/{driver}/raid/logical_disk_properties" NotAcceptable(12), &[], Ignored, logical_disk_properties),
];

async fn list(call: Call) -> Result<Answer, Fault> {
    let fields = call.args.words("fields");
    let detail = call.args.bool("detail");
    if fields.is_some() && detail == Some(true) {
        let text = format!("Can not specify ?detail={} and fields in the same request.", python_bool(true));
        return Err(Fault::invalid(text));
    }
    let kind = call.args.text("type");
    if (detail.is_some() || kind.is_some()) && !call.speaks(30) {
        return Err(Fault::too_new_since(30));
    }
    check_fields(&call, fields.as_deref())?;
    if !matches!(kind, None | Some("classic" | "dynamic")) {
        let text = "\"type\" filter must be one of \"classic\" or \"dynamic\", if specified.";
        return Err(Fault::invalid(text));
    }
    let drivers = match kind {
        Some("classic") => Vec::new(),
        _ => call.control().list_drivers(&call.context).await?,
    };
    let detail = detail == Some(true) || fields.is_some();
    let mut out = Vec::new();
    let mut members = Members::open(&mut out);
    members.with("drivers", |out| {
        put_list(out, drivers, |out, driver| {
            put_driver(out, &view(&call, driver), call.version, fields.as_deref(), detail)
        })
    })?;
    members.close();
    Ok(Answer::ok(out))
}

async fn show(call: Call) -> Result<Answer, Fault> {
    let fields = call.args.words("fields");
    check_fields(&call, fields.as_deref())?;
    let driver = call.control().get_driver(&call.context, call.param("driver")).await?;
    let mut out = Vec::new();
    put_driver(&mut out, &view(&call, driver), call.version, fields.as_deref(), true)?;
    Ok(Answer::ok(out))
}

async fn properties(call: Call) -> Result<Answer, Fault> {
    Answer::json(&call.control().driver_properties(&call.context, call.param("driver")).await?)
}

async fn logical_disk_properties(call: Call) -> Result<Answer, Fault> {
    let texts = call.control().logical_disk_properties(&call.context, call.param("driver")).await?;
    let mut out = Vec::new();
    let mut members = Members::open(&mut out);
    for (name, text) in texts {
        members.put(name, text)?;
    }
    members.close();
    Ok(Answer::ok(out))
}

fn check_fields(call: &Call, asked: Option<&[String]>) -> Result<(), Fault> {
    let Some(asked) = asked else { return Ok(()) };
    if !call.speaks(77) {
        return Err(Fault::too_new());
    }
    let known = names(call.version);
    refuse_unknown(Some(asked), |name| known.iter().any(|field| field == name))
}

fn view(call: &Call, driver: Driver) -> DriverView {
    DriverView { driver, base: call.base.clone() }
}
