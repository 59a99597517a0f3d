//! Runbooks themselves.

use crate::rest::answer::Answer;
use crate::rest::args::Kind;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use crate::rest::fields::runbook::{FIELDS, RunbookView, SUMMARY, UNSORTABLE};
use crate::rest::fields::{put_resource, refuse_unknown, select};
use crate::rest::page::{Next, asked_fields, collection, list_fields, page, python_bool};
use crate::rest::patch;
use ferric_control::NewRunbook;
use ferric_model::runbook::Runbook;

/// What can be patched, in the order in which refusals list it; the last one came with traits.
const PATCHABLE: [&str; 7] = ["disable_ramdisk", "extra", "name", "owner", "public", "steps", "description"];

/// Since when a runbook has traits apart from its name.
const TRAITS: u16 = 112;

/// `GET runbooks`
pub(super) async fn list(call: Call) -> Result<Answer, Fault> {
    check_asked(&call)?;
    let fields = list_fields(&call, &FIELDS, &SUMMARY)?;
    let page = page(&call, &FIELDS, &UNSORTABLE, "id")?;
    let project = call.args.string("project");
    let runbooks = call.control().list_runbooks(&call.context, project.clone(), &page).await?;
    let views: Vec<RunbookView> = runbooks.into_iter().map(|runbook| view(&call, runbook)).collect();
    let mut params = Next::sorting(&page);
    params.extend(project.map(|project| ("project", project)));
    if let Some(detail) = call.args.bool("detail") {
        params.push(("detail", python_bool(detail).to_owned()));
    }
    let next =
        Next { base: &call.base, path: "runbooks", params, fields: fields.as_deref(), limit: page.limit };
    let selection = select(&FIELDS, call.version, fields.as_deref());
    let marker = |view: &RunbookView| view.runbook.uuid.to_string();
    let write = |out: &mut Vec<u8>, view: &RunbookView| put_resource(out, view, &selection);
    Ok(Answer::ok(collection("runbooks", &views, &next, marker, write)?))
}

/// `GET runbooks/{runbook}`
pub(super) async fn show(call: Call) -> Result<Answer, Fault> {
    let runbook = call.control().get_runbook(&call.context, ident(&call)?).await?;
    check_asked(&call)?;
    let asked = asked_fields(&call.args, call.version, &FIELDS)?;
    Ok(Answer::ok(body(&call, runbook, asked.as_deref())?))
}

/// `POST runbooks`
pub(super) async fn post(call: Call) -> Result<Answer, Fault> {
    let new = NewRunbook::parse(&call.document, call.speaks(TRAITS))?;
    let runbook = call.control().create_runbook(&call.context, &new).await?;
    let location = call.url(&format!("runbooks/{}", runbook.uuid));
    Ok(Answer::created(location, body(&call, runbook, None)?))
}

/// `PATCH runbooks/{runbook}`
pub(super) async fn update(call: Call) -> Result<Answer, Fault> {
    let known = if call.speaks(TRAITS) { PATCHABLE.len() } else { PATCHABLE.len() - 1 };
    let operations = patch::read(&call.document, &PATCHABLE[..known])?;
    let runbook = call.control().update_runbook(&call.context, ident(&call)?, &operations).await?;
    Ok(Answer::ok(body(&call, runbook, None)?))
}

/// `DELETE runbooks/{runbook}`
pub(super) async fn delete(call: Call) -> Result<Answer, Fault> {
    call.control().delete_runbook(&call.context, ident(&call)?).await?;
    Ok(Answer::no_content())
}

/// Changing or deleting all runbooks at once.
pub(super) async fn no_ident(_: Call) -> Result<Answer, Fault> {
    Err(Fault::invalid("Missing mandatory parameter: runbook_ident"))
}

/// The runbook that the path names.
pub(super) fn ident(call: &Call) -> Result<&str, Fault> {
    let ident = call.param("runbook");
    Kind::Ident.read("runbook_ident", &ident.into())?;
    Ok(ident)
}

/// Refuses names of fields that there are not; those that came later are not there either.
fn check_asked(call: &Call) -> Result<(), Fault> {
    let known = |name: &str| FIELDS.iter().any(|field| field.name == name && field.since <= call.version.0);
    refuse_unknown(call.args.words("fields").as_deref(), known)
}

fn view(call: &Call, runbook: Runbook) -> RunbookView {
    RunbookView { runbook, base: call.base.clone() }
}

fn body(call: &Call, runbook: Runbook, asked: Option<&[String]>) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    put_resource(&mut out, &view(call, runbook), &select(&FIELDS, call.version, asked))?;
    Ok(out)
}
