//! Boot images of nodes.

use std::fmt;
use std::ops::Range;

use bytes::Bytes;
use ferric_model::secret::Secret;
use futures::stream::BoxStream;

use crate::Result;
use crate::iso::image::Image;
use crate::source::{Source, Sources};

/// What goes into a boot image.
///
/// `Debug` leaves out the command line and the embedded files: they carry the agent's token and keys.
#[derive(Clone)]
pub struct BootIsoSpec {
    /// Becomes `/vmlinuz`.
    pub kernel: Source,
    /// Becomes `/initrd`.
    pub ramdisk: Source,
    /// A FAT image of an EFI system partition; becomes `/boot/grub/efiboot.img` and the boot entry.
    pub esp: Option<Source>,
    /// An EFI application from which a system partition image is built when `esp` is absent.
    ///
    /// With neither, the image has kernel, ramdisk and grub's configuration but no boot entry: it serves readers
    /// of files, not firmware.
    pub bootloader: Option<Source>,
    /// One line, see [`crate::boot`].
    pub kernel_cmdline: Secret<String>,
    /// Publisher of the volume; the agent compares it with the kernel parameter `ir_pub_id`.
    pub publisher_id: String,
    /// Further files by path (`openstack/latest/network_data.json`, …).
    pub extra_files: Vec<(String, Vec<u8>)>,
}

/// A boot image that exists only as a plan: metadata in memory, files in their sources.
///
/// Equal specs over unchanged sources give equal bytes, in any process.
///
/// **Shape** — ISO 9660 with Rock Ridge names; volume label `VMEDIA_BOOT_ISO`, or `config-2` when files below
/// `openstack/` are embedded; `/vmlinuz`, `/initrd`, `/EFI/BOOT/grub.cfg`, `/boot/grub/grub.cfg`,
/// `/boot/grub/efiboot.img` (El Torito, EFI, no emulation), `/ferric/boot-iso`.
#[derive(Clone)]
pub struct BootIso {
    sources: Sources,
    image: Image,
}

impl BootIso {
    pub(crate) fn new(sources: Sources, image: Image) -> Self {
        Self { sources, image }
    }

    /// Exact length.
    pub fn total_bytes(&self) -> u64 {
        self.image.total_bytes()
    }

    /// Where kernel and ramdisk lie: what has to be read for the image to boot, whoever reads it. Much of the rest is never
    /// looked at.
    pub fn essential(&self) -> Vec<Range<u64>> {
        self.image.last_files(2)
    }

    /// A strong entity tag with its quotes; `None` when a source has no validator, so that a replaced file of equal
    /// length could not be told from the old one.
    pub fn etag(&self) -> Option<String> {
        self.image.etag()
    }

    /// The bytes of `range` (all without one), cut to the image; files are read as the stream reaches them.
    ///
    /// Errors (in the stream): `Changed` when a source is not what the plan was made from; otherwise whatever keeps
    /// it from being read.
    pub fn stream(&self, range: Option<Range<u64>>) -> BoxStream<'static, Result<Bytes>> {
        self.image.stream(&self.sources, range.unwrap_or(0..self.total_bytes()))
    }
}

impl fmt::Debug for BootIsoSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths: Vec<&str> = self.extra_files.iter().map(|(path, _)| path.as_str()).collect();
        f.debug_struct("BootIsoSpec")
            .field("kernel", &self.kernel)
            .field("ramdisk", &self.ramdisk)
            .field("esp", &self.esp)
            .field("bootloader", &self.bootloader)
            .field("publisher_id", &self.publisher_id)
            .field("extra_files", &paths)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for BootIso {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BootIso").field("total_bytes", &self.total_bytes()).finish_non_exhaustive()
    }
}
