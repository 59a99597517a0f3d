//! References to disk images.

use std::fmt;

use url::Url;

use crate::oci::OciReference;
use crate::source::location_of;
use crate::{ArtifactError, Result};

const WHAT: &str = "image_source";

/// `instance_info.image_source`, told apart by kind.
///
/// `Display` and `Debug` show neither credentials nor query strings.
#[derive(Clone, PartialEq, Eq)]
pub enum ImageSource {
    /// Fetched by the agent itself.
    Http(Url),
    /// A file of the boot service's host, which serves it to the agent.
    File(Url),
    /// A disk image, or a container, in a registry.
    Oci(OciReference),
    /// An image of the image service, by UUID; not served yet.
    Glance(String),
}

impl ImageSource {
    /// Errors: `Invalid` when it is no reference at all, `Unsupported` for kinds that are unknown.
    pub fn parse(text: &str) -> Result<Self> {
        if is_uuid(text) {
            return Ok(Self::Glance(text.to_ascii_lowercase()));
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(ArtifactError::invalid(WHAT, "it has blanks or control characters"));
        }
        if text.starts_with("oci:") {
            return OciReference::parse(text).map(Self::Oci);
        }
        let url =
            Url::parse(text).map_err(|_| ArtifactError::invalid(WHAT, "expected an image UUID or a URL"))?;
        match url.scheme() {
            "http" | "https" => Ok(Self::Http(url)),
            "file" if url.to_file_path().is_ok() => Ok(Self::File(url)),
            "file" => Err(ArtifactError::invalid(WHAT, "expected file:///absolute/path without a host")),
            "glance" => match text.split_once("://") {
                Some((_, uuid)) if is_uuid(uuid) => Ok(Self::Glance(uuid.to_ascii_lowercase())),
                _ => Err(ArtifactError::invalid(WHAT, "expected glance://UUID")),
            },
            other => Err(unsupported(other)),
        }
    }

    /// Errors: `Unsupported` for kinds that are not deployed, naming those that are.
    pub fn check_served(&self) -> Result<()> {
        match self {
            Self::Http(_) | Self::File(_) | Self::Oci(_) => Ok(()),
            Self::Glance(_) => Err(unsupported("glance")),
        }
    }

    /// Last name in the reference: the image's `id` for the agent, and its name in checksum files.
    ///
    /// Errors: `Invalid` for a URL that names a directory.
    pub fn file_name(&self) -> Result<String> {
        let url = match self {
            Self::Http(url) | Self::File(url) => url,
            Self::Oci(reference) => return Ok(reference.file_name().to_owned()),
            Self::Glance(uuid) => return Ok(uuid.clone()),
        };
        let last = url.path().rsplit('/').next().unwrap_or_default();
        let name = percent_encoding::percent_decode_str(last).decode_utf8_lossy();
        // The agent makes a path of it.
        if name.is_empty() || name.contains(['/', '\\', '\0']) || name == "." || name == ".." {
            return Err(ArtifactError::invalid(WHAT, "it does not end in a file name"));
        }
        Ok(name.into_owned())
    }

    /// Whether the user must give a checksum: nobody else vouches for the content.
    pub fn needs_checksum(&self) -> bool {
        matches!(self, Self::Http(_))
    }
}

impl fmt::Display for ImageSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(url) | Self::File(url) => f.write_str(&location_of(url)),
            Self::Oci(reference) => write!(f, "{reference}"),
            Self::Glance(uuid) => write!(f, "glance://{uuid}"),
        }
    }
}

impl fmt::Debug for ImageSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ImageSource({self})")
    }
}

fn unsupported(kind: &str) -> ArtifactError {
    ArtifactError::Unsupported {
        what: WHAT,
        value: format!("kind {kind}"),
        supported: "http://, https://, file:// and oci:// URLs",
    }
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths = groups.iter().map(|group| group.len());
    lengths.eq([8, 4, 4, 4, 12]) && groups.concat().bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "3F8A4A3E-9d3b-4c9f-8f3e-0f8a4a3e9d3b";

    #[test]
    fn kinds_are_told_apart() {
        let kind = |text: &str| match ImageSource::parse(text) {
            Ok(ImageSource::Http(_)) => "http",
            Ok(ImageSource::File(_)) => "file",
            Ok(ImageSource::Oci(_)) => "oci",
            Ok(ImageSource::Glance(_)) => "glance",
            Err(error) => error.kind(),
        };
        let cases = [
            ("http://h/i.img", "http"),
            ("https://u:p@h/i.img?x", "http"),
            ("file:///srv/i.img", "file"),
            ("file://host/i.img", "invalid"),
            ("oci://quay.io/x/y:tag", "oci"),
            ("oci://quay.io/x@sha256:00", "invalid"),
            ("oci:x", "invalid"),
            (UUID, "glance"),
            ("glance://3f8a4a3e-9d3b-4c9f-8f3e-0f8a4a3e9d3b", "glance"),
            ("glance://x", "invalid"),
            ("nfs://h/x", "unsupported"),
            ("", "invalid"),
            ("cirros", "invalid"),
            ("http://h/a b", "invalid"),
            ("http://h/a\nb", "invalid"),
        ];
        for (text, expected) in cases {
            assert_eq!(kind(text), expected, "{text:?}");
        }
    }

    #[test]
    fn unserved_kinds_name_the_served_ones() {
        let error = ImageSource::parse(UUID).unwrap().check_served().unwrap_err();
        assert_eq!(error.kind(), "unsupported");
        assert!(error.to_string().contains("oci://"), "{error}");
        assert!(ImageSource::parse("file:///srv/i").unwrap().check_served().is_ok());
    }

    #[test]
    fn file_names_are_one_component() {
        let name = |text: &str| ImageSource::parse(text).unwrap().file_name();
        assert_eq!(name("http://h/a/b.qcow2?x=/y").unwrap(), "b.qcow2");
        assert_eq!(name("http://h/a%20b.img").unwrap(), "a b.img");
        for bad in ["http://h/", "http://h", "http://h/a/", "http://h/..%2f..%2fetc", "http://h/a%00b"] {
            assert_eq!(name(bad).unwrap_err().kind(), "invalid", "{bad}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let source = ImageSource::parse("https://u:hunter2@h/i?sig=hunter2").unwrap();
        assert_eq!(source.to_string(), "https://h/i");
        assert!(!format!("{source:?}").contains("hunter2"));
    }
}
