//! Who may do what.

mod check;
mod error;
mod expression;
mod file;
mod grammar;
mod roles;
mod rules;
mod sight;
mod steps;
mod table;
mod target;
#[cfg(test)]
mod tests;
mod verdict;
mod watched;

pub use check::Scope;
pub use error::PolicyError;
pub use rules::{RULES, Rule, RuleRow};
pub use sight::{NodeSight, NodeSights};
pub use target::Target;
pub(crate) use watched::Policy;
