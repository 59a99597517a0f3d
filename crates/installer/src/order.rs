//! What a node's `instance_info` asks to be installed.

use crate::{Flavour, InstallerError, Result};
use ferric_artifacts::source::Source;
use ferric_model::node::Node;
use serde_json::Value;
use url::Url;

/// What archives of a whole system are called.
///
/// Source: `contract: boot-and-images` section 9.
const ARCHIVES: [&str; 8] = [".img", ".tar", ".tbz", ".tgz", ".txz", ".tar.gz", ".tar.bz2", ".tar.xz"];

/// What `image_source` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageKind {
    /// An archive that is unpacked.
    Archive,
    /// A repository of packages.
    Repository,
}

/// An installation, as `instance_info` describes it.
#[derive(Debug, Clone)]
pub struct InstallOrder {
    /// The family of installers.
    pub flavour: Flavour,
    /// Kernel of the installer.
    pub kernel: Source,
    /// Its ramdisk.
    pub ramdisk: Source,
    /// Its second stage, where it has one.
    pub stage2: Option<Source>,
    /// What is installed; the Debian installer may know by itself.
    pub image: Option<(Url, ImageKind)>,
    /// SHA-256 of the archive.
    pub sha256: Option<String>,
    /// Where the template lies.
    pub template: Option<Source>,
}

impl InstallOrder {
    /// Reads the order of a node.
    ///
    /// **Errors**: `Order` names what is missing or contradicts; `Source` what is no reference.
    pub fn read(node: &Node) -> Result<Self> {
        let info = &node.spec.instance_info;
        let text = |key: &str| info.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let flavour = text("installer").unwrap_or("kickstart");
        let flavour = Flavour::find(flavour).ok_or_else(|| {
            InstallerError::Order(format!("instance_info.installer is none of {}", Flavour::words()))
        })?;
        let source = |key: &'static str| text(key).map(|text| Source::parse(key, text)).transpose();
        let needed = |key: &'static str| {
            source(key)?.ok_or_else(|| InstallerError::Order(format!("instance_info.{key} is missing")))
        };
        let image = text("image_source").map(image).transpose()?;
        let stage2 = source("stage2")?;
        if flavour == Flavour::Kickstart {
            let Some((_, kind)) = &image else {
                return Err(InstallerError::Order("instance_info.image_source is missing".to_owned()));
            };
            if stage2.is_none() && *kind == ImageKind::Archive {
                let text = "instance_info.stage2 is missing: an archive brings no installer with it";
                return Err(InstallerError::Order(text.to_owned()));
            }
        }
        Ok(Self {
            flavour,
            kernel: needed("kernel")?,
            ramdisk: needed("ramdisk")?,
            stage2,
            image,
            sha256: text("image_checksum").and_then(sha256),
            template: source("ks_template")?,
        })
    }

    /// The repository on the kernel line: packages come from it without a command in the answer file.
    pub fn repository(&self) -> Option<&Url> {
        self.image.as_ref().filter(|(_, kind)| *kind == ImageKind::Repository).map(|(url, _)| url)
    }
}

fn image(text: &str) -> Result<(Url, ImageKind)> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let Some(url) = url else {
        let text = "instance_info.image_source must be an http:// or https:// URL for an installer";
        return Err(InstallerError::Order(text.to_owned()));
    };
    let name = url.path().rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    if ARCHIVES.iter().any(|extension| name.ends_with(extension)) {
        return Ok((url, ImageKind::Archive));
    }
    if name.contains('.') {
        return Err(InstallerError::Order(format!(
            "instance_info.image_source is neither an archive ({}) nor a repository, whose URL ends with a slash",
            ARCHIVES.join(", ")
        )));
    }
    Ok((url, ImageKind::Repository))
}

fn sha256(text: &str) -> Option<String> {
    let hex = text.strip_prefix("sha256:").unwrap_or(text);
    (hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| hex.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferric_model::lifecycle::ProvisionState;
    use serde_json::json;

    fn read(info: Value) -> Result<InstallOrder> {
        let now = time::OffsetDateTime::UNIX_EPOCH;
        let mut node = Node::new(uuid::Uuid::nil(), "redfish", ProvisionState::Available, now);
        node.spec.instance_info = info.as_object().cloned().unwrap_or_default();
        InstallOrder::read(&node)
    }

    #[test]
    fn archives_and_repositories_are_told_apart() {
        let order = |source: &str, stage2: Option<&str>| {
            read(
                json!({"kernel": "http://h/k", "ramdisk": "http://h/r", "stage2": stage2, "image_source": source}),
            )
        };
        let kind = |source| order(source, Some("http://h/s")).unwrap().image.map(|(_, kind)| kind);
        for archive in ["http://h/a.tar.gz", "https://h/a.IMG", "http://h/x/a.txz?y=1"] {
            assert_eq!(kind(archive), Some(ImageKind::Archive), "{archive}");
        }
        for repository in ["http://h/os/", "http://h/os"] {
            assert_eq!(kind(repository), Some(ImageKind::Repository), "{repository}");
            assert!(order(repository, None).is_ok());
        }
        for (bad, expected) in
            [("http://h/a.qcow2", "neither an archive"), ("file:///a.tar", "http"), ("glance", "http")]
        {
            assert!(order(bad, Some("http://h/s")).unwrap_err().to_string().contains(expected), "{bad}");
        }
        assert!(order("http://h/a.tar", None).unwrap_err().to_string().contains("stage2 is missing"));
    }

    #[test]
    fn what_is_missing_is_named() {
        for (info, expected) in [
            (json!({}), "image_source is missing"),
            (json!({"image_source": "http://h/os/"}), "kernel is missing"),
            (json!({"image_source": "http://h/os/", "kernel": "http://h/k"}), "ramdisk is missing"),
            (json!({"installer": "autoyast"}), "none of kickstart, preseed"),
            (
                json!({"image_source": "http://h/os/", "kernel": "x", "ramdisk": "http://h/r"}),
                "invalid kernel",
            ),
        ] {
            assert!(read(info.clone()).unwrap_err().to_string().contains(expected), "{info}");
        }
        let debian = json!({"installer": "preseed", "kernel": "http://h/k", "ramdisk": "http://h/r"});
        assert_eq!(read(debian).unwrap().flavour, Flavour::Preseed);
    }
}
