//! Operations themselves.

use crate::rest::answer::Answer;
use crate::rest::args::{Arg, Kind};
use crate::rest::call::Call;
use crate::rest::error::Fault;
use crate::rest::fields::operation::{FIELDS, OperationView, UNSORTABLE};
use crate::rest::fields::{put_resource, select};
use crate::rest::page::{Next, collection, page};
use ferric_control::{BulkReading, NewBulk};

pub(super) static LIST: [Arg; 4] = [
    Arg::new("marker", Kind::Uuid),
    Arg::new("limit", Kind::Integer),
    Arg::new("sort_key", Kind::Text),
    Arg::new("sort_dir", Kind::Text),
];

/// `GET bulk`
pub(super) async fn list(call: Call) -> Result<Answer, Fault> {
    let page = page(&call, &FIELDS, &UNSORTABLE, "id")?;
    let found = call.control().list_bulk(&call.context, &page).await?;
    let views: Vec<OperationView> = found.into_iter().map(|reading| view(&call.base, reading)).collect();
    let params = Next::sorting(&page);
    let next = Next { base: &call.base, path: "bulk", params, fields: None, limit: page.limit };
    let selection = select(&FIELDS, call.version, None);
    let marker = |view: &OperationView| view.reading.operation.uuid.to_string();
    let write = |out: &mut Vec<u8>, view: &OperationView| put_resource(out, view, &selection);
    Ok(Answer::ok(collection("operations", &views, &next, marker, write)?))
}

/// `POST bulk`
pub(super) async fn post(call: Call) -> Result<Answer, Fault> {
    let new = NewBulk::parse(&call.document)?;
    let reading = call.control().start_bulk(&call.context, &new).await?;
    let location = call.url(&format!("bulk/{}", reading.operation.uuid));
    Ok(Answer { status: 202, ..Answer::created(location, body(&call, reading)?) })
}

/// `GET bulk/{operation}`
pub(super) async fn show(call: Call) -> Result<Answer, Fault> {
    let uuid = call.uuid("operation", "operation")?;
    let reading = call.control().get_bulk(&call.context, uuid).await?;
    Ok(Answer::ok(body(&call, reading)?))
}

/// `DELETE bulk/{operation}`
pub(super) async fn cancel(call: Call) -> Result<Answer, Fault> {
    let uuid = call.uuid("operation", "operation")?;
    let reading = call.control().cancel_bulk(&call.context, uuid).await?;
    Ok(Answer { status: 202, ..Answer::ok(body(&call, reading)?) })
}

/// An operation as one request sees it.
pub(super) fn view(base: &str, reading: BulkReading) -> OperationView {
    OperationView { reading, base: base.to_owned() }
}

fn body(call: &Call, reading: BulkReading) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    put_resource(&mut out, &view(&call.base, reading), &select(&FIELDS, call.version, None))?;
    Ok(out)
}
