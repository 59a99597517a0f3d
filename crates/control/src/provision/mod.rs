//! Provisioning: the verbs of `PUT states/provision`.

pub(crate) mod abort;
mod authorize;
mod checks;
mod cleaning;
mod configdrive;
mod disallowed;
mod request;
pub(crate) mod rescue_password;
mod steps;
mod templates;

pub use configdrive::{CONFIGDRIVE, read_configdrive};
pub use request::ProvisionRequest;
pub use rescue_password::hash_rescue_password;
pub use steps::{CLEAN_STEPS, DEPLOY_STEPS, read_clean_steps, read_deploy_steps, read_service_steps};
