//! The client of agents: one call is one command or one look at the list of commands.

mod agent_client;
mod agents;
mod command;
mod error;
mod evidence;
mod request;
mod trust;

pub use agent_client::AgentClient;
pub use agents::Agents;
pub use command::{Command, CommandStatus, Commands};
pub use error::AgentError;
