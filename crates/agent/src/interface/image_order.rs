//! The image and the configdrive that an agent is told to write.

use super::boot_mode::target_boot_mode;
use super::configdrive::{check_configdrive, configdrive};
use super::image_place::{self, PlaceVerified};
use super::kind::text;
use ferric_artifacts::ArtifactError;
use ferric_artifacts::image::{
    ChecksumFields, ChecksumRule, ImageAccess, ImageConfig, ImageInfo, ImageProxies, ImageSource, Images,
    PartitionLayout, Verified, check_format_name, is_whole_disk_image,
};
use ferric_hardware::{HardwareError, HardwareErrorKind, TaskView};
use ferric_model::JsonMap;
use ferric_model::failure::code;
use ferric_model::node::Node;
use ferric_model::secret::Secret;
use serde_json::Value;

/// What `instance_info` asks to be written, found usable without asking anybody.
#[derive(Debug)]
pub struct ImageOrder {
    pub(super) source: ImageSource,
    pub(super) rule: ChecksumRule,
    pub(super) access: ImageAccess,
    pub(super) pull_secret: Option<Secret<String>>,
    pub(super) proxies: ImageProxies,
    /// The partitions around the image; none for a whole-disk image.
    partitions: Option<PartitionLayout>,
}

impl ImageOrder {
    /// Reads a node's `instance_info`.
    ///
    /// **Errors**: `InvalidParameter` naming the field that is missing or wrong.
    pub fn read(node: &Node, config: &ImageConfig) -> Result<Self, HardwareError> {
        let info = &node.spec.instance_info;
        let field = |name: &str| text(info, name);
        let given = field("image_source").ok_or_else(|| {
            HardwareError::invalid(
                format!("instance_info of node {} is missing image_source", node.uuid),
                "set instance_info/image_source to the URL of an image",
            )
        })?;
        let source = ImageSource::parse(given).map_err(failed)?;
        source.check_served().map_err(failed)?;
        source.file_name().map_err(failed)?;
        check_format_name(field("image_disk_format")).map_err(failed)?;
        let fields = ChecksumFields {
            checksum: field("image_checksum"),
            os_hash_algo: field("image_os_hash_algo"),
            os_hash_value: field("image_os_hash_value"),
        };
        let rule = ChecksumRule::from_fields(fields, &source, config.allow_md5_checksum).map_err(failed)?;
        check_configdrive(node)?;
        let authorization =
            field("image_request_authorization_secret").map(|text| Secret::new(text.to_owned()));
        Ok(Self {
            access: ImageAccess { authorization },
            pull_secret: pull_secret(node),
            proxies: ImageProxies::read(&node.spec.driver_info).map_err(failed)?,
            partitions: partitions(node, config)?,
            source,
            rule,
        })
    }

    /// Looks whether the image and its checksum can be had, and whether the image is what it is said to be.
    pub async fn check(&self, task: &TaskView, images: &Images) -> Result<(), HardwareError> {
        image_place::check(self, task, images).await
    }

    /// The arguments of the agent's step `write_image`; they hold secrets.
    pub async fn arguments(&self, task: &TaskView, images: &Images) -> Result<JsonMap, HardwareError> {
        let node = &task.node;
        let info = &node.spec.instance_info;
        let place = image_place::find(self, task, images).await?;
        let info = ImageInfo {
            node_uuid: &node.uuid.to_string(),
            id: &self.source.file_name().map_err(failed)?,
            url: &place.url,
            verified: match &place.verified {
                PlaceVerified::Digest(digest) => Verified::Digest(digest),
                PlaceVerified::At(url) => Verified::At(url),
            },
            disk_format: place.format.as_deref(),
            container_format: text(info, "image_container_format"),
            stream_raw_images: images.config().stream_raw,
            authorization: place.authorization.as_ref(),
            credentials: images.credentials(&place.url),
            proxies: &self.proxies,
            partitions: self.partitions.as_ref(),
            kernel_and_ramdisk: (text(info, "kernel"), text(info, "ramdisk")),
            boot_mode: &target_boot_mode(node),
        };
        let mut arguments = JsonMap::new();
        arguments.insert("image_info".to_owned(), info.to_json().map_err(failed)?.into());
        let drive = configdrive(node).await?;
        arguments.insert("configdrive".to_owned(), drive.map_or(Value::Null, Value::String));
        Ok(arguments)
    }
}

/// Whether a node's image is a file system, around which the agent makes a disk.
pub fn is_partition_image(node: &Node) -> Result<bool, HardwareError> {
    let field = |name: &str| text(&node.spec.instance_info, name);
    // What is in a registry has no kernel beside it.
    let beside = |name: &str| field(name).filter(|_| super::kind::oci_source(node).is_none());
    is_whole_disk_image(field("image_type"), beside("kernel"), beside("ramdisk"))
        .map(|whole| !whole)
        .map_err(failed)
}

/// The secret with which a registry is asked: the instance's, else the node's.
pub fn pull_secret(node: &Node) -> Option<Secret<String>> {
    let found = [&node.spec.instance_info, &node.spec.driver_info];
    found
        .iter()
        .find_map(|document| text(document, "image_pull_secret"))
        .map(|secret| Secret::new(secret.to_owned()))
}

fn partitions(node: &Node, config: &ImageConfig) -> Result<Option<PartitionLayout>, HardwareError> {
    if !is_partition_image(node)? {
        return Ok(None);
    }
    let layout = PartitionLayout::read(&node.spec.instance_info, &config.default_ephemeral_format);
    layout.map(Some).map_err(failed)
}

/// Kind of artifact error, code of the hardware error, its kind, what to try next.
const FAILURES: [(&str, &str, HardwareErrorKind, &str); 8] = {
    use HardwareErrorKind::{Nonsense, Refused, Timeout, Unreachable};
    [
        (
            "not_found",
            code::IMAGE_NOT_FOUND,
            Refused,
            "publish the file there, or correct the URL in instance_info",
        ),
        ("denied", code::IMAGE_DENIED, Refused, "grant access to the conductor and to the ramdisk"),
        (
            "unreachable",
            code::IMAGE_UNREACHABLE,
            Unreachable,
            "check that the image server runs and can be reached",
        ),
        (
            "busy",
            code::IMAGE_UNREACHABLE,
            Unreachable,
            "try again when fewer deployments read from that server",
        ),
        (
            "changed",
            code::IMAGE_UNREACHABLE,
            Unreachable,
            "try again once the file is no longer being replaced",
        ),
        (
            "deadline",
            code::IMAGE_UNREACHABLE,
            Timeout,
            "check the load of the image server and the network to it",
        ),
        ("bad_answer", code::IMAGE_NONSENSE, Nonsense, "check what serves this URL"),
        ("assemble", code::CONFIGDRIVE_NOT_BUILT, Nonsense, "report this as a defect"),
    ]
};

/// Everything that has no row is a wrong value in `instance_info`.
pub fn failed(error: ArtifactError) -> HardwareError {
    match FAILURES.iter().find(|row| row.0 == error.kind()) {
        Some((_, code, kind, advice)) => HardwareError::new(*kind, code, error.to_string(), *advice),
        None => HardwareError::invalid(error.to_string(), "correct the node's instance_info"),
    }
}
