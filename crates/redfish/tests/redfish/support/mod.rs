//! What all tests share: nodes, tasks, short deadlines, the simulator, and a small service to order.

pub mod fixture;
pub mod service;
mod steps;
pub mod tree;

pub use fixture::{Rig, clients, node, quick, run_inspect, secs, task};
pub use service::{Answer, Seen, Service};
pub use steps::{run_step, run_step_losing};
pub use tree::Tree;
