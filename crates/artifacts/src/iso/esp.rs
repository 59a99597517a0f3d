//! EFI system partition images, built in memory from a boot loader.

use std::io::{Cursor, Write};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use fatfs::{FileSystem, FormatVolumeOptions, FsOptions, format_volume};

use crate::iso::grub;
use crate::source::{Source, SourceFacts, Sources};
use crate::{ArtifactError, Result};

/// Largest boot loader taken into memory.
const BOOTLOADER_BYTES: u64 = 16 * 1024 * 1024;
/// System partition images kept.
const KEPT: usize = 4;
const MIB: usize = 1024 * 1024;

/// Machine numbers of PE images and the name under which firmware looks for them.
///
/// **Source**: UEFI 2.10, 3.5.1.1 table 3.3.
const REMOVABLE_NAMES: [(u16, &str); 5] = [
    (0x8664, "BOOTX64.EFI"),
    (0xAA64, "BOOTAA64.EFI"),
    (0x014C, "BOOTIA32.EFI"),
    (0x5064, "BOOTRISCV64.EFI"),
    (0x6264, "BOOTLOONGARCH64.EFI"),
];

/// The images built last, each up to about 17 MiB; every range of a boot image needs one.
#[derive(Debug, Default)]
pub(crate) struct EspCache {
    kept: Mutex<Vec<(Source, SourceFacts, Bytes)>>,
}

impl EspCache {
    /// The system partition image with this boot loader.
    ///
    /// Errors: those of reading it, `TooLarge` above 16 MiB, `Invalid` when it is no EFI application.
    pub(crate) async fn get_or_build(&self, sources: &Sources, bootloader: &Source) -> Result<Bytes> {
        let facts = sources.facts(bootloader).await?;
        if let Some(known) = self.find(bootloader, &facts) {
            return Ok(known);
        }
        let image = build(&sources.read(bootloader, BOOTLOADER_BYTES).await?)?;
        if facts.has_validator() {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.retain(|(source, ..)| source != bootloader);
            if kept.len() >= KEPT {
                kept.remove(0);
            }
            kept.push((bootloader.clone(), facts, image.clone()));
        }
        Ok(image)
    }

    fn find(&self, bootloader: &Source, facts: &SourceFacts) -> Option<Bytes> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter()
            .find(|(source, known, _)| source == bootloader && known == facts)
            .map(|kept| kept.2.clone())
    }
}

/// A FAT volume with the boot loader and a grub configuration that goes on with the image's own.
pub(crate) fn build(bootloader: &[u8]) -> Result<Bytes> {
    let name = removable_name(bootloader)?;
    let size = (bootloader.len() + MIB / 2).next_multiple_of(MIB).max(4 * MIB);
    let mut disk = Cursor::new(vec![0u8; size]);
    fill(&mut disk, name, bootloader)
        .map_err(|source| ArtifactError::Assemble { what: "EFI system partition image", source })?;
    Ok(disk.into_inner().into())
}

fn fill(disk: &mut Cursor<Vec<u8>>, name: &str, bootloader: &[u8]) -> std::io::Result<()> {
    let options = FormatVolumeOptions::new().volume_id(0x4645_5252).volume_label(*b"FERRIC ESP ");
    format_volume(&mut *disk, options)?;
    let volume = FileSystem::new(disk, FsOptions::new())?;
    {
        let folder = volume.root_dir().create_dir("EFI")?.create_dir("BOOT")?;
        for (name, content) in [(name, bootloader), ("grub.cfg", grub::chain_config().as_bytes())] {
            let mut file = folder.create_file(name)?;
            file.write_all(content)?;
            file.flush()?;
        }
    }
    volume.unmount()
}

fn removable_name(bootloader: &[u8]) -> Result<&'static str> {
    let machine = pe_machine(bootloader)
        .ok_or_else(|| ArtifactError::invalid("bootloader", "it is not an EFI application (PE image)"))?;
    match REMOVABLE_NAMES.iter().find(|(known, _)| *known == machine) {
        Some((_, name)) => Ok(name),
        None => Err(ArtifactError::Unsupported {
            what: "bootloader machine",
            value: format!("{machine:#06x}"),
            supported: "x86-64, aarch64, ia32, riscv64, loongarch64",
        }),
    }
}

fn pe_machine(image: &[u8]) -> Option<u16> {
    let header = image.strip_prefix(b"MZ").and_then(|_| image.get(60..64))?;
    let at = u32::from_le_bytes(header.try_into().ok()?) as usize;
    let machine = image.get(at..)?.strip_prefix(b"PE\0\0")?.get(..2)?;
    Some(u16::from_le_bytes(machine.try_into().ok()?))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Read;

    use super::*;

    /// The smallest thing that passes for an EFI application.
    pub(crate) fn application(machine: u16, size: usize) -> Vec<u8> {
        let mut image = vec![0x90; size];
        image[..2].copy_from_slice(b"MZ");
        image[60..64].copy_from_slice(&128u32.to_le_bytes());
        image[128..132].copy_from_slice(b"PE\0\0");
        image[132..134].copy_from_slice(&machine.to_le_bytes());
        image
    }

    #[test]
    fn firmware_finds_the_boot_loader() {
        for (machine, size, name) in [(0x8664, 5_000_000, "BOOTX64.EFI"), (0xAA64, 200, "bootaa64.efi")] {
            let loader = application(machine, size);
            let image = build(&loader).unwrap();
            assert_eq!(image, build(&loader).unwrap(), "equal inputs give equal bytes");
            let volume = FileSystem::new(Cursor::new(image.to_vec()), FsOptions::new()).unwrap();
            let read = |path: &str| {
                let mut content = Vec::new();
                volume.root_dir().open_file(path).unwrap().read_to_end(&mut content).unwrap();
                content
            };
            assert_eq!(read(&format!("EFI/BOOT/{name}")), loader);
            assert!(String::from_utf8(read("EFI/BOOT/grub.cfg")).unwrap().contains("configfile"));
        }
    }

    #[test]
    fn other_things_are_no_boot_loaders() {
        let mut far = application(0x8664, 200);
        far[60..64].copy_from_slice(&u32::MAX.to_le_bytes());
        for bad in [&b""[..], b"MZ", b"\x7fELF", &[b'M'; 300], &far] {
            assert_eq!(build(bad).unwrap_err().kind(), "invalid");
        }
        assert_eq!(build(&application(0x0200, 200)).unwrap_err().kind(), "unsupported");
    }
}
