//! Who may do what.

mod check;
mod rules;
mod target;

pub use check::Scope;
pub use rules::{RULES, Rule};
pub use target::Target;
