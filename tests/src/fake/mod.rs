//! Nodes of `fake-hardware` whose every operation a test decides, counts and can hold back.

mod node;
mod prompter;

pub use node::{FakeNode, step};
pub use prompter::{Moment, Prompter};
