//! What the agent is told about an image.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ferric_model::JsonMap;
use ferric_model::secret::Secret;
use serde_json::{Value, json};
use url::Url;

use crate::image::{ImageDigest, ImageProxies, PERMITTED_FORMATS, PartitionLayout};
use crate::{ArtifactError, Result};

/// By what the agent verifies an image.
#[derive(Debug, Clone)]
pub enum Verified<'a> {
    /// By this digest.
    Digest(&'a ImageDigest),
    /// By the digest that it finds at this address.
    At(&'a Url),
}

/// An image for the agent's `write_image`.
///
/// The configdrive is another argument of that step, not part of this.
#[derive(Debug, Clone)]
pub struct ImageInfo<'a> {
    /// The node.
    pub node_uuid: &'a str,
    /// What the agent calls the image: one file name.
    pub id: &'a str,
    /// Where the agent fetches it.
    pub url: &'a Url,
    /// By what it verifies it.
    pub verified: Verified<'a>,
    /// `image_disk_format`; without it the agent detects the format.
    pub disk_format: Option<&'a str>,
    /// `image_container_format`.
    pub container_format: Option<&'a str>,
    /// Whether raw images go straight to disk instead of through memory.
    pub stream_raw_images: bool,
    /// The header `Authorization` of the download.
    pub authorization: Option<&'a Secret<String>>,
    /// User and password of the image server.
    pub credentials: Option<(&'a str, &'a Secret<String>)>,
    /// Proxies of the download.
    pub proxies: &'a ImageProxies,
    /// The partitions around the image; none for a whole-disk image.
    pub partitions: Option<&'a PartitionLayout>,
    /// `kernel` and `ramdisk` of a partition image, as the user gave them.
    pub kernel_and_ramdisk: (Option<&'a str>, Option<&'a str>),
    /// The boot mode that the instance is to have.
    pub boot_mode: &'a str,
}

impl ImageInfo<'_> {
    /// The JSON of the step's argument `image_info`; it holds secrets.
    ///
    /// **Shape** — `id`, `urls` (one), `disk_format`, `container_format`, `stream_raw_images`, `checksum`,
    /// `os_hash_algo`, `os_hash_value`, `node_uuid`, `image_type`; where they apply `image_request_authorization`
    /// (base64), `image_server_auth_strategy`, `image_server_user`, `image_server_password`, `proxies`, `no_proxy`, and for
    /// a partition image `root_gb`, `root_mb`, `swap_mb`, `ephemeral_mb`, `ephemeral_format`, `preserve_ephemeral`,
    /// `disk_label`, `kernel`, `ramdisk`, `boot_option`, `deploy_boot_mode`.
    ///
    /// Errors: `Unsupported` for a format that is not deployed.
    pub fn to_json(&self) -> Result<JsonMap> {
        check_format_name(self.disk_format)?;
        let mut info = JsonMap::new();
        let mut put = |key: &str, value: Value| info.insert(key.to_owned(), value);
        put("id", json!(self.id));
        put("urls", json!([self.url.as_str()]));
        put("disk_format", json!(self.disk_format));
        put("container_format", json!(self.container_format));
        put("stream_raw_images", json!(self.stream_raw_images));
        put("node_uuid", json!(self.node_uuid));
        put("image_type", json!(if self.partitions.is_some() { "partition" } else { "whole-disk" }));
        match self.verified {
            Verified::Digest(digest) => {
                put("checksum", json!(digest.hex()));
                put("os_hash_algo", json!(digest.algorithm().name()));
                put("os_hash_value", json!(digest.hex()));
            }
            Verified::At(url) => {
                put("checksum", json!(url.as_str()));
            }
        }
        if let Some(value) = self.authorization {
            put("image_request_authorization", json!(STANDARD.encode(value.expose())));
        } else if let Some((user, password)) = self.credentials {
            put("image_server_auth_strategy", json!("http_basic"));
            put("image_server_user", json!(user));
            put("image_server_password", json!(password.expose()));
        }
        if let Some(layout) = self.partitions {
            let (kernel, ramdisk) = self.kernel_and_ramdisk;
            put("kernel", json!(kernel));
            put("ramdisk", json!(ramdisk));
            put("boot_option", json!("local"));
            put("deploy_boot_mode", json!(self.boot_mode));
            layout.add_to(&mut info);
        }
        self.proxies.add_to(&mut info);
        Ok(info)
    }
}

/// Errors: `Unsupported` for the name of a format that is not deployed.
pub fn check_format_name(name: Option<&str>) -> Result<()> {
    match name {
        Some(name) if !PERMITTED_FORMATS.contains(&name) => Err(ArtifactError::Unsupported {
            what: "image_disk_format",
            value: format!("{name:?}"),
            supported: "raw, gpt, qcow2 and iso",
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agent_gets_what_it_needs() {
        let digest = ImageDigest::find_by_length(&"a".repeat(64)).unwrap();
        let url = Url::parse("http://h/x/i.img").unwrap();
        let none = ImageProxies::default();
        let info = ImageInfo {
            node_uuid: "n",
            id: "i.img",
            url: &url,
            verified: Verified::Digest(&digest),
            disk_format: Some("raw"),
            container_format: None,
            stream_raw_images: true,
            authorization: None,
            credentials: None,
            proxies: &none,
            partitions: None,
            kernel_and_ramdisk: (None, None),
            boot_mode: "uefi",
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

        let (bearer, password) = (Secret::new("Bearer t".to_owned()), Secret::new("p".to_owned()));
        let sums = Url::parse("http://boot/sums").unwrap();
        let both = ImageInfo {
            authorization: Some(&bearer),
            credentials: Some(("u", &password)),
            verified: Verified::At(&sums),
            ..info.clone()
        };
        let both = both.to_json().unwrap();
        assert_eq!(both["image_request_authorization"], json!("QmVhcmVyIHQ="));
        assert_eq!(both["checksum"], json!("http://boot/sums"));
        assert!(!both.contains_key("image_server_user") && !both.contains_key("os_hash_algo"), "{both:?}");
        let basic = ImageInfo { credentials: Some(("u", &password)), ..info.clone() }.to_json().unwrap();
        assert_eq!(
            (&basic["image_server_user"], &basic["image_server_password"]),
            (&json!("u"), &json!("p"))
        );

        let layout = PartitionLayout::read(json!({"root_gb": 4}).as_object().unwrap(), "ext4").unwrap();
        let partition = ImageInfo {
            partitions: Some(&layout),
            kernel_and_ramdisk: (Some("http://h/k"), None),
            boot_mode: "bios",
            ..info
        };
        let partition = partition.to_json().unwrap();
        for (key, expected) in [
            ("image_type", json!("partition")),
            ("root_mb", json!(4096)),
            ("kernel", json!("http://h/k")),
            ("deploy_boot_mode", json!("bios")),
            ("boot_option", json!("local")),
        ] {
            assert_eq!(partition[key], expected, "{key}");
        }
    }
}
