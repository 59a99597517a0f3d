//! `oci://registry/name:tag` and `oci://registry/name@sha256:digest`.

use std::fmt;

use crate::{ArtifactError, Result};

const WHAT: &str = "image_source";

/// An image in a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OciReference {
    /// `host` or `host:port`.
    pub registry: String,
    /// The repository's name, slashes included.
    pub name: String,
    /// A tag, or a digest with its algorithm.
    pub version: String,
}

impl OciReference {
    /// Reads a reference; without a version it is the tag `latest`.
    ///
    /// Errors: `Invalid` for anything that a registry would not take.
    pub fn parse(text: &str) -> Result<Self> {
        let bad = |reason: &str| ArtifactError::invalid(WHAT, format!("oci:// reference: {reason}"));
        let rest = text.strip_prefix("oci://").ok_or_else(|| bad("expected oci://registry/name"))?;
        let (registry, path) = rest.split_once('/').ok_or_else(|| bad("expected oci://registry/name"))?;
        let host_character = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
        if registry.is_empty() || !registry.chars().all(host_character) {
            return Err(bad("the registry is not a host name"));
        }
        let (name, version) = match (path.split_once('@'), path.rsplit_once(':')) {
            (Some((name, digest)), _) => {
                let hex =
                    digest.strip_prefix("sha256:").ok_or_else(|| bad("only sha256 digests are known"))?;
                if hex.len() != 64 || !hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
                    return Err(bad("the digest is not one of sha256"));
                }
                // A tag beside a digest says nothing more.
                (name.rsplit_once(':').map_or(name, |(name, _)| name), digest)
            }
            (None, Some((name, tag))) => (name, tag),
            (None, None) => (path, "latest"),
        };
        let name_character = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
        let part =
            |part: &str| !part.is_empty() && !part.starts_with('.') && part.chars().all(name_character);
        if !name.split('/').all(part) {
            return Err(bad(
                "the name has other characters than a-z, 0-9, '.', '_', '-' between its slashes",
            ));
        }
        let tag_character = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let is_tag = (1..=128).contains(&version.len()) && version.chars().all(tag_character);
        if !is_tag && !version.starts_with("sha256:") {
            return Err(bad("the tag has other characters than letters, digits, '.', '_', '-'"));
        }
        Ok(Self { registry: registry.to_owned(), name: name.to_owned(), version: version.to_owned() })
    }

    /// Last part of the name: what the image is called.
    pub fn file_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or_default()
    }
}

impl fmt::Display for OciReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { registry, name, version } = self;
        let separator = if version.starts_with("sha256:") { '@' } else { ':' };
        write!(f, "oci://{registry}/{name}{separator}{version}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_and_written() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let cases = [
            ("oci://quay.io/a/b:1.0", ("quay.io", "a/b", "1.0")),
            ("oci://127.0.0.1:5000/disk", ("127.0.0.1:5000", "disk", "latest")),
            (&format!("oci://h/a:x@{digest}"), ("h", "a", &*digest)),
            (&format!("oci://h:1/a/b_c-d.e@{digest}"), ("h:1", "a/b_c-d.e", &*digest)),
        ];
        for (text, (registry, name, version)) in cases {
            let read = OciReference::parse(text).unwrap();
            assert_eq!((&*read.registry, &*read.name, &*read.version), (registry, name, version), "{text}");
            assert_eq!(OciReference::parse(&read.to_string()).unwrap(), read);
        }
    }

    #[test]
    fn what_no_registry_takes_is_refused() {
        for bad in [
            "oci://h",
            "oci:///a",
            "oci://h/",
            "oci://h/A",
            "oci://h/a//b",
            "oci://h/../b",
            "oci://h/a:",
            "oci://h/a:b c",
            "oci://h/a@sha256:00",
            "oci://h/a@md5:00",
            "oci://u@h/a",
            "oci://h/a?x=1",
            "http://h/a",
        ] {
            assert_eq!(OciReference::parse(bad).unwrap_err().kind(), "invalid", "{bad}");
        }
    }
}
