//! The firmware components of nodes.

use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use crate::rest::fields::firmware::{FIELDS, FirmwareView, IDENTITY, IDENTITY_SINCE, SUMMARY};
use crate::rest::fields::{names_in, put_resource, select};
use crate::rest::json::{Members, put_list};
use crate::rest::nodes::choose::choose;

/// `GET nodes/{node}/firmware`
pub(super) async fn list(call: Call) -> Result<Answer, Fault> {
    let node = call.node_ident()?;
    let asked = choose(&call, &names_in(&FIELDS), &SUMMARY, &SUMMARY)?;
    if !call.speaks(IDENTITY_SINCE) && call.args.get("fields").is_some() {
        refuse_identity(&asked)?;
    }
    let known = call.control().list_firmware(&call.context, node).await?;
    let selection = select(&FIELDS, call.version, Some(&asked));
    let mut out = Vec::new();
    let mut members = Members::open(&mut out);
    members.with("firmware", |out| {
        put_list(out, known, |out, (component, known)| {
            put_resource(out, &FirmwareView { component, known }, &selection)
        })
    })?;
    members.close();
    Ok(Answer::ok(out))
}

fn refuse_identity(asked: &[String]) -> Result<(), Fault> {
    let mut refused: Vec<&str> =
        asked.iter().map(String::as_str).filter(|name| IDENTITY.contains(name)).collect();
    if refused.is_empty() {
        return Ok(());
    }
    refused.sort_unstable();
    Err(Fault::invalid(format!(
        "Fields {} are not allowed in this API version. They require at least API version 1.{IDENTITY_SINCE}.",
        refused.join(", ")
    )))
}
