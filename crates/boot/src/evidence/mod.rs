//! What was seen of each attempt to boot: collected here, told to the control plane now and then.

mod coverage;
mod tracker;

pub(crate) use tracker::{Tracker, Watch};
