//! The provisioning state machine: states, events and transitions as data, and the one judge over them.

mod advance;
mod event;
mod provision;
mod state;
mod table;
mod verb;

pub use advance::{InvalidTransition, advance, cleaning_success, is_legal};
pub use event::Event;
pub use provision::{Provision, UnknownProvision};
pub use state::ProvisionState;
pub use table::{TRANSITIONS, Transition};
pub use verb::Verb;
