//! Inspection rules: keeping them, and what they make of what inspection finds.
//!
//! Source: `contract: rest-api` section 7, `contract: hardware-interfaces` section 8.

mod call;
mod document;
mod judge;
mod keep;

pub(crate) use call::make as make_calls;
pub use document::NewInspectionRule;
pub(crate) use judge::judge;
