//! Remote volumes of nodes: how a node names itself to the storage, and what it uses there.
//!
//! Source: Ironic API reference, "Volume".

use crate::JsonMap;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

/// A name under which storage knows a node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VolumeConnector {
    /// Row number: the order of creation.
    pub id: i64,
    /// Identity.
    pub uuid: Uuid,
    /// The node.
    pub node_uuid: Uuid,
    /// What kind of name: `iqn`, `ip`, `mac`, `wwnn`, `wwpn`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// The name; unique within its kind.
    pub connector_id: String,
    /// Free-form data.
    pub extra: JsonMap,
    /// When it was created.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it was last written.
    #[serde(with = "time::serde::rfc3339::option")]
    pub updated_at: Option<OffsetDateTime>,
}

/// A remote volume that a node uses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VolumeTarget {
    /// Row number: the order of creation.
    pub id: i64,
    /// Identity.
    pub uuid: Uuid,
    /// The node.
    pub node_uuid: Uuid,
    /// How it is reached: `iscsi`, `fibre_channel`, …
    pub volume_type: String,
    /// Its place among the node's volumes; 0 is booted from. Unique within the node.
    pub boot_index: i64,
    /// Which volume it is, in the words of the storage.
    pub volume_id: String,
    /// How it is reached in detail; may hold secrets.
    pub properties: JsonMap,
    /// Free-form data.
    pub extra: JsonMap,
    /// When it was created.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it was last written.
    #[serde(with = "time::serde::rfc3339::option")]
    pub updated_at: Option<OffsetDateTime>,
}
