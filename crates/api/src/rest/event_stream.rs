//! Server-sent events: how they are written, and how silent streams are kept alive.

use super::error::Fault;
use super::json::{Written, put};
use futures::{Stream, StreamExt, stream};
use std::time::Duration;

/// How long nothing may be told before proxies take the connection for dead.
const QUIET: Duration = Duration::from_secs(15);

/// A line that readers of events skip.
const COMMENT: &[u8] = b":\n\n";

/// The same events, with a comment wherever there is nothing to tell for a while.
pub(crate) fn kept_alive(
    events: impl Stream<Item = Vec<u8>> + Send + 'static,
) -> impl Stream<Item = Vec<u8>> + Send {
    stream::unfold(events.boxed(), async |mut events| {
        match tokio::time::timeout(QUIET, events.next()).await {
            Ok(event) => Some((event?, events)),
            Err(_) => Some((COMMENT.to_vec(), events)),
        }
    })
}

/// Writes an event; JSON has no line breaks, so that one line holds it.
pub(crate) fn put_event(
    out: &mut Vec<u8>,
    name: &str,
    data: impl FnOnce(&mut Vec<u8>) -> Written,
) -> Written {
    out.extend_from_slice(format!("event: {name}\ndata: ").as_bytes());
    data(out)?;
    out.extend_from_slice(b"\n\n");
    Ok(())
}

/// The event that says that watching has failed.
pub(crate) fn refused(fault: &Fault) -> Vec<u8> {
    if let Some(inside) = &fault.inside {
        tracing::error!(inside, "a stream of events has failed");
    }
    let mut out = Vec::new();
    match put_event(&mut out, "error", |out| put(out, &fault.body())) {
        Ok(()) => out,
        Err(_) => Vec::new(),
    }
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
