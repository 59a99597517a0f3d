//! The conversation with a BMC: transport, sessions, links, actions and tasks.
//!
//! It follows links and never guesses a path, reads leniently, keeps status, `ETag` and `Location`, and never repeats
//! an action of which nobody knows whether it was carried out.

mod action;
mod bmc;
mod clients;
mod error;
mod get;
pub mod json;
mod pace;
mod reply;
mod said;
mod session;
mod task_monitor;
mod trust;

pub use action::Accepted;
pub use bmc::Bmc;
pub use clients::{Access, RedfishClients};
pub use error::{RedfishError, Request, Result};
pub use get::Resource;
pub use pace::Pace;
pub use said::Said;
pub use task_monitor::TaskLook;
