//! The agent-side interfaces of nodes.

mod agent_step;
mod autodetect;
mod boot_mode;
mod configdrive;
mod deploy;
mod image_order;
mod image_place;
mod inspect;
mod kind;
mod node_document;
mod poll;
mod prepare_instance_boot;
mod raid;
mod ramdisk_boot;
mod remembered;
mod rescue;
mod steps;
mod tear_down_agent;

pub use autodetect::AutodetectDeploy;
pub use deploy::{AgentDeploy, deploy_interfaces};
pub use inspect::{InspectAgent, inspect_agent};
pub use kind::DeployKind;
pub use raid::{RaidAgent, raid_agent};
pub use rescue::{RescueAgent, rescue_agent};
