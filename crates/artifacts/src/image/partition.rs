//! Partition images: what else is to be made of the disk.

use ferric_model::JsonMap;
use serde_json::{Value, json};

use crate::{ArtifactError, Result};

const MIB_PER_GIB: u64 = 1024;

/// The partitions around an image that is itself only a file system.
///
/// Source: `contract: agent-protocol` section 6, keys of partition images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionLayout {
    /// Size of the root partition.
    pub root_gb: u64,
    /// Size of the swap partition; none if 0.
    pub swap_mb: u64,
    /// Size of the ephemeral partition; none if 0.
    pub ephemeral_gb: u64,
    /// Its file system.
    pub ephemeral_format: String,
    /// Whether its content is kept.
    pub preserve_ephemeral: bool,
    /// `gpt` or `msdos`, if somebody says it.
    pub disk_label: Option<String>,
}

impl PartitionLayout {
    /// Reads `root_gb`, `swap_mb`, `ephemeral_gb`, `ephemeral_format`, `preserve_ephemeral` and the capability
    /// `disk_label` of an instance_info.
    ///
    /// Errors: `Invalid` naming the field; `root_gb` is needed.
    pub fn read(info: &JsonMap, default_format: &str) -> Result<Self> {
        let root_gb = number(info, "root_gb")?.filter(|size| *size > 0).ok_or_else(|| {
            ArtifactError::invalid("root_gb", "a partition image needs the size of its partition")
        })?;
        let ephemeral_format = match info.get("ephemeral_format") {
            None | Some(Value::Null) => default_format.to_owned(),
            Some(Value::String(name)) if is_word(name) => name.clone(),
            Some(_) => {
                return Err(ArtifactError::invalid("ephemeral_format", "expected the name of a file system"));
            }
        };
        Ok(Self {
            root_gb,
            swap_mb: number(info, "swap_mb")?.unwrap_or(0),
            ephemeral_gb: number(info, "ephemeral_gb")?.unwrap_or(0),
            ephemeral_format,
            preserve_ephemeral: flag(info, "preserve_ephemeral")?,
            disk_label: disk_label(info)?,
        })
    }

    /// Adds what the agent wants to know.
    pub(super) fn add_to(&self, info: &mut JsonMap) {
        let mut put = |key: &str, value: Value| info.insert(key.to_owned(), value);
        put("root_gb", json!(self.root_gb));
        put("root_mb", json!(self.root_gb * MIB_PER_GIB));
        put("swap_mb", json!(self.swap_mb));
        put("ephemeral_mb", json!(self.ephemeral_gb * MIB_PER_GIB));
        put("ephemeral_format", json!(self.ephemeral_format));
        put("preserve_ephemeral", json!(self.preserve_ephemeral));
        if let Some(label) = &self.disk_label {
            put("disk_label", json!(label));
        }
    }
}

/// A whole number, as such or as text.
fn number(info: &JsonMap, name: &'static str) -> Result<Option<u64>> {
    let found = match info.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(_) => None,
    };
    // The agent counts in MiB.
    match found.filter(|number| number.checked_mul(MIB_PER_GIB).is_some()) {
        Some(number) => Ok(Some(number)),
        None => Err(ArtifactError::invalid(name, "expected a whole number that is not negative")),
    }
}

fn flag(info: &JsonMap, name: &'static str) -> Result<bool> {
    match info.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(value)) => Ok(*value),
        Some(Value::String(text)) => match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" | "t" | "y" => Ok(true),
            "false" | "0" | "no" | "off" | "f" | "n" => Ok(false),
            _ => Err(ArtifactError::invalid(name, "expected true or false")),
        },
        Some(_) => Err(ArtifactError::invalid(name, "expected true or false")),
    }
}

/// `capabilities.disk_label`; capabilities are an object, or one as text.
fn disk_label(info: &JsonMap) -> Result<Option<String>> {
    let parsed = match info.get("capabilities") {
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
        Some(value) => value.clone(),
        None => Value::Null,
    };
    match parsed.get("disk_label") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(label)) if matches!(label.as_str(), "gpt" | "msdos") => Ok(Some(label.clone())),
        Some(_) => Err(ArtifactError::invalid("capabilities/disk_label", "expected gpt or msdos")),
    }
}

fn is_word(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(document: Value) -> Result<PartitionLayout> {
        PartitionLayout::read(document.as_object().unwrap(), "ext4")
    }

    #[test]
    fn sizes_are_numbers_or_text_and_root_is_needed() {
        let layout =
            read(json!({"root_gb": "10", "swap_mb": 512, "ephemeral_gb": 2, "preserve_ephemeral": "True",
            "capabilities": "{\"disk_label\": \"msdos\"}"}))
            .unwrap();
        let mut info = JsonMap::new();
        layout.add_to(&mut info);
        assert_eq!(
            Value::Object(info),
            json!({"root_gb": 10, "root_mb": 10240, "swap_mb": 512, "ephemeral_mb": 2048, "ephemeral_format": "ext4",
                "preserve_ephemeral": true, "disk_label": "msdos"})
        );
        for (bad, field) in [
            (json!({}), "root_gb"),
            (json!({"root_gb": 0}), "root_gb"),
            (json!({"root_gb": -1}), "root_gb"),
            (json!({"root_gb": u64::MAX}), "root_gb"),
            (json!({"root_gb": 1, "swap_mb": "1.5"}), "swap_mb"),
            (json!({"root_gb": 1, "ephemeral_gb": []}), "ephemeral_gb"),
            (json!({"root_gb": 1, "ephemeral_format": "ext4; rm"}), "ephemeral_format"),
            (json!({"root_gb": 1, "preserve_ephemeral": "perhaps"}), "preserve_ephemeral"),
            (json!({"root_gb": 1, "capabilities": {"disk_label": "x"}}), "disk_label"),
        ] {
            let error = read(bad.clone()).unwrap_err();
            assert!(error.to_string().contains(field), "{bad}: {error}");
        }
    }
}
