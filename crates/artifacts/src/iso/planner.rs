//! From what a node boots to an image that can be read.

use std::sync::Arc;

use bytes::Bytes;

use crate::iso::boot_iso::{BootIso, BootIsoSpec};
use crate::iso::esp::EspCache;
use crate::iso::grub;
use crate::iso::image::{Content, Image};
use crate::iso::layout::LayoutSpec;
use crate::source::{Source, Sources};
use crate::{ArtifactError, Result};

const LABEL: &str = "VMEDIA_BOOT_ISO";
/// The label by which the agent looks for embedded configuration.
const LABEL_WITH_CONFIGURATION: &str = "config-2";
const CONFIGURATION_FOLDER: &str = "openstack/";
const ESP_PATH: &str = "boot/grub/efiboot.img";

/// Plans boot images; cheap to clone, one for each process.
///
/// Keeps nothing that a second process would not compute equally, so any replica answers any range request.
#[derive(Debug, Clone)]
pub struct IsoPlanner {
    sources: Sources,
    esp: Arc<EspCache>,
}

impl IsoPlanner {
    /// Plans with these sources.
    pub fn new(sources: Sources) -> Self {
        Self { sources, esp: Arc::default() }
    }

    /// Lays the image out; asks sources for their length (briefly remembered) but reads none of them, except a
    /// `bootloader` of which a system partition image must be built.
    ///
    /// Errors: `Invalid` for unusable paths or a bad command line, `TooLarge` for a file of 4 GiB or more, and
    /// whatever keeps a source from being read.
    pub async fn plan(&self, spec: BootIsoSpec) -> Result<BootIso> {
        let config = Bytes::from(grub::config(spec.kernel_cmdline.expose())?);
        let embeds = spec.extra_files.iter().any(|(path, _)| path.starts_with(CONFIGURATION_FOLDER));
        let label = if embeds { LABEL_WITH_CONFIGURATION } else { LABEL };

        let mut files = vec![
            (grub::MARKER.to_owned(), Content::Inline(Bytes::from_static(b"Ferric boot image\n"))),
            ("EFI/BOOT/grub.cfg".to_owned(), Content::Inline(config.clone())),
            ("boot/grub/grub.cfg".to_owned(), Content::Inline(config)),
        ];
        for (path, content) in spec.extra_files {
            files.push((path, Content::Inline(content.into())));
        }
        let esp = match (spec.esp, spec.bootloader) {
            (Some(esp), _) => Some(self.remote("EFI system partition image", esp).await?),
            (None, Some(bootloader)) => {
                Some(Content::Inline(self.esp.get_or_build(&self.sources, &bootloader).await?))
            }
            (None, None) => None,
        };
        let boot_file = esp.as_ref().map(|_| files.len());
        files.extend(esp.map(|esp| (ESP_PATH.to_owned(), esp)));
        files.push(("vmlinuz".to_owned(), self.remote("kernel", spec.kernel).await?));
        files.push(("initrd".to_owned(), self.remote("ramdisk", spec.ramdisk).await?));

        let layout = LayoutSpec { label, publisher: &spec.publisher_id, boot_file };
        Ok(BootIso::new(self.sources.clone(), Image::compute(layout, files)?))
    }

    async fn remote(&self, what: &'static str, source: Source) -> Result<Content> {
        let facts = self.sources.facts(&source).await?;
        if facts.size_bytes == 0 {
            return Err(ArtifactError::invalid(what, format!("{source} is empty")));
        }
        Ok(Content::Remote(source, facts))
    }
}
