//! What a handler answers.

use super::error::Fault;
use super::json;
use super::pieces::Pieces;
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
    /// What comes after the headers.
    pub content: Content,
}

/// What comes after the headers of an answer.
#[derive(Debug)]
pub(crate) enum Content {
    /// Neither body nor content type.
    None,
    /// JSON.
    Json(Vec<u8>),
    /// JSON too, in pieces.
    Pieces(Pieces),
    /// Server-sent events.
    Events(Events),
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
        Self { status: 200, location: None, content: Content::Json(body) }
    }

    /// 200 with a list in pieces.
    pub(crate) fn pieces(pieces: Pieces) -> Self {
        Self { status: 200, location: None, content: Content::Pieces(pieces) }
    }

    /// 200 with a value as JSON.
    pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> Result<Self, Fault> {
        let mut body = Vec::new();
        json::put(&mut body, value)?;
        Ok(Self::ok(body))
    }

    /// 201 with the new resource.
    pub(crate) fn created(location: String, body: Vec<u8>) -> Self {
        Self { status: 201, location: Some(location), content: Content::Json(body) }
    }

    /// 200 with events.
    pub(crate) fn events(events: Events) -> Self {
        Self { status: 200, location: None, content: Content::Events(events) }
    }

    /// 202 without a body.
    pub(crate) fn accepted() -> Self {
        Self { status: 202, location: None, content: Content::None }
    }

    /// 204.
    pub(crate) fn no_content() -> Self {
        Self { status: 204, location: None, content: Content::None }
    }

    /// The same with a `Location`.
    pub(crate) fn at(self, location: String) -> Self {
        Self { location: Some(location), ..self }
    }
}
