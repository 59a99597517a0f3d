//! Source: Memory schema.

use crate::client::{Resource, json};

/// A memory module.
#[derive(Debug, Clone)]
pub struct Memory(pub Resource);

impl Memory {
    /// Its size; nothing for an empty slot and for memory that is storage.
    pub fn capacity_mib(&self) -> Option<u64> {
        let absent = json::text(&self.0.body, &["Status", "State"]) == Some("Absent");
        let kind = json::text(&self.0.body, &["MemoryType"]);
        let volatile = matches!(kind, None | Some("DRAM"));
        json::integer(&self.0.body, &["CapacityMiB"]).filter(|size| *size > 0 && volatile && !absent)
    }
}
