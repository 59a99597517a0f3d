//! Steps: the units of a clean, deploy, service or verify task.

mod order;
mod spec;

pub use order::sort_steps;
pub use spec::{RESERVED_STEPS, Repeat, Step, StepKind, StepOrigin};
