//! References to bytes.

use std::fmt;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use url::Url;

use crate::{ArtifactError, Result};

/// Where a kernel, ramdisk, boot image or disk image comes from.
///
/// `Display` and `Debug` never show credentials, query strings or content.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Source {
    /// An `http://` or `https://` URL.
    Http(Url),
    /// An absolute path on this host, written `file:///path`.
    File(PathBuf),
    /// Bytes held by the caller.
    Memory(Bytes),
}

impl Source {
    /// Reads a reference as users write it.
    ///
    /// Errors: `Invalid` when it is not an absolute URL, `Unsupported` for any other scheme. `what` names the field
    /// in those errors.
    pub fn parse(what: &'static str, text: &str) -> Result<Self> {
        const SUPPORTED: &str = "http://, https:// and file:// URLs";
        let url = match Url::parse(text) {
            Ok(url) => url,
            Err(_) => return Err(ArtifactError::invalid(what, format!("expected one of {SUPPORTED}"))),
        };
        match url.scheme() {
            "http" | "https" => Ok(Self::Http(url)),
            "file" => match url.to_file_path() {
                Ok(path) => Ok(Self::File(path)),
                Err(()) => Err(ArtifactError::invalid(what, "expected file:///absolute/path without a host")),
            },
            other => {
                Err(ArtifactError::Unsupported { what, value: format!("{other}:"), supported: SUPPORTED })
            }
        }
    }

    /// The reference without anything secret, for messages.
    pub fn location(&self) -> String {
        match self {
            Self::Http(url) => location_of(url),
            Self::File(path) => location_of_path(path),
            Self::Memory(bytes) => format!("{} bytes in memory", bytes.len()),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.location())
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({})", self.location())
    }
}

/// A URL without user name, password, query and fragment.
pub(crate) fn location_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{}://{host}:{port}{}", url.scheme(), url.path()),
        None => format!("{}://{host}{}", url.scheme(), url.path()),
    }
}

pub(crate) fn location_of_path(path: &Path) -> String {
    format!("file://{}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_told_apart() {
        let parse = |text| Source::parse("deploy_kernel", text);
        assert!(matches!(parse("http://h/k"), Ok(Source::Http(_))));
        assert!(matches!(parse("https://h:8443/k?x=1"), Ok(Source::Http(_))));
        assert_eq!(parse("file:///var/k").unwrap(), Source::File(PathBuf::from("/var/k")));
        for wrong in ["", "/var/k", "k", "http://", "file://host/k", "\u{0}", "http://[::1"] {
            assert_eq!(parse(wrong).unwrap_err().kind(), "invalid", "{wrong:?}");
        }
        for other in ["ftp://h/k", "glance://x", "oci://h/x", "nfs://h/x"] {
            let error = parse(other).unwrap_err();
            assert_eq!(error.kind(), "unsupported", "{other}");
            assert!(error.to_string().contains("file://"), "{error}");
        }
    }

    #[test]
    fn secrets_in_urls_are_not_shown() {
        let source = Source::parse("x", "https://user:hunter2@h:8443/p/k?sig=hunter2#hunter2").unwrap();
        assert_eq!(source.to_string(), "https://h:8443/p/k");
        assert!(!format!("{source:?}").contains("hunter2"));
    }
}
