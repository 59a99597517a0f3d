//! How an image is verified.

use std::time::Duration;

use url::Url;

use crate::image::{ImageSource, checksum_file};
use crate::source::{Source, Sources};
use crate::{ArtifactError, Result};

const CHECKSUM: &str = "image_checksum";
const HASH: &str = "image_os_hash_algo and image_os_hash_value";

/// Largest checksum file.
const CHECKSUM_FILE_BYTES: u64 = 1024 * 1024;
/// Deadline for reading it, retries included.
const CHECKSUM_FILE_DEADLINE: Duration = Duration::from_secs(60);

/// A hash algorithm of image checksums, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HashAlgorithm {
    /// Only where the configuration allows it.
    Md5,
    /// SHA-2, 256 bits.
    Sha256,
    /// SHA-2, 512 bits.
    Sha512,
}

/// Algorithm, its name, hexadecimal digits of a digest.
const ALGORITHMS: [(HashAlgorithm, &str, usize); 3] = [
    (HashAlgorithm::Md5, "md5", 32),
    (HashAlgorithm::Sha256, "sha256", 64),
    (HashAlgorithm::Sha512, "sha512", 128),
];

/// A known digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageDigest {
    algorithm: HashAlgorithm,
    hex: String,
}

/// The checksum fields of instance_info as they are.
#[derive(Debug, Clone, Copy, Default)]
pub struct ChecksumFields<'a> {
    /// `image_checksum`.
    pub checksum: Option<&'a str>,
    /// `image_os_hash_algo`.
    pub os_hash_algo: Option<&'a str>,
    /// `image_os_hash_value`.
    pub os_hash_value: Option<&'a str>,
}

/// Where the digest comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum ChecksumRule {
    /// It was given.
    Digest(ImageDigest),
    /// It stands in a checksum file under the image's file name.
    File(Url),
    /// Whoever serves the image tells its digest: the boot service for a file of its own, the registry for a blob.
    Served,
}

impl HashAlgorithm {
    /// The name in `image_os_hash_algo`.
    pub fn name(self) -> &'static str {
        ALGORITHMS.iter().find(|(algorithm, ..)| *algorithm == self).map_or("", |(_, name, _)| name)
    }

    /// The algorithm of that name, in either case.
    pub fn find(name: &str) -> Option<Self> {
        let found = ALGORITHMS.iter().find(|(_, known, _)| name.eq_ignore_ascii_case(known));
        found.map(|(algorithm, ..)| *algorithm)
    }
}

impl ImageDigest {
    /// A digest of a known algorithm; `None` unless `hex` has the right length and digits.
    pub fn find(algorithm: HashAlgorithm, hex: &str) -> Option<Self> {
        Self::find_by_length(hex).filter(|digest| digest.algorithm == algorithm)
    }

    /// A digest whose length tells its algorithm.
    pub fn find_by_length(hex: &str) -> Option<Self> {
        let (algorithm, ..) = ALGORITHMS.iter().find(|(.., digits)| *digits == hex.len())?;
        let digits = hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        digits.then(|| Self { algorithm: *algorithm, hex: hex.to_ascii_lowercase() })
    }

    /// The algorithm.
    pub fn algorithm(&self) -> HashAlgorithm {
        self.algorithm
    }

    /// The digest in lower-case hexadecimal.
    pub fn hex(&self) -> &str {
        &self.hex
    }
}

