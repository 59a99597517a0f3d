#![doc = include_str!("../README.md")]

mod action;
mod api_client;
mod backoff;
mod batch;
mod channel;
mod conductor;
mod config;
mod dispatch;
mod driver_call;
mod engine;
mod error;
mod lease;
mod membership;
mod node_cache;
mod observation;
mod power_sync;
mod readings;
mod reporter;
mod resolve;
mod sensors;
mod status;
mod step_priorities;
mod task;
mod worker;

pub use api_client::ApiClient;
pub use conductor::Conductor;
pub use config::{CallbackTimeouts, ClientTls, ConductorConfig};
pub use error::ConductorError;
pub use readings::{NodeSensors, Readings};
pub use status::{ConductorHealth, ConductorStatus};
pub use step_priorities::StepPriorities;
