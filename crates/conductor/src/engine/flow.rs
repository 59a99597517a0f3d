//! What is asked of the engine, and what it answers.

use crate::reporter::Ending;
use ferric_model::report::Observed;
use ferric_model::step::{Step, StepKind};

/// One run of steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// Kind of the steps.
    pub kind: StepKind,
    /// Which steps.
    pub wanted: Wanted,
    /// Whether the ramdisk is booted before the first step. Else a step boots it, or none does.
    pub boots_first: bool,
    /// Whether the agent may have steps for this flow.
    pub may_use_agent: bool,
    /// Whether the caller wants no ramdisk, so that steps that need one are refused.
    pub without_ramdisk: bool,
    /// Seconds of silence after which a wait has failed.
    pub timeout_secs: u64,
}

/// Which steps.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    /// All that are enabled, by priority, with these instead of those of the same name; priority 0 disables.
    ByPriority(Vec<Step>),
    /// Only these, in this order.
    InOrder(Vec<Step>),
}

/// How a run of the engine ended.
#[derive(Debug)]
pub enum Turn {
    /// The task waits; this is its report.
    Parked(Ending),
    /// Every step is done; the node does not wait.
    Finished(Observed),
}
