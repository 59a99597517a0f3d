//! The boot mode that an instance is to have.

use super::kind::text;
use ferric_model::node::Node;

/// Asked for, found, or `uefi`.
pub fn target_boot_mode(node: &Node) -> String {
    let asked = text(&node.spec.instance_info, "deploy_boot_mode").map(str::to_owned);
    asked
        .or_else(|| node.capability("boot_mode"))
        .or_else(|| node.status.boot_mode.clone())
        .filter(|mode| !mode.is_empty())
        .unwrap_or_else(|| "uefi".to_owned())
}
