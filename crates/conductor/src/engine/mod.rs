//! The one engine for every kind of steps: which steps, in which order, and what becomes of each.

mod boot;
mod errand;
mod execute;
mod flow;
mod pause;
mod plan;
mod progress;
mod run;

pub use boot::{abandon_ramdisk, boot_ramdisk, has_agent, leave_ramdisk, park, settle_networks};
pub use errand::await_errand;
pub use execute::alone;
pub use flow::{Flow, Turn, Wanted};
pub use progress::{Phase, Progress, Stage, Wait};
pub use run::run;
