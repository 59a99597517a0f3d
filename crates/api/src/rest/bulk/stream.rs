//! Operations while they go on, as server-sent events: `item` for each item that has ended, `operation` whenever counts or
//! state have changed, `error` when watching failed. The stream ends with the operation, or a quarter of an hour later.

use super::resource::view;
use crate::rest::answer::{Answer, Events};
use crate::rest::call::Call;
use crate::rest::error::Fault;
use crate::rest::fields::{operation, operation_item, put_resource, select};
use crate::rest::json::{Written, put};
use crate::rest::microversion::Microversion;
use bytes::Bytes;
use ferric_control::BulkNews;
use futures::{Stream, StreamExt, stream};
use std::sync::Arc;
use std::time::Duration;

/// How long nothing may be told before proxies take the connection for dead.
const QUIET: Duration = Duration::from_secs(15);

/// A line that readers of events skip.
const COMMENT: &[u8] = b":\n\n";

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

/// The same events, with a comment wherever there is nothing to tell for a while.
fn kept_alive(events: impl Stream<Item = Vec<u8>> + Send + 'static) -> impl Stream<Item = Vec<u8>> + Send {
    stream::unfold(events.boxed(), async |mut events| {
        match tokio::time::timeout(QUIET, events.next()).await {
            Ok(event) => Some((event?, events)),
            Err(_) => Some((COMMENT.to_vec(), events)),
        }
    })
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

fn refused(fault: &Fault) -> Vec<u8> {
    if let Some(inside) = &fault.inside {
        tracing::error!(inside, "an operation could not be watched");
    }
    let mut out = Vec::new();
    match put_event(&mut out, "error", |out| put(out, &fault.body())) {
        Ok(()) => out,
        Err(_) => Vec::new(),
    }
}

/// Writes an event; JSON has no line breaks, so that one line holds it.
fn put_event(out: &mut Vec<u8>, name: &str, data: impl FnOnce(&mut Vec<u8>) -> Written) -> Written {
    out.extend_from_slice(format!("event: {name}\ndata: ").as_bytes());
    data(out)?;
    out.extend_from_slice(b"\n\n");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn silence_is_filled_and_nothing_is_lost() {
        let slow = stream::iter([1_u8, 2]).then(async |n| {
            tokio::time::sleep(QUIET * 2 - Duration::from_secs(1)).await;
            vec![n]
        });
        let told: Vec<Vec<u8>> = kept_alive(slow).collect().await;
        assert_eq!(told, [COMMENT.to_vec(), vec![1], COMMENT.to_vec(), vec![2]]);
    }
}
