#![doc = include_str!("../README.md")]

mod actor;
mod agent;
mod begin;
mod boot;
mod claim;
mod commit;
mod conductors;
mod conductors_list;
mod control;
mod drivers;
mod error;
mod health;
mod history;
mod nodes;
mod observe;
mod outbox;
mod paging;
mod ports;
mod power;
mod provision;
mod report;
mod settings;
mod sweep;
mod sync_call;
mod task_read;
mod watch;

pub use actor::{Actor, RequestContext};
pub use agent::{Heartbeat, Lookup};
pub use boot::BootRequest;
pub use claim::{ClaimAnswer, Grant};
pub use conductors::LeaseTerms;
pub use control::{Control, pick_conductor};
pub use drivers::Driver;
pub use error::ControlError;
pub use ferric_db::nodes::NodeFilter;
pub use ferric_db::ports::PortFilter;
pub use health::Readiness;
pub use nodes::{InterfaceVerdict, NewNode, UpdateNode};
pub use ports::{NewPort, UpdatePort};
pub use provision::ProvisionRequest;
pub use report::ReportAnswer;
pub use settings::ControlSettings;
pub use sweep::PowerReading;

use outbox::pause as outbox_pause;
