//! The virtual media devices of nodes.

use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;

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
