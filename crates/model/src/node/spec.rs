//! The document of a node that operators write.

use crate::JsonMap;
use crate::hardware::InterfaceKind;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What operators wrote about a node and nothing searches by.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NodeSpec {
    /// Implementation by kind of interface; always complete, defaults are resolved when the node is written.
    pub interfaces: BTreeMap<InterfaceKind, String>,
    /// How to reach the BMC; holds secrets.
    pub driver_info: JsonMap,
    /// Hardware properties.
    pub properties: JsonMap,
    /// Free-form data.
    pub extra: JsonMap,
    /// What to deploy; may hold secrets.
    pub instance_info: JsonMap,
    /// Network configuration for the ramdisk.
    pub network_data: JsonMap,
    /// Own choice about automated cleaning; none follows the configuration.
    pub automated_clean: Option<bool>,
    /// Whether the node refuses to be torn down, rebuilt or deleted.
    pub protected: bool,
    /// Why it is protected.
    pub protected_reason: Option<String>,
    /// Why it is retired.
    pub retired_reason: Option<String>,
    /// Why it is in maintenance.
    pub maintenance_reason: Option<String>,
    /// Whether the node must never be powered off.
    pub disable_power_off: bool,
    /// RAID layout asked for.
    pub target_raid_config: JsonMap,
}
