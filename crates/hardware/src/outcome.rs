//! What a step or an inspection led to. Interfaces say what happened; the engine decides what follows.

use ferric_model::report::Observed;

/// What a step led to.
#[derive(Debug, Clone, PartialEq)]
pub enum StepOutcome {
    /// It is done.
    Done(Observed),
    /// The ramdisk must be booted; the step is done when its agent is heard of.
    BootRamdisk(Observed),
    /// The installer must be booted in place of the ramdisk; the step is resumed whenever it is heard of.
    BootInstaller(Observed),
    /// The agent works on it; the step is resumed when the agent is heard of again.
    Wait(Observed),
    /// It is done and the node must be rebooted into the ramdisk before the next step.
    Reboot(Observed),
}

/// What an inspection led to.
#[derive(Debug, Clone, PartialEq)]
pub enum InspectOutcome {
    /// Everything is known.
    Done(Observed),
    /// The ramdisk must be booted; it sends what it finds to the API.
    BootRamdisk(Observed),
}

impl StepOutcome {
    /// Done, with nothing seen.
    pub fn done() -> Self {
        Self::Done(Observed::default())
    }
}
