//! What the agent is told about an image.

use ferric_model::JsonMap;
use serde_json::{Value, json};
use url::Url;

use crate::image::{ImageDigest, ImageSource};
use crate::{ArtifactError, Result};

/// Formats the agent may be asked to write.
const DISK_FORMATS: [&str; 4] = ["raw", "gpt", "qcow2", "iso"];

/// A whole-disk image for the agent's `write_image`.
///
/// The configdrive is another argument of that step, not part of this.
#[derive(Debug, Clone)]
pub struct ImageInfo<'a> {
    /// The node.
    pub node_uuid: &'a str,
    /// What the user asked for.
    pub source: &'a ImageSource,
    /// Where the agent fetches a `file://` image: the boot service's URL for it.
    pub served_at: Option<&'a Url>,
    /// By what the agent verifies it.
    pub digest: &'a ImageDigest,
    /// `image_disk_format`; without it the agent detects the format.
    pub disk_format: Option<&'a str>,
    /// `image_container_format`.
    pub container_format: Option<&'a str>,
    /// Whether raw images go straight to disk instead of through memory.
    pub stream_raw_images: bool,
}

impl ImageInfo<'_> {
    /// The JSON of the step's argument `image_info`.
    ///
    /// **Shape** — `id`, `urls` (one), `disk_format`, `container_format`, `stream_raw_images`, `checksum`,
    /// `os_hash_algo`, `os_hash_value`, `node_uuid`, `image_type`.
    ///
    /// Errors: `Unsupported` for sources and formats that are not served; `Invalid` for a source without file name or
    /// a `file://` source without a URL to serve it at.
    pub fn to_json(&self) -> Result<JsonMap> {
        if let Some(format) = self.disk_format
            && !DISK_FORMATS.contains(&format)
        {
            return Err(ArtifactError::Unsupported {
                what: "image_disk_format",
                value: format!("{format:?}"),
                supported: "raw, gpt, qcow2 and iso",
            });
        }
        let url = match (self.source, self.served_at) {
            (ImageSource::Http(url), _) => url,
            (ImageSource::File(_), Some(url)) => url,
            (ImageSource::File(_), None) => {
                let reason = "a file:// image needs the boot service, which has no URL for it";
                return Err(ArtifactError::invalid("image_source", reason));
            }
            (ImageSource::Oci(_) | ImageSource::Glance(_), _) => return Err(self.unserved()),
        };
        let mut info = JsonMap::new();
        let mut put = |key: &str, value: Value| info.insert(key.to_owned(), value);
        put("id", json!(self.source.file_name()?));
        put("urls", json!([url.as_str()]));
        put("disk_format", json!(self.disk_format));
        put("container_format", json!(self.container_format));
        put("stream_raw_images", json!(self.stream_raw_images));
        put("checksum", json!(self.digest.hex()));
        put("os_hash_algo", json!(self.digest.algorithm().name()));
        put("os_hash_value", json!(self.digest.hex()));
        put("node_uuid", json!(self.node_uuid));
        put("image_type", json!("whole-disk"));
        Ok(info)
    }

    fn unserved(&self) -> ArtifactError {
        match self.source.served() {
            Err(error) => error,
            Ok(_) => ArtifactError::invalid("image_source", "it has no URL"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agent_gets_what_it_needs() {
        let digest = ImageDigest::find_by_length(&"a".repeat(64)).unwrap();
        let source = ImageSource::parse("http://h/x/i.img").unwrap();
        let info = ImageInfo {
            node_uuid: "n",
            source: &source,
            served_at: None,
            digest: &digest,
            disk_format: Some("raw"),
            container_format: None,
            stream_raw_images: true,
        };
        assert_eq!(
            Value::Object(info.to_json().unwrap()),
            json!({
                "id": "i.img", "urls": ["http://h/x/i.img"], "disk_format": "raw", "container_format": null,
                "stream_raw_images": true, "checksum": "a".repeat(64), "os_hash_algo": "sha256",
                "os_hash_value": "a".repeat(64), "node_uuid": "n", "image_type": "whole-disk",
            })
        );
        let vmdk = ImageInfo { disk_format: Some("vmdk"), ..info.clone() };
        assert_eq!(vmdk.to_json().unwrap_err().kind(), "unsupported");
        let file = ImageSource::parse("file:///srv/i.img").unwrap();
        let unserved = ImageInfo { source: &file, ..info.clone() };
        assert_eq!(unserved.to_json().unwrap_err().kind(), "invalid");
        let at = Url::parse("http://boot/token/i.img").unwrap();
        let served = ImageInfo { source: &file, served_at: Some(&at), ..info.clone() };
        assert_eq!(served.to_json().unwrap()["urls"], json!(["http://boot/token/i.img"]));
        let oci = ImageSource::parse("oci://r/x").unwrap();
        assert_eq!(ImageInfo { source: &oci, ..info }.to_json().unwrap_err().kind(), "unsupported");
    }
}
