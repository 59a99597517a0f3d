//! Chassis: what groups nodes.

use crate::JsonMap;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

/// A group of nodes, such as an enclosure or a rack.
///
/// Source: Ironic API reference, "Chassis".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chassis {
    /// Row number: the order of creation.
    pub id: i64,
    /// Identity.
    pub uuid: Uuid,
    /// Free text, at most 255 characters.
    pub description: Option<String>,
    /// Operator's free-form data.
    pub extra: JsonMap,
    /// When it was created.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it was last written.
    #[serde(with = "time::serde::rfc3339::option")]
    pub updated_at: Option<OffsetDateTime>,
}
