//! Inspection rules: what to do with what inspection finds.
//!
//! Source: Ironic API reference, "Inspection rules"; `contract: hardware-interfaces` section 8.

mod action;
mod condition;
mod findings;
mod interpolate;
mod operation;
mod path;
mod run;

pub use findings::{ApiCall, Findings};
pub use operation::{ACTIONS, CONDITIONS, Multiple, Operation, Signature, check_operations};
pub use run::{RuleFailure, run};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

/// The only phase there is: after the inventory was read, before it is stored.
pub const MAIN_PHASE: &str = "main";

/// A rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InspectionRule {
    /// Row number: the order of creation.
    pub id: i64,
    /// Identity.
    pub uuid: Uuid,
    /// Higher ones run first.
    pub priority: i64,
    /// Free text.
    pub description: Option<String>,
    /// When it runs; none never does.
    pub phase: Option<String>,
    /// Whether its conditions and actions are never shown again.
    pub sensitive: bool,
    /// All of them must hold.
    pub conditions: Vec<Operation>,
    /// What is done, in this order.
    pub actions: Vec<Operation>,
    /// When it was created.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it was last written.
    #[serde(with = "time::serde::rfc3339::option")]
    pub updated_at: Option<OffsetDateTime>,
}
