//! Simulated servers and the image they are to run, in the process of the test.

mod images;
mod servers;

pub use images::ImageServer;
pub use servers::{Fleet, quick_simulator};
