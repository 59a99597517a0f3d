#![doc = include_str!("../README.md")]

mod agent;
mod clock;
mod config;
mod control;
mod digest;
mod error;
mod fault;
mod fetch;
mod fleet;
mod hold;
mod http;
mod identity;
mod model;
mod power;
mod redfish;
mod session;
mod simulator;
mod snapshot;
mod state;
mod subscription;
mod task;

pub use config::{DhcpFiles, SimulatorConfig};
pub use error::SimError;
pub use fault::{Fault, FaultKind, Times};
pub use identity::NICS_PER_SERVER;
pub use session::{SessionCounts, SessionView};
pub use simulator::Simulator;
pub use snapshot::{AgentView, BootView, MediaView, ServerView, Snapshot};
pub use state::{Counters, DiskImage, PowerState, ResetType, Running};
