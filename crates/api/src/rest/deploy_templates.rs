//! Deploy templates.
//!
//! Source: `contract: rest-api` section 7.

use super::answer::Answer;
use super::args::{Arg, Kind};
use super::call::Call;
use super::error::Fault;
use super::fields::deploy_template::{FIELDS, SUMMARY, TemplateView, UNSORTABLE};
use super::fields::{check_names, put_resource, select};
use super::page::{Next, asked_fields, collection, list_fields, page, python_bool};
use super::patch;
use super::route::{Gate, Route, route};
use ferric_control::NewDeployTemplate;
use ferric_model::deploy_template::DeployTemplate;

static LIST: [Arg; 6] = [
    Arg::new("marker", Kind::Name),
    Arg::new("limit", Kind::Integer),
    Arg::new("sort_key", Kind::Text),
    Arg::new("sort_dir", Kind::Text),
    Arg::new("fields", Kind::Words),
    Arg::new("detail", Kind::Bool),
];

static SHOW: [Arg; 1] = [Arg::new("fields", Kind::Words)];

const GATE: Gate = Gate::Early(55, "The API version does not allow deploy templates");

pub(crate) static ROUTES: [Route; 7] = [
    route!(Get "deploy_templates" GATE, &LIST, Ignored, list),
    route!(Post "deploy_templates" GATE, &[], Document, post),
    route!(Patch "deploy_templates" GATE, &[], Ignored, no_ident),
    route!(Delete "deploy_templates" GATE, &[], Ignored, no_ident),
    route!(Get "deploy_templates/{template}" GATE, &SHOW, Ignored, show),
    route!(Patch "deploy_templates/{template}" GATE, &[], Document, update),
    route!(Delete "deploy_templates/{template}" GATE, &[], Ignored, delete),
];

/// What can be patched, in the order in which refusals list it.
const PATCHABLE: [&str; 4] = ["extra", "name", "steps", "description"];

async fn list(call: Call) -> Result<Answer, Fault> {
    let fields = list_fields(&call, &FIELDS, &SUMMARY)?;
    check_names(&FIELDS, fields.as_deref())?;
    let page = page(&call, &FIELDS, &UNSORTABLE, "id")?;
    let templates = call.control().list_deploy_templates(&call.context, &page).await?;
    let views: Vec<TemplateView> = templates.into_iter().map(|template| view(&call, template)).collect();
    let mut params = Next::sorting(&page);
    if let Some(detail) = call.args.bool("detail") {
        params.push(("detail", python_bool(detail).to_owned()));
    }
    let path = "deploy_templates";
    let next = Next { base: &call.base, path, params, fields: fields.as_deref(), limit: page.limit };
    let selection = select(&FIELDS, call.version, fields.as_deref());
    let marker = |view: &TemplateView| view.template.uuid.to_string();
    let write = |out: &mut Vec<u8>, view: &TemplateView| put_resource(out, view, &selection);
    Ok(Answer::ok(collection("deploy_templates", &views, &next, marker, write)?))
}

async fn show(call: Call) -> Result<Answer, Fault> {
    let asked = asked_fields(&call.args, call.version, &FIELDS)?;
    let template = call.control().get_deploy_template(&call.context, ident(&call)?).await?;
    check_names(&FIELDS, asked.as_deref())?;
    Ok(Answer::ok(body(&call, template, asked.as_deref())?))
}

async fn post(call: Call) -> Result<Answer, Fault> {
    let new = NewDeployTemplate::parse(&call.document)?;
    let template = call.control().create_deploy_template(&call.context, &new).await?;
    let location = call.url(&format!("deploy_templates/{}", template.uuid));
    Ok(Answer::created(location, body(&call, template, None)?))
}

async fn update(call: Call) -> Result<Answer, Fault> {
    let operations = patch::read(&call.document, &PATCHABLE)?;
    let template = call.control().update_deploy_template(&call.context, ident(&call)?, &operations).await?;
    Ok(Answer::ok(body(&call, template, None)?))
}

async fn delete(call: Call) -> Result<Answer, Fault> {
    call.control().delete_deploy_template(&call.context, ident(&call)?).await?;
    Ok(Answer::no_content())
}

async fn no_ident(_: Call) -> Result<Answer, Fault> {
    Err(Fault::invalid("Missing mandatory parameter: template_ident"))
}

/// The deploy template that the path names.
fn ident(call: &Call) -> Result<&str, Fault> {
    let ident = call.param("template");
    Kind::Ident.read("template_ident", &ident.into())?;
    Ok(ident)
}

fn view(call: &Call, template: DeployTemplate) -> TemplateView {
    TemplateView { template, base: call.base.clone() }
}

fn body(call: &Call, template: DeployTemplate, asked: Option<&[String]>) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    put_resource(&mut out, &view(call, template), &select(&FIELDS, call.version, asked))?;
    Ok(out)
}
