//! Items of operations.

use crate::rest::answer::Answer;
use crate::rest::args::{Arg, Kind};
use crate::rest::call::Call;
use crate::rest::error::Fault;
use crate::rest::fields::operation_item::FIELDS;
use crate::rest::fields::{put_resource, select};
use crate::rest::page::{Next, collection};
use ferric_control::BulkItems;
use ferric_model::operation::{ItemState, OperationItem};

pub(super) static LIST: [Arg; 3] =
    [Arg::new("state", Kind::Text), Arg::new("marker", Kind::Integer), Arg::new("limit", Kind::Integer)];

/// States by which items can be filtered.
pub(crate) const STATES: [&str; 6] = [
    ItemState::Pending.as_str(),
    ItemState::Running.as_str(),
    ItemState::Succeeded.as_str(),
    ItemState::Failed.as_str(),
    ItemState::Skipped.as_str(),
    ItemState::Canceled.as_str(),
];

/// `GET bulk/{operation}/items`
pub(super) async fn list(call: Call) -> Result<Answer, Fault> {
    let uuid = call.uuid("operation", "operation")?;
    let state = match call.args.text("state") {
        Some(word) => Some(ItemState::find(word).ok_or_else(|| {
            Fault::invalid(format!("Unrecognized state \"{word}\", known are: {}", STATES.join(", ")))
        })?),
        None => None,
    };
    let most = call.control().settings().max_limit;
    let limit = match call.args.integer("limit") {
        None => most,
        Some(limit) if limit <= 0 => return Err(Fault::invalid("Limit must be positive")),
        Some(limit) => limit.min(most),
    };
    let asked = BulkItems { state, after: call.args.integer("marker"), limit };
    let items = call.control().list_bulk_items(&call.context, uuid, &asked).await?;
    let path = format!("bulk/{uuid}/items");
    let params = state.map(|state| ("state", state.as_str().to_owned())).into_iter().collect();
    let next = Next { base: &call.base, path: &path, params, fields: None, limit };
    let selection = select(&FIELDS, call.version, None);
    let marker = |item: &OperationItem| item.position.to_string();
    let write = |out: &mut Vec<u8>, item: &OperationItem| put_resource(out, item, &selection);
    Ok(Answer::ok(collection("items", &items, &next, marker, write)?))
}
