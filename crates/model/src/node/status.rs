//! The document of a node that conductors' reports write.

use crate::JsonMap;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// What conductors observed about a node and nothing searches by.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NodeStatus {
    /// State of the drivers; holds the agent's token.
    pub driver_internal_info: JsonMap,
    /// The last failure, in words; written together with the state it explains.
    pub last_error: Option<String>,
    /// The clean step that runs, or empty.
    pub clean_step: JsonMap,
    /// The deploy step that runs, or empty.
    pub deploy_step: JsonMap,
    /// The service step that runs, or empty.
    pub service_step: JsonMap,
    /// RAID layout found.
    pub raid_config: JsonMap,
    /// `uefi` or `bios`.
    pub boot_mode: Option<String>,
    /// Whether secure boot is on.
    pub secure_boot: Option<bool>,
    /// `OK`, `Warning` or `Critical`.
    pub health: Option<String>,
    /// Whether a console runs.
    pub console_enabled: bool,
    /// When the last inspection ended.
    #[serde(with = "time::serde::rfc3339::option")]
    pub inspection_finished_at: Option<OffsetDateTime>,
}
