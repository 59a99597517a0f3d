//! Steps: the units of a clean, deploy, service or verify task.

mod order;
mod spec;
mod stored;

pub use order::sort_steps;
pub use spec::{RESERVED_STEPS, Repeat, Step, StepKind, StepOrigin};
pub use stored::{RANK, STEP_INTERFACES, StoredStep, read_rank};
