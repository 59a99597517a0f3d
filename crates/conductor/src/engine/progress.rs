//! How far a task came: what the next conductor needs to go on.

use ferric_model::step::{Step, StepKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;

/// How far a task came. It is stored with every report, before anything acts on hardware and after.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// Part of the flow.
    pub phase: Phase,
    /// Kind of the steps.
    pub kind: Option<StepKind>,
    /// The steps, those that are done included.
    pub steps: Vec<Step>,
    /// Index of the present step.
    pub cursor: usize,
    /// How far the present step came, or the boot before the first step.
    pub stage: Stage,
    /// When the present step began.
    #[serde(with = "time::serde::rfc3339::option")]
    pub started_at: Option<OffsetDateTime>,
    /// Whether the agent was asked for its steps.
    pub agent_steps_known: bool,
    /// Whether the ramdisk was booted by this task.
    pub ramdisk: bool,
    /// Whether the step that asked for the present boot goes on after it.
    pub resumes: bool,
    /// How often in a row the agent could not be asked although it was heard of.
    pub failed_looks: u32,
    /// How often the steps were planned anew because the agent was another one.
    pub replans: u32,
    /// How often the present step has failed and was to be tried again.
    pub failed_tries: u32,
    /// Whether the node that contains this one is on, as far as it had to be waited for.
    pub parent_is_on: bool,
    /// What the task waits for although a step has failed.
    pub after_failure: Option<Wait>,
}

/// What a task waits for before it tries a step again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wait {
    /// A time.
    Time {
        /// In seconds.
        secs: u64,
    },
    /// Somebody lets the node go on.
    Permission,
}

/// Part of a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Before the first step.
    #[default]
    Prepare,
    /// One step after the other.
    Steps,
    /// After the last step.
    Finish,
}

/// How far a step came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Not begun.
    #[default]
    Pending,
    /// Begun; found by a new claim, nobody knows whether it was done.
    Started,
    /// The ramdisk is being booted, which may be begun again at any point.
    Booting,
    /// The installer is being booted, which may be begun again at any point.
    BootingInstaller,
    /// The ramdisk was booted; whatever asked for it is done when its agent is heard of.
    AwaitingRamdisk,
    /// The agent works on it.
    AwaitingAgent,
    /// Other nodes are worked on for it.
    AwaitingErrand,
    /// Begun, and what it did so far is stored: whoever finds it here looks after it.
    Underway,
}

impl Progress {
    /// The present step, or none after the last.
    pub fn current(&self) -> Option<&Step> {
        self.steps.get(self.cursor).filter(|_| self.phase == Phase::Steps)
    }

    /// The step that was begun and has not ended.
    pub fn running_step(&self) -> Option<(StepKind, &Step)> {
        let step = self.current().filter(|_| self.stage != Stage::Pending)?;
        Some((self.kind?, step))
    }

    /// The present step has ended.
    pub fn advance(&mut self) {
        self.cursor += 1;
        self.stage = Stage::Pending;
        self.started_at = None;
        self.failed_looks = 0;
        self.failed_tries = 0;
        self.resumes = false;
    }

    /// The form in which it is stored.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}
