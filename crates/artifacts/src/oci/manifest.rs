//! Manifests and indexes, read as far as a disk image needs. Pure.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// What is asked for.
pub(super) const ACCEPT: &str = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, \
     application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json";

/// The configuration of what is no container.
const EMPTY_CONFIG: &str = "application/vnd.oci.empty.v1+json";

/// Names that registries use for the same architecture as the node's `cpu_arch`.
const ARCHITECTURES: [[&str; 2]; 2] = [["x86_64", "amd64"], ["aarch64", "arm64"]];

/// Annotation `disktype` and the format that it means, what is preferred first: raw goes to the disk as it comes.
const DISK_TYPES: [(&str, &str); 4] =
    [("raw", "raw"), ("applehv", "raw"), ("qcow2", "qcow2"), ("qemu", "qcow2")];

/// A manifest or an index, whichever came.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Document {
    /// Of an index.
    #[serde(default)]
    manifests: Vec<Entry>,
    #[serde(default)]
    config: Option<Descriptor>,
    #[serde(default)]
    pub(super) layers: Vec<Descriptor>,
}

/// One of several manifests.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Entry {
    pub(super) digest: String,
    #[serde(default)]
    platform: Value,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

/// A blob.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    #[serde(default)]
    pub(super) media_type: String,
    pub(super) digest: String,
    pub(super) size: u64,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

impl Document {
    pub(super) fn is_index(&self) -> bool {
        !self.manifests.is_empty()
    }

    /// Whether it is a container: those have a configuration, other artifacts an empty one or none.
    pub(super) fn is_container(&self) -> bool {
        self.config.as_ref().is_some_and(|config| config.media_type != EMPTY_CONFIG)
            && !self.layers.is_empty()
    }

    /// The manifest for a node of this architecture, with the format of its disk image if the index tells: a disk image
    /// before a container, raw before anything else.
    pub(super) fn choose(&self, cpu_arch: Option<&str>) -> Option<(&Entry, Option<&'static str>)> {
        let fitting = self.manifests.iter().filter(|entry| entry.fits(cpu_arch));
        let ranked = fitting.filter_map(|entry| match entry.annotations.get("disktype") {
            Some(kind) => {
                let row = DISK_TYPES.iter().position(|(name, _)| name == kind)?;
                Some((row, entry, Some(DISK_TYPES[row].1)))
            }
            None => Some((DISK_TYPES.len(), entry, None)),
        });
        ranked.min_by_key(|(rank, ..)| *rank).map(|(_, entry, format)| (entry, format))
    }
}

impl Entry {
    fn fits(&self, cpu_arch: Option<&str>) -> bool {
        let (Some(wanted), Some(own)) = (cpu_arch, self.platform["architecture"].as_str()) else {
            return true;
        };
        wanted == own || ARCHITECTURES.iter().any(|names| names.contains(&wanted) && names.contains(&own))
    }
}

impl Descriptor {
    /// What the blob was called when it was pushed.
    pub(super) fn title(&self) -> Option<&str> {
        self.annotations.get("org.opencontainers.image.title").map(String::as_str)
    }

    /// Whether it would have to be unpacked before it is written.
    pub(super) fn is_compressed(&self) -> bool {
        let kind = self.media_type.as_str();
        let by_kind = ["zstd", "gzip", "xz"].iter().any(|word| kind.ends_with(word));
        by_kind
            || self.title().is_some_and(|title| [".zst", ".gz", ".xz"].iter().any(|end| title.ends_with(end)))
    }

    /// The format that the name tells.
    pub(super) fn format(&self) -> Option<&'static str> {
        match self.title()?.rsplit('.').next()? {
            "qcow2" => Some("qcow2"),
            "raw" | "img" => Some("raw"),
            "iso" => Some("iso"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document(value: Value) -> Document {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn an_index_is_chosen_from_by_architecture_and_disktype() {
        let entry = |digest: &str, arch: &str, disktype: Option<&str>| {
            json!({"digest": digest, "platform": {"architecture": arch},
                "annotations": disktype.map(|kind| json!({"disktype": kind})).unwrap_or(json!({}))})
        };
        let index = document(json!({"manifests": [
            entry("container", "amd64", None),
            entry("vm", "amd64", Some("qemu")),
            entry("mac", "amd64", Some("applehv")),
            entry("windows", "amd64", Some("hyperv")),
            entry("arm", "arm64", Some("qcow2")),
        ]}));
        let chosen = |arch: Option<&str>| index.choose(arch).map(|(entry, format)| (&*entry.digest, format));
        assert_eq!(chosen(Some("x86_64")), Some(("mac", Some("raw"))));
        assert_eq!(chosen(Some("aarch64")), Some(("arm", Some("qcow2"))));
        assert_eq!(chosen(Some("ppc64le")), None);
        assert_eq!(chosen(None), Some(("mac", Some("raw"))));
        let plain = document(json!({"manifests": [entry("container", "amd64", None)]}));
        assert_eq!(
            plain.choose(Some("x86_64")).map(|(entry, format)| (&*entry.digest, format)),
            Some(("container", None))
        );
    }

    #[test]
    fn containers_have_a_configuration_and_artifacts_an_empty_one() {
        let layer = json!({"mediaType": "application/octet-stream", "digest": "d", "size": 1});
        let with = |config: &str| {
            document(json!({"config": {"mediaType": config, "digest": "c", "size": 2}, "layers": [layer]}))
        };
        assert!(with("application/vnd.oci.image.config.v1+json").is_container());
        assert!(!with(EMPTY_CONFIG).is_container());
        assert!(!document(json!({"layers": [layer]})).is_container());
    }

    #[test]
    fn names_tell_formats_and_packing() {
        let blob = |title: &str| -> Descriptor {
            serde_json::from_value(
                json!({"digest": "d", "size": 1, "annotations": {"org.opencontainers.image.title": title}}),
            )
            .unwrap()
        };
        assert_eq!(
            (blob("a.qcow2").format(), blob("a.raw").format(), blob("a").format()),
            (Some("qcow2"), Some("raw"), None)
        );
        assert!(blob("a.raw.zst").is_compressed() && !blob("a.raw").is_compressed());
    }
}
