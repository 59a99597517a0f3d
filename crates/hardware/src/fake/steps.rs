//! Tables of the steps of fake interfaces.

use ferric_model::hardware::InterfaceKind;
use ferric_model::step::{Repeat, Step, StepKind};

/// One step.
#[derive(Debug, Clone, Copy)]
pub struct FakeStep {
    kind: StepKind,
    name: &'static str,
    priority: i64,
    requires_ramdisk: bool,
    repeat: Repeat,
    abortable: bool,
}

impl FakeStep {
    /// A step during which the ramdisk runs, if the deploy interface has one.
    pub const fn new(kind: StepKind, name: &'static str, priority: i64) -> Self {
        Self { kind, name, priority, requires_ramdisk: true, repeat: Repeat::Retryable, abortable: false }
    }

    /// The same without the ramdisk.
    pub const fn without_ramdisk(self) -> Self {
        Self { requires_ramdisk: false, ..self }
    }

    /// The same, which must not act twice.
    pub const fn once(self) -> Self {
        Self { repeat: Repeat::Once, ..self }
    }

    /// The same, which an abort may interrupt.
    pub const fn abortable(self) -> Self {
        Self { abortable: true, ..self }
    }
}

/// The steps of one kind.
pub fn offered(interface: InterfaceKind, table: &[FakeStep], kind: StepKind) -> Vec<Step> {
    let step = |row: &FakeStep| Step {
        requires_ramdisk: row.requires_ramdisk,
        repeat: row.repeat,
        abortable: row.abortable,
        ..Step::new(interface, row.name, row.priority)
    };
    table.iter().filter(|row| row.kind == kind).map(step).collect()
}
