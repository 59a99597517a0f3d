//! TLS of both listeners: certificates come from files and are read again when those change.

mod accept;
mod certificate;
mod client;
mod reloading;
mod settings;
#[cfg(test)]
mod tests;

pub(crate) use accept::accept;
pub(crate) use certificate::certificates;
pub(crate) use settings::ServerTls;
