//! What was seen of an attempt to boot, from the first request for a file to its last byte.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use super::BootPurpose;

/// What one replica of the boot service saw of one file since it last told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BootFetch {
    /// Name of the file.
    pub file: String,
    /// Whether its length was asked for (HEAD).
    pub head: bool,
    /// Whether it was asked for (GET).
    pub get: bool,
    /// How many bytes went out that had not before.
    pub more_bytes: u64,
    /// How many of its bytes count: of a boot image those of kernel and ramdisk, of all else every one.
    pub total_bytes: u64,
    /// Why it could not be given out.
    pub error: Option<String>,
}

/// An attempt to boot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BootAttempt {
    /// Row number.
    pub id: i64,
    /// The node.
    pub node_uuid: Uuid,
    /// The task whose ramdisk it is; none for an instance.
    pub task_id: Option<Uuid>,
    /// What is booted.
    pub purpose: BootPurpose,
    /// Secret part of the URL.
    pub token: String,
    /// The boot interface.
    pub interface: String,
    /// Which attempt of its task, from 1.
    pub number: i32,
    /// When it began.
    pub started_at: OffsetDateTime,
    /// When something has to have happened next; none when nothing is expected any more.
    pub deadline_at: Option<OffsetDateTime>,
    /// When it ended, well or badly.
    pub ended_at: Option<OffsetDateTime>,
}

/// What is known of one file of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BootFile {
    /// Its name.
    pub file: String,
    /// When its length was first asked for.
    pub head_at: Option<OffsetDateTime>,
    /// When it was first asked for.
    pub get_at: Option<OffsetDateTime>,
    /// How many of its bytes went out. An estimate where several replicas gave out the same bytes, and never more than
    /// there are.
    pub bytes: i64,
    /// How many of its bytes count.
    pub total_bytes: i64,
    /// When something was last seen of it.
    pub seen_at: OffsetDateTime,
    /// Why it could not be given out when it was last asked for.
    pub error: Option<String>,
}

impl BootFile {
    /// Whether every byte went out.
    pub fn is_complete(&self) -> bool {
        self.total_bytes > 0 && self.bytes >= self.total_bytes
    }

    /// How much went out, in percent.
    pub fn percent(&self) -> i64 {
        if self.total_bytes <= 0 { 0 } else { (self.bytes.min(self.total_bytes) * 100) / self.total_bytes }
    }
}