impl ChecksumRule {
    /// Decides from the fields; `image_os_hash_*` wins over `image_checksum`.
    ///
    /// Errors: `Invalid` for half a pair, a malformed or contradictory digest, MD5 where it is not allowed, and for
    /// nothing at all where the source needs a checksum; `Unsupported` for an unknown algorithm.
    pub fn from_fields(fields: ChecksumFields<'_>, source: &ImageSource, allow_md5: bool) -> Result<Self> {
        let rule = match (fields.os_hash_algo, fields.os_hash_value, fields.checksum) {
            (Some(algo), Some(value), _) => {
                let algorithm = algorithm("image_os_hash_algo", algo)?;
                Self::Digest(digest(HASH, algorithm, value)?)
            }
            (None, None, Some(text)) => Self::from_checksum(text)?,
            (None, None, None) if source.needs_checksum() => {
                let reason =
                    "an http(s) image needs image_checksum, or image_os_hash_algo and image_os_hash_value";
                return Err(ArtifactError::invalid(CHECKSUM, reason));
            }
            (None, None, None) => Self::Served,
            _ => return Err(ArtifactError::invalid(HASH, "either both or none must be given")),
        };
        match &rule {
            Self::Digest(digest) => check_allowed(digest, allow_md5)?,
            Self::File(_) | Self::Served => {}
        }
        Ok(rule)
    }

    fn from_checksum(text: &str) -> Result<Self> {
        if text.contains("://") {
            return match Url::parse(text) {
                Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Self::File(url)),
                _ => Err(ArtifactError::invalid(CHECKSUM, "a checksum file needs an http(s) URL")),
            };
        }
        if let Some((name, hex)) = text.split_once(':') {
            return Ok(Self::Digest(digest(CHECKSUM, algorithm(CHECKSUM, name)?, hex)?));
        }
        let digest = ImageDigest::find_by_length(text).ok_or_else(|| {
            let reason = "expected 32 (md5), 64 (sha256) or 128 (sha512) hexadecimal digits, algorithm:digits, or \
                          the URL of a checksum file";
            ArtifactError::invalid(CHECKSUM, reason)
        })?;
        Ok(Self::Digest(digest))
    }

    /// The digest itself: looked up in the checksum file where needed.
    ///
    /// Errors: `Invalid` when only whoever serves the image knows it, when the file does not list the image or lists only MD5 where it is not allowed; `TooLarge`,
    /// `Deadline` and whatever else keeps it from being read.
    pub async fn resolve(
        &self,
        sources: &Sources,
        image: &ImageSource,
        allow_md5: bool,
    ) -> Result<ImageDigest> {
        match self {
            Self::Digest(digest) => Ok(digest.clone()),
            Self::Served => {
                Err(ArtifactError::invalid(CHECKSUM, "whoever serves the image tells its checksum"))
            }
            Self::File(url) => {
                let file = Source::Http(url.clone());
                let reading = sources.read(&file, CHECKSUM_FILE_BYTES);
                let Ok(content) = tokio::time::timeout(CHECKSUM_FILE_DEADLINE, reading).await else {
                    let deadline_secs = CHECKSUM_FILE_DEADLINE.as_secs();
                    return Err(ArtifactError::Deadline { location: file.location(), deadline_secs });
                };
                let name = image.file_name()?;
                let found = checksum_file::find_digest(&String::from_utf8_lossy(&content?), &name);
                let digest = found.ok_or_else(|| {
                    ArtifactError::invalid(CHECKSUM, format!("{file} has no checksum of {name:?}"))
                })?;
                check_allowed(&digest, allow_md5)?;
                Ok(digest)
            }
        }
    }
}

impl std::fmt::Debug for ChecksumRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Digest(digest) => write!(f, "{digest:?}"),
            Self::File(url) => write!(f, "File({})", crate::source::location_of(url)),
            Self::Served => f.write_str("Served"),
        }
    }
}

fn algorithm(what: &'static str, name: &str) -> Result<HashAlgorithm> {
    HashAlgorithm::find(name).ok_or_else(|| ArtifactError::Unsupported {
        what,
        value: format!("{name:?}"),
        supported: "md5, sha256 and sha512",
    })
}

fn digest(what: &'static str, algorithm: HashAlgorithm, hex: &str) -> Result<ImageDigest> {
    ImageDigest::find(algorithm, hex).ok_or_else(|| {
        ArtifactError::invalid(what, format!("the value is not a digest of {}", algorithm.name()))
    })
}

