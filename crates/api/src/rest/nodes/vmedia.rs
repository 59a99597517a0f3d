//! The virtual media devices of nodes.

use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use crate::rest::fields::vmedia::FIELDS;
use crate::rest::fields::{put_resource, select};

/// The first microversion that can read them.
const READ_SINCE: u16 = 93;

/// `GET nodes/{node}/vmedia`
pub(super) async fn get(call: Call) -> Result<Answer, Fault> {
    if !call.speaks(READ_SINCE) {
        return Err(Fault::not_found("The resource could not be found."));
    }
    let devices = call.control().get_virtual_media(&call.context, call.node_ident()?).await?;
    Answer::json(&devices)
}

/// `GET nodes/{node}/vmedia/status`: what is known of booting the node from virtual media.
pub(super) async fn status(call: Call) -> Result<Answer, Fault> {
    let found = call.control().get_vmedia_status(&call.context, call.node_ident()?).await?;
    let mut out = Vec::new();
    put_resource(&mut out, &found.unwrap_or_default(), &select(&FIELDS, call.version, None))?;
    Ok(Answer::ok(out))
}

/// `POST nodes/{node}/vmedia`
pub(super) async fn post(call: Call) -> Result<Answer, Fault> {
    call.control().attach_virtual_media(&call.context, call.node_ident()?, &call.document).await?;
    Ok(Answer::no_content())
}

/// `DELETE nodes/{node}/vmedia`
pub(super) async fn delete(call: Call) -> Result<Answer, Fault> {
    let types = call.args.words("device_types");
    call.control().detach_virtual_media(&call.context, call.node_ident()?, types).await?;
    Ok(Answer::no_content())
}
