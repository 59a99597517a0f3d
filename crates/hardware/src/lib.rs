#![doc = include_str!("../README.md")]

mod boot_settings;
pub mod enabled;
pub mod error;
pub mod fake;
pub mod interface;
pub mod manual;
pub mod network_boot;
mod node_steps;
pub mod noop;
pub mod outcome;
pub mod registry;
pub mod task_view;

pub use enabled::{EnableError, Enabled};
pub use error::{HardwareError, HardwareErrorKind};
pub use interface::{
    Bios, Boot, Console, Deploy, Firmware, Inspect, Management, Network, Power, Raid, Rescue, Steps, Vendor,
};
pub use outcome::{InspectOutcome, Probe, StepOutcome};
pub use registry::{Generic, HardwareType, Implementations, NodeInterfaces, Registry};
pub use task_view::TaskView;
