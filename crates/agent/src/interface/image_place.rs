//! Where the agent fetches an image, and what vouches for it: answered by image servers and registries.

use super::image_order::{ImageOrder, failed};
use super::kind::text;
use ferric_artifacts::image::{ChecksumRule, ImageAccess, ImageDigest, ImageSource, Images};
use ferric_artifacts::oci::OciKind;
use ferric_hardware::{HardwareError, HardwareErrorKind, TaskView};
use ferric_model::node::Node;
use ferric_model::secret::Secret;
use serde_json::Value;
use url::Url;

/// An image as the agent can have it.
#[derive(Debug)]
pub struct ImagePlace {
    pub url: Url,
    pub verified: PlaceVerified,
    /// The format, if somebody said it.
    pub format: Option<String>,
    /// The header `Authorization` of the download.
    pub authorization: Option<Secret<String>>,
}

#[derive(Debug)]
pub enum PlaceVerified {
    Digest(ImageDigest),
    At(Url),
}

/// Finds out where the image is.
pub async fn find(order: &ImageOrder, task: &TaskView, images: &Images) -> Result<ImagePlace, HardwareError> {
    let declared = text(&task.node.spec.instance_info, "image_disk_format").map(str::to_owned);
    let access = &order.access;
    match &order.source {
        ImageSource::Http(url) => {
            let digest = images.digest(&order.rule, &order.source, access).await.map_err(failed)?;
            Ok(ImagePlace {
                url: url.clone(),
                verified: PlaceVerified::Digest(digest),
                format: declared,
                authorization: access.authorization.clone(),
            })
        }
        ImageSource::File(_) => {
            let url = served_at(task, "image")?;
            let verified = match &order.rule {
                ChecksumRule::Served => PlaceVerified::At(served_at(task, "image.sha256")?),
                rule => {
                    PlaceVerified::Digest(images.digest(rule, &order.source, access).await.map_err(failed)?)
                }
            };
            Ok(ImagePlace { url, verified, format: declared, authorization: None })
        }
        ImageSource::Oci(reference) => {
            let arch = text(&task.node.spec.properties, "cpu_arch");
            let found = images.oci(reference, order.pull_secret.as_ref(), arch).await.map_err(failed)?;
            let OciKind::Disk { blob, digest, format, authorization, .. } = found.kind else {
                return Err(HardwareError::invalid(
                    format!("{reference} is a container and not a disk image"),
                    "set the node's deploy_interface to bootc or autodetect, or name a disk image",
                ));
            };
            let digest = match &order.rule {
                // The registry vouches for its blob by its name; who gives a digest trusts that one more.
                ChecksumRule::Served => digest,
                rule => images.digest(rule, &order.source, access).await.map_err(failed)?,
            };
            let format = declared.or_else(|| format.map(str::to_owned));
            Ok(ImagePlace { url: blob, verified: PlaceVerified::Digest(digest), format, authorization })
        }
        ImageSource::Glance(_) => Err(failed(order.source.check_served().err().unwrap_or_else(|| {
            ferric_artifacts::ArtifactError::Unsupported {
                what: "image_source",
                value: order.source.to_string(),
                supported: "http://, https://, file:// and oci:// URLs",
            }
        }))),
    }
}

/// Looks at the image: whether it can be had, is what it was declared to be, and fits.
///
/// Behind a proxy only the agent can look.
pub async fn check(order: &ImageOrder, task: &TaskView, images: &Images) -> Result<(), HardwareError> {
    let place = find(order, task, images).await?;
    if !images.config().check || order.proxies.apply_to(&place.url) {
        return Ok(());
    }
    let access = ImageAccess { authorization: place.authorization.clone() };
    let seen = images.look(&place.url, &access, place.format.as_deref()).await.map_err(failed)?;
    let streamed = images.config().stream_raw && place.format.as_deref() == Some("raw");
    match seen.size_bytes {
        Some(size) if !streamed => {
            check_memory(&task.node, size, images.config().memory_consumed_by_agent_mib)
        }
        _ => Ok(()),
    }
}

/// What is not streamed goes through the memory of the ramdisk.
fn check_memory(node: &Node, size_bytes: u64, beside_mib: u64) -> Result<(), HardwareError> {
    let memory_mib = match node.spec.properties.get("memory_mb") {
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    let needed_mib = size_bytes.div_ceil(1 << 20).saturating_add(beside_mib);
    match memory_mib {
        Some(memory_mib) if memory_mib < needed_mib => Err(HardwareError::invalid(
            format!(
                "the image and the ramdisk need {needed_mib} MiB of memory, node {} has {memory_mib} MiB",
                node.uuid
            ),
            "use a raw image with image_disk_format raw, which is written as it comes, or a smaller one",
        )),
        _ => Ok(()),
    }
}

fn served_at(task: &TaskView, name: &str) -> Result<Url, HardwareError> {
    let base = task.boot_url.as_deref().ok_or_else(|| {
        HardwareError::new(
            HardwareErrorKind::InvalidParameter,
            "image-not-found",
            "the control plane serves no artefacts, so a file:// image cannot be given to the agent",
            "configure control.boot_url, or publish the image on an http or https server",
        )
    })?;
    Url::parse(&format!("{base}/{name}"))
        .map_err(|_| HardwareError::invalid(format!("{base} is not a URL"), "correct control.boot_url"))
}
