//! A ramdisk hands in what it found.

use super::agent_config::{body, check_enabled};
use crate::rest::answer::{Answer, Content};
use crate::rest::call::Call;
use crate::rest::error::Fault;
use ferric_control::Rule;
use ferric_model::schema::{self, JsonType as T, Schema};
use serde_json::json;

const TEXT: Schema = Schema::of(&[T::String, T::Null]);

pub(crate) const DATA: Schema = Schema {
    properties: &[(
        "inventory",
        Schema {
            properties: &[
                ("bmc_address", TEXT),
                ("bmc_v6address", TEXT),
                ("interfaces", Schema { items: Some(&INTERFACE), min_items: 1, ..Schema::of(&[T::Array]) }),
            ],
            required: &["interfaces"],
            ..Schema::of(&[T::Object])
        },
    )],
    required: &["inventory"],
    ..Schema::of(&[T::Object])
};

const INTERFACE: Schema = Schema {
    properties: &[("mac_address", Schema::of(&[T::String]))],
    required: &["mac_address"],
    ..Schema::of(&[T::Object])
};

/// `POST continue_inspection`: since 1.84, and in the first microversion for ramdisks that know nothing of versions.
pub(super) async fn post(call: Call) -> Result<Answer, Fault> {
    schema::check("data", &call.document, &DATA).map_err(Fault::invalid)?;
    check_enabled(&call, "continue_inspection", Rule::DriverIpaContinueInspection)?;
    let new = call.speaks(84);
    let node_uuid = call.args.uuid("node_uuid");
    if !new && (call.speaks(2) || node_uuid.is_some()) {
        return Err(Fault::not_found("API version 1.84 or newer is required"));
    }
    let Some(data) = call.document.as_object() else { return Err(Fault::invalid("No data")) };
    let found = call.control().continue_inspection(node_uuid, data, new).await?;
    let body =
        if new { body(&call, found)? } else { json!({"uuid": found.node.uuid}).to_string().into_bytes() };
    Ok(Answer { content: Content::Json(body), ..Answer::accepted() })
}
