//! Changing the boot mode and secure boot of a node.

use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use ferric_control::Rule;

/// The first microversion that can change them.
const SINCE: u16 = 76;

/// `PUT nodes/{node}/states/boot_mode`
pub(in crate::rest::nodes) async fn put_mode(call: Call) -> Result<Answer, Fault> {
    let ident = checked_ident(&call, Rule::NodeSetBootMode).await?;
    let target = call.args.text("target").unwrap_or("None");
    call.control().set_boot_mode(&call.context, ident, target).await?;
    Ok(Answer::accepted().at(call.url(&format!("nodes/{ident}/states"))))
}

/// `PUT nodes/{node}/states/secure_boot`
pub(in crate::rest::nodes) async fn put_secure(call: Call) -> Result<Answer, Fault> {
    let ident = checked_ident(&call, Rule::NodeSetSecureBoot).await?;
    let target = call.args.bool("target").ok_or_else(|| {
        Fault::invalid(
            "Invalid secure_boot None requested for node. Allowed secure_boot states are: True, False) ",
        )
    })?;
    call.control().set_secure_boot(&call.context, ident, target).await?;
    Ok(Answer::accepted().at(call.url(&format!("nodes/{ident}/states"))))
}

/// The node, in a microversion that knows of this; who may not do it is told that first.
async fn checked_ident(call: &Call, rule: Rule) -> Result<&str, Fault> {
    let ident = call.node_ident()?;
    if !call.speaks(SINCE) {
        call.control().node_for(&call.context, ident, rule).await?;
        let text = format!("This endpoint is supported starting with the API version 1.{SINCE}");
        return Err(Fault::not_found(text));
    }
    Ok(ident)
}
