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
    /// It did something that whoever looks after it next must know: this is stored, then the step is resumed.
    Again(Observed),
    /// The node must be rebooted into the ramdisk; the step is resumed when its agent is heard of.
    RebootAndResume(Observed),
}

/// What became of a step that was begun and must not be done twice.
#[derive(Debug, Clone, PartialEq)]
pub enum Probe {
    /// It was done.
    Done(Box<Observed>),
    /// It was not done: it may be begun again.
    NotDone,
    /// Nobody can tell.
    Unknown,
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
