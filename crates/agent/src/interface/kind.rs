//! The deploy interfaces of this crate, and which of them a node's instance_info is meant for.

use ferric_model::JsonMap;
use ferric_model::node::Node;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A deploy interface in which the ramdisk's agent has a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeployKind {
    /// The agent fetches an image and writes it.
    Direct,
    /// The agent does what the steps of the user say.
    CustomAgent,
    /// The agent installs a container with `bootc`.
    Bootc,
    /// Nothing is written: the node boots the user's system at every start. The agent only cleans.
    Ramdisk,
}

impl DeployKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Direct, Self::Ramdisk, Self::Bootc, Self::CustomAgent];

    /// Its name, as in the node's field `deploy_interface`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::CustomAgent => "custom-agent",
            Self::Bootc => "bootc",
            Self::Ramdisk => "ramdisk",
        }
    }

    /// Whether instance_info is meant for it, as far as it tells. What is in a registry it does not.
    ///
    /// Source: `supports_deploy` of Ironic's interfaces.
    pub fn fits(self, node: &Node) -> bool {
        let info = &node.spec.instance_info;
        match self {
            Self::Ramdisk => {
                let system = has(info, "boot_iso") || (has(info, "kernel") && has(info, "ramdisk"));
                system && is_true(info.get("ironic_ramdisk_deploy"))
            }
            Self::Direct => has(info, "image_source"),
            Self::Bootc | Self::CustomAgent => false,
        }
    }
}

/// The image of a node that only a registry can say more of.
pub fn oci_source(node: &Node) -> Option<&str> {
    text(&node.spec.instance_info, "image_source").filter(|source| source.starts_with("oci://"))
}

pub fn text<'a>(document: &'a JsonMap, name: &str) -> Option<&'a str> {
    document.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn has(info: &JsonMap, name: &str) -> bool {
    text(info, name).is_some()
}

fn is_true(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(value)) => *value,
        Some(Value::String(text)) => {
            matches!(text.to_ascii_lowercase().as_str(), "true" | "1" | "yes" | "on")
        }
        _ => false,
    }
}
