//! How nodes change, as server-sent events: Ferric's own, in every microversion.
//!
//! **Shape**: `created` and `updated` carry `{"revision", "node"}`, `deleted` carries `{"revision", "uuid", "generation"}`,
//! `bookmark` and `resume` carry `{"revision"}`; each has its revision as `id` too. The first event without `since` is a
//! bookmark. After `resume` the stream ends and one asks again with that revision as `since`. Everything is told at least
//! once. 410 says that what follows `since` is not known any more: list the nodes, and watch from a new bookmark on.

use super::render::Renderer;
use crate::rest::answer::{Answer, Events};
use crate::rest::args::{Arg, Kind};
use crate::rest::call::Call;
use crate::rest::error::Fault;
use crate::rest::event_stream::{kept_alive, put_event, refused};
use crate::rest::fields::node::FIELDS;
use crate::rest::fields::select;
use crate::rest::json::Members;
use crate::rest::page::asked_fields;
use bytes::Bytes;
use ferric_control::NodeNews;
use ferric_model::node::ChangeKind;
use futures::{StreamExt, stream};
use std::sync::Arc;
use std::time::Duration;

pub(super) static WATCH: [Arg; 3] =
    [Arg::new("since", Kind::Integer), Arg::new("fields", Kind::Words), Arg::new("timeout", Kind::Integer)];

/// `GET watch/nodes`
pub(super) async fn get(call: Call) -> Result<Answer, Fault> {
    let fields = asked_fields(&call.args, call.version, &FIELDS)?;
    if let Some(fields) = &fields {
        super::render::check_names(fields)?;
    }
    let timeout = match call.args.integer("timeout") {
        Some(secs) => Some(Duration::from_secs(
            u64::try_from(secs).map_err(|_| Fault::invalid("The timeout must not be negative"))?,
        )),
        None => None,
    };
    let (control, stop) = (Arc::clone(&call.app.control), call.app.stopping.clone());
    let news = control.watch_nodes(&call.context, call.args.integer("since"), timeout, stop).await?;
    let state = (call, fields, news.boxed());
    let events = stream::unfold(state, async |(call, fields, mut news)| {
        let written = match news.next().await? {
            Ok(news) => written(&call, fields.as_deref(), news).await,
            Err(error) => Err(error.into()),
        };
        Some((written.unwrap_or_else(|fault| refused(&fault)), (call, fields, news)))
    });
    Ok(Answer::events(Events(kept_alive(events).map(|text| Ok(Bytes::from(text))).boxed())))
}

async fn written(call: &Call, fields: Option<&[String]>, news: NodeNews) -> Result<Vec<u8>, Fault> {
    let (name, revision) = match &news {
        NodeNews::Bookmark(revision) => ("bookmark", *revision),
        NodeNews::Changed { revision, kind: ChangeKind::Created, .. } => ("created", *revision),
        NodeNews::Changed { revision, .. } => ("updated", *revision),
        NodeNews::Gone { revision, .. } => ("deleted", *revision),
        NodeNews::Resume(revision) => ("resume", *revision),
    };
    let node = match &news {
        NodeNews::Changed { node, .. } => {
            let renderer = Renderer::new(call, select(&FIELDS, call.version, fields)).await?;
            let cache = &call.app.written_nodes;
            let written = match cache.get(&renderer.key_of(&node.key)) {
                Some(written) => written,
                None => renderer.keep(cache, node.as_ref().clone())?,
            };
            Some(written.json)
        }
        _ => None,
    };
    let mut out = format!("id: {revision}\n").into_bytes();
    put_event(&mut out, name, |out| {
        let mut members = Members::open(out);
        members.put("revision", &revision)?;
        if let Some(json) = node {
            members.with("node", |out| {
                out.extend_from_slice(&json);
                Ok(())
            })?;
        }
        if let NodeNews::Gone { node_uuid, generation, .. } = &news {
            members.put("uuid", node_uuid)?;
            members.put("generation", generation)?;
        }
        members.close();
        Ok(())
    })?;
    Ok(out)
}
