//! What a handler answers.

use super::error::Fault;
use super::json;
use bytes::Bytes;
use futures::stream::BoxStream;
use serde::Serialize;
use std::convert::Infallible;
use std::fmt;

/// An answer before it becomes an HTTP response.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Status code.
    pub status: u16,
    /// URL for the `Location` header.
    pub location: Option<String>,
    /// JSON body; none sends neither body nor content type.
    pub body: Option<Vec<u8>>,
    /// Server-sent events in place of a body.
    pub events: Option<Events>,
}

/// Server-sent events on their way.
pub(crate) struct Events(pub BoxStream<'static, Result<Bytes, Infallible>>);

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Events")
    }
}

impl Answer {
    /// 200 with a JSON body.
    pub(crate) fn ok(body: Vec<u8>) -> Self {
        Self { status: 200, location: None, body: Some(body), events: None }
    }

    /// 200 with a value as JSON.
    pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> Result<Self, Fault> {
        let mut body = Vec::new();
        json::put(&mut body, value)?;
        Ok(Self::ok(body))
    }

    /// 201 with the new resource.
    pub(crate) fn created(location: String, body: Vec<u8>) -> Self {
        Self { status: 201, location: Some(location), body: Some(body), events: None }
    }

    /// 200 with events.
    pub(crate) fn events(events: Events) -> Self {
        Self { status: 200, location: None, body: None, events: Some(events) }
    }

    /// 202 without a body.
    pub(crate) fn accepted() -> Self {
        Self { status: 202, location: None, body: None, events: None }
    }

    /// 204.
    pub(crate) fn no_content() -> Self {
        Self { status: 204, location: None, body: None, events: None }
    }

    /// The same with a `Location`.
    pub(crate) fn at(self, location: String) -> Self {
        Self { location: Some(location), ..self }
    }
}