fn check_allowed(digest: &ImageDigest, allow_md5: bool) -> Result<()> {
    if digest.algorithm == HashAlgorithm::Md5 && !allow_md5 {
        return Err(ArtifactError::invalid(CHECKSUM, "MD5 is not allowed by the configuration"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(fields: ChecksumFields<'_>) -> Result<ChecksumRule> {
        ChecksumRule::from_fields(fields, &ImageSource::parse("http://h/i.img").unwrap(), true)
    }

    fn checksum(text: &str) -> Result<ChecksumRule> {
        rule(ChecksumFields { checksum: Some(text), ..ChecksumFields::default() })
    }

    fn hash(algo: Option<&str>, value: Option<&str>) -> Result<ChecksumRule> {
        let other = "0".repeat(32);
        rule(ChecksumFields { checksum: Some(&other), os_hash_algo: algo, os_hash_value: value })
    }

    #[test]
    fn lengths_and_names_tell_the_algorithm() {
        for (name, digits) in [("md5", 32), ("sha256", 64), ("sha512", 128)] {
            let hex = "aB".repeat(digits / 2);
            for text in [hex.clone(), format!("{name}:{hex}"), format!("{}:{hex}", name.to_uppercase())] {
                let ChecksumRule::Digest(digest) = checksum(&text).unwrap() else { panic!("{text}") };
                assert_eq!((digest.algorithm().name(), digest.hex()), (name, hex.to_lowercase().as_str()));
            }
            assert!(hash(Some(name), Some(&hex)).is_ok());
        }
        assert!(matches!(checksum("https://h/SHA256SUMS").unwrap(), ChecksumRule::File(_)));
    }

    #[test]
    fn malformed_checksums_are_refused() {
        let sha = "a".repeat(64);
        let swapped = format!("sha512:{sha}");
        for bad in ["", "abc", &"g".repeat(64), &"é".repeat(16), &swapped, "md5:", "file:///sums", "http://"]
        {
            assert_eq!(checksum(bad).unwrap_err().kind(), "invalid", "{bad:?}");
        }
        assert_eq!(checksum(&format!("crc32:{sha}")).unwrap_err().kind(), "unsupported");
        assert_eq!(hash(Some("sha1"), Some(&sha)).unwrap_err().kind(), "unsupported");
        assert_eq!(hash(Some("sha256"), None).unwrap_err().kind(), "invalid");
        assert_eq!(hash(None, Some(&sha)).unwrap_err().kind(), "invalid");
        assert_eq!(hash(Some("sha512"), Some(&sha)).unwrap_err().kind(), "invalid");
        let ChecksumRule::Digest(digest) = hash(Some("sha256"), Some(&sha)).unwrap() else { panic!() };
        assert_eq!(digest.hex(), sha, "the pair wins over image_checksum");
    }

    #[test]
    fn http_needs_a_checksum_and_md5_a_permission() {
        let none = ChecksumFields::default();
        assert_eq!(rule(none).unwrap_err().kind(), "invalid");
        let file = ImageSource::parse("file:///srv/i.img").unwrap();
        assert_eq!(ChecksumRule::from_fields(none, &file, false).unwrap(), ChecksumRule::Served);
        let md5 = "0".repeat(32);
        let fields = ChecksumFields { checksum: Some(&md5), ..none };
        assert_eq!(ChecksumRule::from_fields(fields, &file, false).unwrap_err().kind(), "invalid");
        assert!(ChecksumRule::from_fields(fields, &file, true).is_ok());
    }

    #[test]
    fn no_text_panics() {
        let mut state = 7u32;
        let alphabet: Vec<char> = "0aFg:/.é\n* ()=md5sha256".chars().collect();
        for _ in 0..20_000 {
            let mut text = String::new();
            for _ in 0..state % 140 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                text.push(alphabet[(state >> 16) as usize % alphabet.len()]);
            }
            state = state.wrapping_add(1);
            if let Ok(ChecksumRule::Digest(digest)) = checksum(&text) {
                assert!([32, 64, 128].contains(&digest.hex().len()), "{text:?}");
            }
        }
    }
}
