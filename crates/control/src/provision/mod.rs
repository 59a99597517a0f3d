//! Provisioning: the verbs of `PUT states/provision`.

pub(crate) mod abort;
mod authorize;
mod checks;
mod request;
mod templates;

pub use request::ProvisionRequest;
