//! The history of all nodes, and what its failures have in common: Ferric's own, in every microversion.

use super::answer::Answer;
use super::args::{Arg, Args, Kind};
use super::call::Call;
use super::error::Fault;
use super::fields::fingerprint::{self, CommonView, FingerprintView};
use super::fields::history::HistoryView;
use super::fields::{failure, put_resource, select};
use super::page::{Next, collection, page};
use super::route::{Gate::Open, Route, route};
use ferric_control::{FingerprintQuery, HistoryQuery};
use ferric_model::history::Severity;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

static LIST: [Arg; 7] = [
    Arg::new("fingerprint", Kind::Text),
    Arg::new("severity", Kind::Text),
    Arg::new("since", Kind::Text),
    Arg::new("marker", Kind::Uuid),
    Arg::new("limit", Kind::Integer),
    Arg::new("sort_key", Kind::Text),
    Arg::new("sort_dir", Kind::Text),
];

static FINGERPRINTS: [Arg; 4] = [
    Arg::new("top", Kind::Integer),
    Arg::new("since", Kind::Text),
    Arg::new("marker", Kind::Text),
    Arg::new("limit", Kind::Integer),
];

pub(crate) static ROUTES: [Route; 3] = [
    route!(Get "history" Open, &LIST, Ignored, list),
    route!(Get "history/fingerprints" Open, &FINGERPRINTS, Ignored, fingerprints),
    route!(Get "history/fingerprints/{fingerprint}" Open, &[], Ignored, common),
];

/// The words of the argument `severity`.
pub(crate) const SEVERITIES: [&str; 2] = [Severity::Info.as_str(), Severity::Error.as_str()];

/// `GET history`: the newest first unless another order is asked for.
async fn list(call: Call) -> Result<Answer, Fault> {
    let mut page = page(&call, &failure::LISTED, &failure::UNSORTABLE, "created_at")?;
    if call.args.text("sort_dir").is_none() && call.args.text("sort_key").is_none() {
        page.sort_dir = ferric_model::page::SortDirection::Desc;
    }
    let severity = match call.args.text("severity") {
        None => None,
        Some(word) => Some(Severity::find(word).ok_or_else(|| {
            Fault::invalid(format!("Unknown severity: {word}. It is one of {}", SEVERITIES.join(", ")))
        })?),
    };
    let query =
        HistoryQuery { fingerprint: call.args.string("fingerprint"), severity, since: since(&call.args)? };
    let entries = call.control().list_all_history(&call.context, &query, &page).await?;
    let base = &call.base;
    let views: Vec<HistoryView> =
        entries.into_iter().map(|entry| HistoryView { entry, base: base.clone(), whole: true }).collect();
    let mut params = Next::sorting(&page);
    for name in ["fingerprint", "severity", "since"] {
        params.extend(call.args.string(name).map(|value| (name, value)));
    }
    let next = Next { base, path: "history", params, fields: None, limit: page.limit };
    let selection = select(&failure::LISTED, call.version, None);
    let marker = |view: &HistoryView| view.entry.uuid.to_string();
    let body = collection("history", &views, &next, marker, |out, view| put_resource(out, view, &selection))?;
    Ok(Answer::ok(body))
}

/// `GET history/fingerprints`: the most frequent first.
async fn fingerprints(call: Call) -> Result<Answer, Fault> {
    let most = call.control().settings().max_limit;
    let limit = match call.args.integer("limit").or_else(|| call.args.integer("top")) {
        None => most,
        Some(limit) if limit <= 0 => return Err(Fault::invalid("Limit must be positive")),
        Some(limit) => limit.min(most),
    };
    let since = since(&call.args)?.unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let query = FingerprintQuery { since, marker: call.args.string("marker"), limit };
    let found = call.control().list_fingerprints(&call.context, &query).await?;
    let base = &call.base;
    let views: Vec<FingerprintView> =
        found.into_iter().map(|count| FingerprintView { count, base: base.clone() }).collect();
    let params = call.args.string("since").map(|value| ("since", value)).into_iter().collect();
    // Who asks for the top wants no more than that.
    let limit = if call.args.integer("top").is_some() { 0 } else { limit };
    let next = Next { base, path: "history/fingerprints", params, fields: None, limit };
    let selection = select(&fingerprint::FIELDS, call.version, None);
    let marker = |view: &FingerprintView| view.count.fingerprint.clone();
    let write = |out: &mut Vec<u8>, view: &FingerprintView| put_resource(out, view, &selection);
    Ok(Answer::ok(collection("fingerprints", &views, &next, marker, write)?))
}

/// `GET history/fingerprints/{fingerprint}`
async fn common(call: Call) -> Result<Answer, Fault> {
    let (count, correlations) =
        call.control().get_fingerprint(&call.context, call.param("fingerprint")).await?;
    let view = CommonView { shown: FingerprintView { count, base: call.base.clone() }, correlations };
    let mut out = Vec::new();
    put_resource(&mut out, &view, &select(&fingerprint::COMMON, call.version, None))?;
    Ok(Answer::ok(out))
}

fn since(args: &Args) -> Result<Option<OffsetDateTime>, Fault> {
    let Some(text) = args.text("since") else { return Ok(None) };
    let time = OffsetDateTime::parse(text, &Rfc3339)
        .map_err(|_| Fault::invalid(format!("Expected a time as of RFC 3339 for since: {text}")))?;
    Ok(Some(time))
}
