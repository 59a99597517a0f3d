//! The image and the configdrive that an agent is told to write.

use crate::config::AgentConfig;
use ferric_artifacts::ArtifactError;
use ferric_artifacts::configdrive::GivenConfigDrive;
use ferric_artifacts::image::{
    ChecksumFields, ChecksumRule, ImageInfo, ImageSource, check_reachable, is_whole_disk_image,
};
use ferric_artifacts::source::Sources;
use ferric_hardware::{HardwareError, HardwareErrorKind};
use ferric_model::JsonMap;
use ferric_model::failure::code;
use ferric_model::node::Node;
use serde_json::Value;
use std::time::Duration;

/// What `instance_info` asks to be written, found usable without asking anybody.
#[derive(Debug)]
pub struct ImageOrder {
    source: ImageSource,
    rule: ChecksumRule,
}

impl ImageOrder {
    /// Reads a node's `instance_info`.
    ///
    /// **Errors**: `InvalidParameter` naming the field that is missing or wrong.
    pub fn read(node: &Node, config: &AgentConfig) -> Result<Self, HardwareError> {
        let field = |name: &str| text(&node.spec.instance_info, name);
        let text = field("image_source").ok_or_else(|| {
            HardwareError::invalid(
                format!("instance_info of node {} is missing image_source", node.uuid),
                "set instance_info/image_source to the URL of a whole-disk image",
            )
        })?;
        let source = ImageSource::parse(text).map_err(failed)?;
        source.served().map_err(failed)?;
        if matches!(source, ImageSource::File(_)) {
            return Err(HardwareError::invalid(
                "an image_source of kind file:// cannot be given to the agent",
                "publish the image on an http or https server that the ramdisk reaches",
            ));
        }
        source.file_name().map_err(failed)?;
        if !is_whole_disk_image(field("image_type"), field("kernel"), field("ramdisk")).map_err(failed)? {
            return Err(HardwareError::invalid(
                format!("instance_info of node {} describes a partition image", node.uuid),
                "deploy a whole-disk image: remove kernel and ramdisk from instance_info, or set image_type to \
                 whole-disk",
            ));
        }
        let fields = ChecksumFields {
            checksum: field("image_checksum"),
            os_hash_algo: field("image_os_hash_algo"),
            os_hash_value: field("image_os_hash_value"),
        };
        let rule = ChecksumRule::from_fields(fields, &source, config.allow_md5_checksum).map_err(failed)?;
        Ok(Self { source, rule })
    }

    /// Looks whether the image and its checksum can be had.
    pub async fn check(&self, sources: &Sources, config: &AgentConfig) -> Result<(), HardwareError> {
        if let (true, ImageSource::Http(url)) = (config.check_image, &self.source) {
            let deadline = Duration::from_secs(config.check_image_timeout_secs);
            check_reachable(sources, url, deadline).await.map_err(failed)?;
        }
        if matches!(self.rule, ChecksumRule::File(_)) {
            self.rule.resolve(sources, &self.source, config.allow_md5_checksum).await.map_err(failed)?;
        }
        Ok(())
    }

    /// The arguments of the agent's step `write_image`.
    pub async fn arguments(
        &self,
        node: &Node,
        sources: &Sources,
        config: &AgentConfig,
    ) -> Result<JsonMap, HardwareError> {
        let digest =
            self.rule.resolve(sources, &self.source, config.allow_md5_checksum).await.map_err(failed)?;
        let info = ImageInfo {
            node_uuid: &node.uuid.to_string(),
            source: &self.source,
            served_at: None,
            digest: &digest,
            disk_format: text(&node.spec.instance_info, "image_disk_format"),
            container_format: text(&node.spec.instance_info, "image_container_format"),
            stream_raw_images: config.stream_raw_images,
        };
        let mut arguments = JsonMap::new();
        arguments.insert("image_info".to_owned(), info.to_json().map_err(failed)?.into());
        let drive = configdrive(node).await?;
        arguments.insert("configdrive".to_owned(), drive.map_or(Value::Null, Value::String));
        Ok(arguments)
    }
}

/// The configdrive as the agent takes it: a URL, or an encoded image.
async fn configdrive(node: &Node) -> Result<Option<String>, HardwareError> {
    let given = node.spec.instance_info.get("configdrive").unwrap_or(&Value::Null);
    let parts = match GivenConfigDrive::from_json(given).map_err(failed)? {
        None => return Ok(None),
        Some(GivenConfigDrive::Url(url)) => return Ok(Some(url.into())),
        Some(GivenConfigDrive::Encoded(text)) => return Ok(Some(text)),
        Some(GivenConfigDrive::Parts(parts)) => parts,
    };
    let (uuid, name) = (node.uuid.to_string(), node.name.clone());
    match tokio::task::spawn_blocking(move || parts.build(&uuid, name.as_deref())).await {
        Ok(built) => built.map(Some).map_err(failed),
        Err(_) => Err(HardwareError::new(
            HardwareErrorKind::Unknown,
            code::CONFIGDRIVE_NOT_BUILT,
            "the configdrive could not be built",
            "read the conductor's log, and report this as a defect",
        )),
    }
}

fn text<'a>(document: &'a JsonMap, name: &str) -> Option<&'a str> {
    document.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
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
fn failed(error: ArtifactError) -> HardwareError {
    match FAILURES.iter().find(|row| row.0 == error.kind()) {
        Some((_, code, kind, advice)) => HardwareError::new(*kind, code, error.to_string(), *advice),
        None => HardwareError::invalid(error.to_string(), "correct the node's instance_info"),
    }
}
