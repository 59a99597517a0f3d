//! What is known of booting from virtual media, by vendor, model and firmware: Ferric's own, in every microversion.

use super::answer::Answer;
use super::args::{Arg, Kind};
use super::call::Call;
use super::error::Fault;
use super::fields::vmedia::FIELDS;
use super::fields::{put_resource, select};
use super::page::{Next, collection};
use super::route::{Gate::Open, Route, route};
use ferric_control::VmediaFilter;

static LIST: [Arg; 4] = [
    Arg::new("vendor", Kind::Text),
    Arg::new("model", Kind::Text),
    Arg::new("bmc_firmware", Kind::Text),
    Arg::new("limit", Kind::Integer),
];

pub(crate) static ROUTES: [Route; 1] = [route!(Get "firmware_compat" Open, &LIST, Ignored, list)];

/// `GET firmware_compat`
async fn list(call: Call) -> Result<Answer, Fault> {
    let most = call.control().settings().max_limit;
    let limit = match call.args.integer("limit") {
        None => most,
        Some(limit) if limit <= 0 => return Err(Fault::invalid("Limit must be positive")),
        Some(limit) => limit.min(most),
    };
    let text = |name: &str| call.args.string(name);
    let filter =
        VmediaFilter { vendor: text("vendor"), model: text("model"), bmc_firmware: text("bmc_firmware") };
    let found = call.control().list_firmware_compat(&call.context, &filter, limit).await?;
    // There are as many rows as kinds of servers: a list without further pages.
    let next = Next { base: &call.base, path: "firmware_compat", params: Vec::new(), fields: None, limit: 0 };
    let selection = select(&FIELDS, call.version, None);
    let body = collection(
        "firmware_compat",
        &found,
        &next,
        |_| String::new(),
        |out, count| put_resource(out, count, &selection),
    )?;
    Ok(Answer::ok(body))
}
