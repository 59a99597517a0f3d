//! Inspection rules.
//!
//! Source: `contract: rest-api` section 7.

use super::answer::Answer;
use super::args::{Arg, Kind};
use super::call::Call;
use super::error::Fault;
use super::fields::inspection_rule::{FIELDS, InspectionRuleView, SUMMARY, UNSORTABLE};
use super::fields::{check_names, put_resource, select};
use super::page::{Next, asked_fields, collection, list_fields, page, python_bool};
use super::patch;
use super::route::{Gate, Route, route};
use ferric_control::{ControlError, NewInspectionRule};
use ferric_model::inspection_rule::InspectionRule;
use uuid::Uuid;

static LIST: [Arg; 7] = [
    Arg::new("marker", Kind::Text),
    Arg::new("limit", Kind::Integer),
    Arg::new("sort_key", Kind::Text),
    Arg::new("sort_dir", Kind::Text),
    Arg::new("fields", Kind::Words),
    Arg::new("detail", Kind::Bool),
    Arg::new("phase", Kind::Text),
];

static SHOW: [Arg; 1] = [Arg::new("fields", Kind::Words)];

const GATE: Gate = Gate::Late(96, "The API version does not allow inspection rules");

pub(crate) static ROUTES: [Route; 5] = [
    route!(Get "inspection_rules" GATE, &LIST, Ignored, list),
    route!(Post "inspection_rules" GATE, &[], Document, post),
    route!(Get "inspection_rules/{rule}" GATE, &SHOW, Ignored, show),
    route!(Patch "inspection_rules/{rule}" GATE, &[], Document, update),
    route!(Delete "inspection_rules/{rule}" GATE, &[], Ignored, delete),
];

/// What can be patched, in the order in which refusals list it.
const PATCHABLE: [&str; 6] = ["actions", "conditions", "description", "phase", "priority", "sensitive"];

async fn list(call: Call) -> Result<Answer, Fault> {
    let fields = list_fields(&call, &FIELDS, &SUMMARY)?;
    check_names(&FIELDS, fields.as_deref())?;
    let page = page(&call, &FIELDS, &UNSORTABLE, "id")?;
    let phase = call.args.text("phase");
    let rules = call.control().list_inspection_rules(&call.context, phase, &page).await?;
    let views: Vec<InspectionRuleView> = rules.into_iter().map(|rule| view(&call, rule)).collect();
    let mut params = Next::sorting(&page);
    params.extend(phase.map(|phase| ("phase", phase.to_owned())));
    if let Some(detail) = call.args.bool("detail") {
        params.push(("detail", python_bool(detail).to_owned()));
    }
    let path = "inspection_rules";
    let next = Next { base: &call.base, path, params, fields: fields.as_deref(), limit: page.limit };
    let selection = select(&FIELDS, call.version, fields.as_deref());
    let marker = |view: &InspectionRuleView| view.rule.uuid.to_string();
    let write = |out: &mut Vec<u8>, view: &InspectionRuleView| put_resource(out, view, &selection);
    Ok(Answer::ok(collection("inspection_rules", &views, &next, marker, write)?))
}

async fn show(call: Call) -> Result<Answer, Fault> {
    let asked = asked_fields(&call.args, call.version, &FIELDS)?;
    let rule = call.control().get_inspection_rule(&call.context, uuid(&call)?).await?;
    check_names(&FIELDS, asked.as_deref())?;
    Ok(Answer::ok(body(&call, rule, asked.as_deref())?))
}

async fn post(call: Call) -> Result<Answer, Fault> {
    let new = NewInspectionRule::parse(&call.document)?;
    let rule = call.control().create_inspection_rule(&call.context, &new).await?;
    let location = call.url(&format!("inspection_rules/{}", rule.uuid));
    Ok(Answer::created(location, body(&call, rule, None)?))
}

async fn update(call: Call) -> Result<Answer, Fault> {
    let operations = patch::read(&call.document, &PATCHABLE)?;
    let rule = call.control().update_inspection_rule(&call.context, uuid(&call)?, &operations).await?;
    Ok(Answer::ok(body(&call, rule, None)?))
}

async fn delete(call: Call) -> Result<Answer, Fault> {
    call.control().delete_inspection_rule(&call.context, uuid(&call)?).await?;
    Ok(Answer::no_content())
}

/// The rule that the path names; rules have no names.
fn uuid(call: &Call) -> Result<Uuid, Fault> {
    let ident = call.param("rule");
    let missing = || ControlError::NotFound(format!("Inspection rule {ident} could not be found."));
    Ok(Uuid::try_parse(ident).map_err(|_| missing())?)
}

fn view(call: &Call, rule: InspectionRule) -> InspectionRuleView {
    InspectionRuleView { rule, base: call.base.clone() }
}

fn body(call: &Call, rule: InspectionRule, asked: Option<&[String]>) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    put_resource(&mut out, &view(call, rule), &select(&FIELDS, call.version, asked))?;
    Ok(out)
}
