//! The agent-side interfaces of nodes.

mod agent_step;
mod deploy_direct;
mod image_order;
mod inspect;
mod node_document;
mod poll;
mod prepare_instance_boot;
mod raid;
mod remembered;
mod rescue;
mod steps;
mod tear_down_agent;

pub use deploy_direct::{DeployDirect, deploy_direct};
pub use inspect::{InspectAgent, inspect_agent};
pub use raid::{RaidAgent, raid_agent};
pub use rescue::{RescueAgent, rescue_agent};
