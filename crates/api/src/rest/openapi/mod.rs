//! The document that describes this API, made from the tables that serve it.
//!
//! Routes say method, path, arguments and microversion; fields say names and shapes; schemas of bodies are those that check
//! them. `rows/` adds what only people know: a summary, and which of these a route takes and gives.
//!
//! Source: OpenAPI Specification 3.1.

mod document;
mod operation;
mod outside;
mod parameters;
mod part;
mod refusals;
mod row;
mod rows;
mod serve;

pub use document::document;
pub(crate) use serve::get;
