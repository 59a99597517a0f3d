//! A task while this conductor works on it.

use crate::ConductorConfig;
use crate::engine::Progress;
use crate::observation::add;
use crate::reporter::{Ending, Lost, Reporter};
use ferric_hardware::{HardwareError, NodeInterfaces, TaskView};
use ferric_model::boot::BootPurpose;
use ferric_model::clock::SharedClock;
use ferric_model::errand::ErrandState;
use ferric_model::lifecycle::Event;
use ferric_model::power::{PowerState, PowerTarget};
use ferric_model::report::{Failure, Observed};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;
use time::OffsetDateTime;

/// A task while this conductor works on it.
#[derive(Debug)]
pub struct RunningTask {
    /// What interfaces see of it.
    pub view: TaskView,
    /// The node's interfaces.
    pub interfaces: NodeInterfaces,
    /// How far it came; stored with each report.
    pub progress: Progress,
    /// How the tasks stand that this one waits for.
    pub errands: Vec<ErrandState>,
    /// Whether other nodes are inside this one, as far as that matters to the task.
    pub has_children: bool,
    /// What the operator decided.
    pub config: Arc<ConductorConfig>,
    pub(crate) params: Value,
    pub(crate) clock: SharedClock,
    pub(crate) claimed_at: OffsetDateTime,
    pub(crate) reporter: Reporter,
}

/// Key of `driver_internal_info` by which the control plane wants the node to be booted once more.
pub const BOOT_AGAIN: &str = "boot_again";

/// What an instance fails with that boots from no disk, under a control plane that knows nothing of it.
const EARLIER: &str =
    "the control plane is of an earlier version, which gives an instance no address to boot from";

/// Why work on a task stopped before its end.
#[derive(Debug)]
pub enum Halt {
    /// The claim is not ours any more.
    Lost,
    /// It failed.
    Failed(Box<Failed>),
}

/// A failure, with what was seen before.
#[derive(Debug)]
pub struct Failed {
    /// Why.
    pub failure: Failure,
    /// What was seen.
    pub observed: Observed,
}

impl RunningTask {
    /// Arguments of the action.
    pub fn params<T: DeserializeOwned + Default>(&self) -> Result<T, Halt> {
        if self.params.is_null() {
            return Ok(T::default());
        }
        serde_json::from_value(self.params.clone()).map_err(|error| self.unusable_params(&error))
    }

    /// Arguments of an action that has no defaults for them.
    pub fn required_params<T: DeserializeOwned>(&self) -> Result<T, Halt> {
        serde_json::from_value(self.params.clone()).map_err(|error| self.unusable_params(&error))
    }

    /// Reports that the task goes on, with its progress; the view then shows the node as it is afterwards.
    pub async fn report(&mut self, event: Option<Event>, observed: Observed) -> Result<(), Halt> {
        let progress = Some(self.progress.to_json());
        if let Some(node) = self.reporter.send(Ending::continues(event, observed), progress).await? {
            self.view.node = node;
        }
        Ok(())
    }

    /// Begins an attempt to boot; the view then has the URL of its artefacts.
    pub async fn begin_boot(&mut self, purpose: BootPurpose) -> Result<(), Halt> {
        let begun = self.reporter.begin_boot(purpose).await?;
        match purpose {
            BootPurpose::Ramdisk => self.view.boot_url = begun.or(self.view.boot_url.take()),
            BootPurpose::Instance => {
                let url =
                    begun.ok_or_else(|| self.failed(self.doing(), HardwareError::unsupported(EARLIER)))?;
                self.view.instance_boot_url = Some(url);
            }
        }
        Ok(())
    }

    /// Whether the control plane wants the node to be booted once more, for its last boot led nowhere.
    pub fn is_to_boot_again(&self) -> bool {
        self.view.node.status.driver_internal_info.get(BOOT_AGAIN) == Some(&Value::Bool(true))
    }

    /// Changes the power and waits for it.
    pub async fn set_power(&self, target: PowerTarget) -> Result<PowerState, Halt> {
        let timeout = self.config.power_timeout();
        let reached = self.interfaces.power.set_power_state(&self.view, target, timeout).await;
        reached.map_err(|error| self.failed(format!("{}: {}", self.doing(), target.as_str()), error))
    }

    /// The event that ends a wait, if the node waits.
    pub fn resume_event(&self) -> Option<Event> {
        self.view.node.state().is_waiting().then_some(Event::Resume)
    }

    /// What is being done, for failures.
    pub fn doing(&self) -> String {
        match self.progress.running_step() {
            Some((kind, step)) => format!("{} step {}", kind.as_str(), step.label()),
            None => self.view.action.as_str().replace('_', " "),
        }
    }

    /// A failure of what was being done.
    pub fn failed(&self, doing: impl Into<String>, error: HardwareError) -> Halt {
        let step = self.progress.running_step().map(|(_, step)| step.label());
        let since = self.progress.started_at.filter(|_| step.is_some()).unwrap_or(self.claimed_at);
        let duration_ms = (self.clock.now() - since).whole_milliseconds();
        let failure = error.into_failure(doing, step, u64::try_from(duration_ms).unwrap_or_default());
        Halt::Failed(Box::new(Failed { failure, observed: Observed::default() }))
    }

    fn unusable_params(&self, error: &serde_json::Error) -> Halt {
        let summary = format!("the arguments of the {} cannot be read", self.doing());
        let advice = "upgrade conductors and control plane to the same version, then try again";
        self.failed(self.doing(), HardwareError::invalid(summary, advice).said(error.to_string()))
    }
}

impl Halt {
    /// Adds what was seen before the failure.
    pub fn saw(mut self, earlier: Observed) -> Self {
        if let Self::Failed(failed) = &mut self {
            let later = std::mem::replace(&mut failed.observed, earlier);
            add(&mut failed.observed, later);
        }
        self
    }
}

impl From<Lost> for Halt {
    fn from(_: Lost) -> Self {
        Self::Lost
    }
}
