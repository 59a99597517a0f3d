#![doc = include_str!("../README.md")]

pub mod error;
pub mod fake;
pub mod interface;
pub mod noop;
pub mod outcome;
pub mod registry;
pub mod task_view;

pub use error::{HardwareError, HardwareErrorKind};
pub use interface::{Boot, Deploy, Inspect, Management, Power};
pub use outcome::{InspectOutcome, StepOutcome};
pub use registry::{HardwareType, NodeInterfaces, Registry};
pub use task_view::TaskView;
