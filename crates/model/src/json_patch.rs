//! JSON patch as Ironic understands it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PatchOp {
    /// Sets a member, or inserts into a list.
    Add,
    /// Sets a member that exists.
    Replace,
    /// Removes a member that exists.
    Remove,
}

/// One operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PatchOperation {
    /// What it does.
    pub op: PatchOp,
    /// Where, as a JSON pointer.
    pub path: String,
    /// The new value; absent for `remove`.
    #[serde(default)]
    pub value: Option<Value>,
}
