//! The RAID layout that a node is to have.

use crate::rest::answer::Answer;
use crate::rest::call::Call;
use crate::rest::error::Fault;
use ferric_model::schema::literal;

/// `PUT nodes/{node}/states/raid`
pub(in crate::rest::nodes) async fn put(call: Call) -> Result<Answer, Fault> {
    let config = call.document.as_object().ok_or_else(|| {
        let given = literal(&call.document);
        Fault::invalid(format!("Expected types <class 'dict'> for target_raid_config: {given}"))
    })?;
    call.control().set_target_raid_config(&call.context, call.node_ident()?, config).await?;
    Ok(Answer::no_content())
}
