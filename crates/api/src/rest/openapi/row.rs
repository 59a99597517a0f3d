//! What the document says of a route beyond what the route itself knows.

use super::part::Part;
use crate::rest::route::Method;
use serde_json::Value;

/// One route as people see it.
#[derive(Debug)]
pub(super) struct Row {
    /// Method of the route.
    pub method: Method,
    /// Path of the route.
    pub path: &'static str,
    /// What it does.
    pub summary: &'static str,
    /// The document it takes.
    pub body: Option<&'static Part>,
    /// Finer shapes of its arguments, where the type of one says less than what checks it.
    pub finer: &'static [Finer],
    /// What it answers when it does what was asked; nothing for routes that always refuse.
    pub answer: Option<Reply>,
    /// What it may answer instead.
    pub other: Option<Reply>,
    /// Refusals besides those of every route.
    pub refusals: &'static [u16],
}

/// An argument by its name, and what makes its schema.
pub(super) type Finer = (&'static str, fn() -> Value);

/// One answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reply {
    /// Status code.
    pub status: u16,
    /// The body.
    pub content: Content,
}

/// The body of an answer.
#[derive(Debug, Clone, Copy)]
pub(super) enum Content {
    /// There is none.
    Nothing,
    /// One document.
    Whole(&'static Part),
    /// A collection under this name, with a link to the next page when there may be one.
    Page(&'static str, &'static Part),
    /// Server-sent events.
    Events,
}

/// A route that reads.
pub(super) const fn get(path: &'static str, summary: &'static str, reply: Reply) -> Row {
    row(Method::Get, path, summary, Some(reply))
}

/// A route that creates, or has something done.
pub(super) const fn post(path: &'static str, summary: &'static str, reply: Reply) -> Row {
    row(Method::Post, path, summary, Some(reply))
}

/// A route that sets.
pub(super) const fn put(path: &'static str, summary: &'static str, reply: Reply) -> Row {
    row(Method::Put, path, summary, Some(reply))
}

/// A route that changes.
pub(super) const fn patch(path: &'static str, summary: &'static str, reply: Reply) -> Row {
    row(Method::Patch, path, summary, Some(reply))
}

/// A route that removes.
pub(super) const fn delete(path: &'static str, summary: &'static str, reply: Reply) -> Row {
    row(Method::Delete, path, summary, Some(reply))
}

/// A route that refuses whatever is asked.
pub(super) const fn refused(method: Method, path: &'static str) -> Row {
    row(method, path, "Always refused", None)
}

const fn row(method: Method, path: &'static str, summary: &'static str, answer: Option<Reply>) -> Row {
    Row { method, path, summary, body: None, finer: &[], answer, other: None, refusals: &[] }
}

/// 200 with a document.
pub(super) const fn shown(part: &'static Part) -> Reply {
    Reply { status: 200, content: Content::Whole(part) }
}

/// 200 with a collection.
pub(super) const fn page(name: &'static str, part: &'static Part) -> Reply {
    Reply { status: 200, content: Content::Page(name, part) }
}

/// 201 with the new resource.
pub(super) const fn created(part: &'static Part) -> Reply {
    Reply { status: 201, content: Content::Whole(part) }
}

/// 200 with server-sent events.
pub(super) const fn events() -> Reply {
    Reply { status: 200, content: Content::Events }
}

/// An answer without a body.
pub(super) const fn empty(status: u16) -> Reply {
    Reply { status, content: Content::Nothing }
}

/// 202 with a document.
pub(super) const fn accepted(part: &'static Part) -> Reply {
    Reply { status: 202, content: Content::Whole(part) }
}

impl Row {
    /// The schemas that it names.
    pub(super) fn parts(&self) -> impl Iterator<Item = &'static Part> {
        let answered = self.answer.iter().chain(&self.other).filter_map(|reply| match reply.content {
            Content::Nothing | Content::Events => None,
            Content::Whole(part) | Content::Page(_, part) => Some(part),
        });
        self.body.into_iter().chain(answered)
    }

    /// The same with a document as its body.
    pub(super) const fn takes(self, body: &'static Part) -> Self {
        Self { body: Some(body), ..self }
    }

    /// The same with finer shapes of its arguments.
    pub(super) const fn finer(self, finer: &'static [Finer]) -> Self {
        Self { finer, ..self }
    }

    /// The same with another answer beside its first.
    pub(super) const fn or_answers(self, reply: Reply) -> Self {
        Self { other: Some(reply), ..self }
    }

    /// The same with refusals of its own.
    pub(super) const fn or(self, refusals: &'static [u16]) -> Self {
        Self { refusals, ..self }
    }
}
