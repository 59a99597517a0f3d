//! Where bytes come from: references, their length and validators, and ranged reads.

mod budget;
mod config;
mod facts;
mod file;
mod http;
mod reference;
mod sources;

pub use config::SourceConfig;
pub use facts::SourceFacts;
pub(crate) use http::refusal;
pub use reference::Source;
pub(crate) use reference::location_of;
pub use sources::Sources;
