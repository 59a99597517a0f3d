//! Calls of vendor methods of hardware types: for no node in particular, so no task.

use crate::JsonMap;
use crate::task::TaskState;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

/// A call, from the moment it is accepted until somebody has read its result.
///
/// It holds no node, so nothing has to be taken over: a call whose conductor is lost is never answered, and forgotten.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DriverCall {
    /// Identity.
    pub id: Uuid,
    /// The group whose queue it is sent to.
    pub conductor_group: String,
    /// Hardware type.
    pub driver: String,
    /// Implementation of its vendor interface.
    pub interface: String,
    /// Name of the method.
    pub method: String,
    /// HTTP method of the request, in capitals.
    pub http_method: String,
    /// Arguments; may hold secrets.
    pub args: JsonMap,
    /// Where it stands; a call never parks.
    pub state: TaskState,
    /// Host name of the conductor that took it.
    pub claimed_by: Option<String>,
    /// What it answered, or why it failed.
    pub result: Option<Value>,
    /// When it was accepted.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
}
