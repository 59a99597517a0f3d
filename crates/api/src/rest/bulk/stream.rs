//! Operations while they go on, as server-sent events: `item` for each item that has ended, `operation` whenever counts or
//! state have changed, `error` when watching failed. The stream ends with the operation, or a quarter of an hour later.

use super::resource::view;
use crate::rest::answer::{Answer, Events};
use crate::rest::call::Call;
use crate::rest::error::Fault;
use crate::rest::event_stream::{kept_alive, put_event, refused};
use crate::rest::fields::{operation, operation_item, put_resource, select};
use crate::rest::microversion::Microversion;
use bytes::Bytes;
use ferric_control::BulkNews;
use futures::StreamExt;
use std::sync::Arc;

/// `GET bulk/{operation}/stream`
pub(super) async fn get(call: Call) -> Result<Answer, Fault> {
    let uuid = call.uuid("operation", "operation")?;
    let (control, stop) = (Arc::clone(&call.app.control), call.app.stopping.clone());
    let (base, version) = (call.base, call.version);
    let news = control.watch_bulk(call.context, uuid, stop).await?;
    let events = news.map(move |news| {
        let written = news.map_err(Fault::from).and_then(|news| Ok(written(&base, version, news)?));
        written.unwrap_or_else(|fault| refused(&fault))
    });
    Ok(Answer::events(Events(kept_alive(events).map(|text| Ok(Bytes::from(text))).boxed())))
}

fn written(base: &str, version: Microversion, news: BulkNews) -> serde_json::Result<Vec<u8>> {
    let mut out = Vec::new();
    let fields = select(&operation_item::FIELDS, version, None);
    for item in &news.ended {
        put_event(&mut out, "item", |out| put_resource(out, item, &fields))?;
    }
    let fields = select(&operation::FIELDS, version, None);
    put_event(&mut out, "operation", |out| put_resource(out, &view(base, news.reading), &fields))?;
    Ok(out)
}
