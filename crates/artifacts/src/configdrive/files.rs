//! The files of a configdrive, for whoever writes them one by one instead of as an image.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use flate2::read::GzDecoder;

use crate::configdrive::{GivenConfigDrive, MAX_BYTES};
use crate::iso::read_files;
use crate::source::{Source, Sources};
use crate::{ArtifactError, Result};

impl GivenConfigDrive {
    /// The files with their paths, fetched where they lie elsewhere; together at most `limit_bytes`.
    ///
    /// Errors: `Invalid` for what is no configdrive; `TooLarge`; whatever keeps a URL from being read.
    pub async fn files(
        &self,
        sources: &Sources,
        node_uuid: &str,
        node_name: Option<&str>,
        limit_bytes: u64,
    ) -> Result<Vec<(String, Bytes)>> {
        let files = match self {
            Self::Parts(parts) => parts.files(node_uuid, node_name),
            Self::Encoded(text) => encoded_files(text)?,
            Self::Url(url) => {
                let bytes = sources.read(&Source::Http(url.clone()), MAX_BYTES).await?;
                let text =
                    std::str::from_utf8(&bytes).map_err(|_| wrong("what its URL gives is no base64 text"))?;
                encoded_files(text)?
            }
        };
        let total: u64 = files.iter().map(|(_, content)| content.len() as u64).sum();
        if total > limit_bytes {
            return Err(ArtifactError::TooLarge { what: "configdrive".to_owned(), limit_bytes });
        }
        Ok(files)
    }
}

/// The files in base64 text of a compressed image.
///
/// Errors: `Invalid`; `TooLarge` when the image is larger than any configdrive, without unpacking more of it.
pub fn encoded_files(text: &str) -> Result<Vec<(String, Bytes)>> {
    let compact: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let packed = STANDARD.decode(compact).map_err(|_| wrong("it is no base64 text"))?;
    let mut image = Vec::new();
    let mut unpacked = GzDecoder::new(&packed[..]).take(MAX_BYTES + 1);
    unpacked.read_to_end(&mut image).map_err(|_| wrong("it is not compressed with gzip"))?;
    if image.len() as u64 > MAX_BYTES {
        return Err(ArtifactError::TooLarge { what: "configdrive".to_owned(), limit_bytes: MAX_BYTES });
    }
    image_files(image.into())
}

/// The files in an image.
///
/// Errors: `Invalid`.
pub fn image_files(image: Bytes) -> Result<Vec<(String, Bytes)>> {
    read_files(&image)
}

fn wrong(reason: &str) -> ArtifactError {
    ArtifactError::invalid("configdrive", reason)
}
