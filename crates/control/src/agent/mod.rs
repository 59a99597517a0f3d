//! What the agent in the ramdisk says: lookup, heartbeat, inspection data.

mod discovery;
mod heartbeat;
mod inspection;
mod lookup;

pub use heartbeat::Heartbeat;
pub(crate) use heartbeat::{DRIVING, wake};
pub use lookup::Lookup;
