//! The BIOS settings of nodes.

use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use crate::rest::fields::bios::{BiosView, FIELDS, REGISTRY_SINCE, SUMMARY, WHOLE};
use crate::rest::fields::{names_in, put_resource, select};
use crate::rest::json::{Members, put_list};
use crate::rest::nodes::choose::{choose, refuse_unexpected};

/// `GET nodes/{node}/bios`
pub(super) async fn list(call: Call) -> Result<Answer, Fault> {
    let node = call.node_ident()?;
    if !call.speaks(REGISTRY_SINCE) {
        refuse_unexpected(&call, &["detail", "fields"])?;
    }
    let asked = choose(&call, &names_in(&FIELDS), &SUMMARY, &WHOLE)?;
    let known = call.control().list_bios_settings(&call.context, node).await?;
    let selection = select(&FIELDS, call.version, Some(&asked));
    let mut out = Vec::new();
    let mut members = Members::open(&mut out);
    members.with("bios", |out| {
        put_list(out, known, |out, (name, known)| {
            put_resource(
                out,
                &BiosView { name, known, node: node.to_owned(), base: call.base.clone() },
                &selection,
            )
        })
    })?;
    members.close();
    Ok(Answer::ok(out))
}

/// `GET nodes/{node}/bios/{setting}`
pub(super) async fn get(call: Call) -> Result<Answer, Fault> {
    let name = call.param("setting").to_owned();
    let (node, known) = call.control().get_bios_setting(&call.context, call.node_ident()?, &name).await?;
    let view = BiosView { name: name.clone(), known, node: node.to_string(), base: call.base.clone() };
    let mut out = Vec::new();
    let mut members = Members::open(&mut out);
    members.with(&name, |out| put_resource(out, &view, &select(&FIELDS, call.version, None)))?;
    members.close();
    Ok(Answer::ok(out))
}
