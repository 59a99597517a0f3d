//! Virtual media for whoever uses the node, beside those that ramdisks are booted from.

use crate::client::{Access, Result};
use crate::vmedia::{self, MediaKind};
use ferric_hardware::HardwareError;
use ferric_hardware::interface::VirtualMedia;
use ferric_model::report::Observed;
use ferric_model::task::params::AttachVirtualMedia;

/// Every slot, and what is in it.
pub(super) async fn list(access: &Access) -> Result<Vec<VirtualMedia>> {
    let system = access.system().await?;
    let slots = vmedia::slots(access, &system, MediaKind::Any).await?;
    let shown = |slot: &crate::resource::VirtualMedia| VirtualMedia {
        media_types: slot.media_types().into_iter().map(str::to_owned).collect(),
        inserted: slot.is_inserted(),
        image: slot.image().unwrap_or_default().to_owned(),
    };
    Ok(slots.iter().map(shown).collect())
}

/// Inserts an image into the first slot of the wanted kind, in place of what is in it. The BMC fetches it itself.
pub(super) async fn attach(
    access: &Access,
    media: &AttachVirtualMedia,
) -> std::result::Result<Observed, HardwareError> {
    if media.image_download_source == "swift" {
        return Err(HardwareError::invalid(
            "images cannot be handed over through an object store",
            "choose http as image_download_source: the BMC fetches the image itself",
        ));
    }
    let kind = kind(&media.device_type)?;
    let system = access.system().await?;
    let slots: Vec<_> = vmedia::slots(access, &system, kind).await?.into_iter().take(1).collect();
    vmedia::eject_all(access, &slots).await?;
    vmedia::insert(access, slots, &media.image_url).await?;
    Ok(Observed::default())
}

/// Empties the slots of these kinds, or all.
pub(super) async fn detach(
    access: &Access,
    device_types: Option<&[String]>,
) -> std::result::Result<Observed, HardwareError> {
    let kinds = match device_types {
        Some(words) => words.iter().map(|word| kind(word)).collect::<std::result::Result<Vec<_>, _>>()?,
        None => vec![MediaKind::Any],
    };
    let system = access.system().await?;
    for kind in kinds {
        let slots = vmedia::slots(access, &system, kind).await?;
        vmedia::eject_all(access, &slots).await?;
    }
    Ok(Observed::default())
}

fn kind(word: &str) -> std::result::Result<MediaKind, HardwareError> {
    MediaKind::find(word).ok_or_else(|| {
        HardwareError::invalid(
            format!("Invalid device type {word} specified."),
            "choose cdrom, disk or floppy",
        )
    })
}
