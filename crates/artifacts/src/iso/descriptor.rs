//! Volume descriptors and the boot catalog.
//!
//! Source: ECMA-119 8.4 (primary), 8.3 (terminator); El Torito 1.0, 2.0 and figure 2; UEFI 2.10, 13.3.2.1
//! (platform 0xEF, no emulation).

use crate::iso::record::{Extent, SECTOR, bare, both_u16, both_u32};

/// One moment for all images, see [`crate::iso::record`]; with a zero offset from UTC.
const WRITTEN_AT: &[u8; 17] = b"2026010100000000\0";
const UNSET_DATE: &[u8; 17] = b"0000000000000000\0";

const PLATFORM_EFI: u8 = 0xEF;
const BOOTABLE: u8 = 0x88;

/// What the primary volume descriptor tells.
#[derive(Debug)]
pub(crate) struct Volume<'a> {
    pub(crate) label: &'a str,
    pub(crate) publisher: &'a str,
    pub(crate) sectors: u32,
    pub(crate) path_table_bytes: u32,
    pub(crate) path_table_little: u32,
    pub(crate) path_table_big: u32,
    pub(crate) root: Extent,
}

/// The primary volume descriptor.
pub(crate) fn primary(volume: &Volume<'_>) -> [u8; SECTOR] {
    let mut sector = typed(1);
    let mut put = |at: usize, bytes: &[u8]| sector[at..at + bytes.len()].copy_from_slice(bytes);
    put(8, &padded::<32>("LINUX"));
    put(40, &padded::<32>(volume.label));
    put(80, &both_u32(volume.sectors));
    put(120, &both_u16(1));
    put(124, &both_u16(1));
    put(128, &both_u16(SECTOR as u16));
    put(132, &both_u32(volume.path_table_bytes));
    put(140, &volume.path_table_little.to_le_bytes());
    put(148, &volume.path_table_big.to_be_bytes());
    put(156, &bare(&[0], volume.root, true));
    put(190, &padded::<128>(""));
    put(318, &padded::<128>(volume.publisher));
    put(446, &padded::<128>("FERRIC"));
    put(574, &padded::<128>(""));
    put(702, &padded::<111>(""));
    put(813, WRITTEN_AT);
    put(830, WRITTEN_AT);
    put(847, UNSET_DATE);
    put(864, UNSET_DATE);
    put(881, &[1]);
    sector
}

/// The boot record that points at the boot catalog.
pub(crate) fn boot_record(catalog_sector: u32) -> [u8; SECTOR] {
    let mut sector = typed(0);
    let system = b"EL TORITO SPECIFICATION";
    sector[7..7 + system.len()].copy_from_slice(system);
    sector[71..75].copy_from_slice(&catalog_sector.to_le_bytes());
    sector
}

/// The end of the volume descriptors.
pub(crate) fn terminator() -> [u8; SECTOR] {
    typed(255)
}

/// A boot catalog with one entry: an EFI system partition image, without emulation.
///
/// Its length is counted in 512-byte units in 16 bits; where it does not fit, 0 says "to the end of the medium".
pub(crate) fn boot_catalog(image: Extent) -> [u8; SECTOR] {
    let mut sector = [0; SECTOR];
    sector[0] = 1;
    sector[1] = PLATFORM_EFI;
    sector[4..10].copy_from_slice(b"FERRIC");
    sector[30..32].copy_from_slice(&[0x55, 0xAA]);
    let sum = sector[..32]
        .as_chunks::<2>()
        .0
        .iter()
        .fold(0u16, |sum, pair| sum.wrapping_add(u16::from_le_bytes(*pair)));
    sector[28..30].copy_from_slice(&sum.wrapping_neg().to_le_bytes());
    sector[32] = BOOTABLE;
    let units = u16::try_from(image.size_bytes.div_ceil(512)).unwrap_or(0);
    sector[38..40].copy_from_slice(&units.to_le_bytes());
    sector[40..44].copy_from_slice(&image.sector.to_le_bytes());
    sector
}

fn typed(kind: u8) -> [u8; SECTOR] {
    let mut sector = [0; SECTOR];
    sector[0] = kind;
    sector[1..6].copy_from_slice(b"CD001");
    sector[6] = 1;
    sector
}

fn padded<const N: usize>(text: &str) -> [u8; N] {
    let mut field = [b' '; N];
    let length = text.len().min(N);
    field[..length].copy_from_slice(&text.as_bytes()[..length]);
    field
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_validation_entry_sums_to_zero() {
        let catalog = boot_catalog(Extent { sector: 0x0403_0201, size_bytes: 513 });
        let words = catalog[..32].chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        assert_eq!(words.fold(0u16, u16::wrapping_add), 0);
        assert_eq!(&catalog[38..44], [2, 0, 1, 2, 3, 4]);
        let huge = boot_catalog(Extent { sector: 1, size_bytes: 65_536 * 512 });
        assert_eq!(&huge[38..40], [0, 0]);
    }
}
