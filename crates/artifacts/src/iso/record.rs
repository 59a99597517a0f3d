//! Directory records with their Rock Ridge fields.
//!
//! Source: ECMA-119 9.1 (directory record), 7.2 and 7.3 (both-endian numbers), IEEE P1281 5 (SP, ER),
//! IEEE P1282 4.1 (PX, NM) in its 1991A numbering.

/// Bytes of a sector; also of a logical block here.
pub(crate) const SECTOR: usize = 2048;

/// 2026-01-01 00:00:00 UTC: the same for every image, so that equal inputs give equal bytes.
const RECORDED_AT: [u8; 7] = [126, 1, 1, 0, 0, 0, 0];

const FLAG_DIRECTORY: u8 = 2;
const MODE_DIRECTORY: u32 = 0o040_555;
const MODE_FILE: u32 = 0o100_444;

/// Bits of the RR field: which fields follow.
const RR_PX: u8 = 0x01;
const RR_NM: u8 = 0x08;

/// Where something lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Extent {
    /// First sector.
    pub(crate) sector: u32,
    pub(crate) size_bytes: u32,
}

/// What a record describes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind<'a> {
    /// The first record of the root, which announces the extensions.
    RootItself { links: u32 },
    /// `.` of another folder.
    Itself { links: u32 },
    /// `..`.
    Parent { links: u32 },
    /// A named folder.
    Directory { name: &'a str, links: u32 },
    /// A named file.
    File { name: &'a str },
}

/// A complete directory record.
pub(crate) fn record(identifier: &[u8], extent: Extent, kind: Kind<'_>) -> Vec<u8> {
    let directory = !matches!(kind, Kind::File { .. });
    let mut record = bare(identifier, extent, directory);
    match kind {
        Kind::RootItself { links } => {
            record.extend([b'S', b'P', 7, 1, 0xBE, 0xEF, 0]);
            posix(&mut record, RR_PX, MODE_DIRECTORY, links);
            // Identifier only: description and source text are optional and would need a continuation.
            record.extend([b'E', b'R', 18, 1, 10, 0, 0, 1]);
            record.extend(b"RRIP_1991A");
        }
        Kind::Itself { links } | Kind::Parent { links } => posix(&mut record, RR_PX, MODE_DIRECTORY, links),
        Kind::Directory { name, links } => {
            posix(&mut record, RR_PX | RR_NM, MODE_DIRECTORY, links);
            alternate_name(&mut record, name);
        }
        Kind::File { name } => {
            posix(&mut record, RR_PX | RR_NM, MODE_FILE, 1);
            alternate_name(&mut record, name);
        }
    }
    if record.len() % 2 == 1 {
        record.push(0);
    }
    record[0] = record.len() as u8;
    record
}

/// A directory record without system use area, as the volume descriptor holds it for the root.
pub(crate) fn bare(identifier: &[u8], extent: Extent, directory: bool) -> Vec<u8> {
    let mut record = vec![0, 0];
    record.extend(both_u32(extent.sector));
    record.extend(both_u32(extent.size_bytes));
    record.extend(RECORDED_AT);
    record.extend([if directory { FLAG_DIRECTORY } else { 0 }, 0, 0]);
    record.extend(both_u16(1));
    record.push(identifier.len() as u8);
    record.extend(identifier);
    if identifier.len().is_multiple_of(2) {
        record.push(0);
    }
    record[0] = record.len() as u8;
    record
}

pub(crate) fn both_u32(value: u32) -> [u8; 8] {
    let mut both = [0; 8];
    both[..4].copy_from_slice(&value.to_le_bytes());
    both[4..].copy_from_slice(&value.to_be_bytes());
    both
}

pub(crate) fn both_u16(value: u16) -> [u8; 4] {
    let [low, high] = value.to_le_bytes();
    [low, high, high, low]
}

fn posix(record: &mut Vec<u8>, present: u8, mode: u32, links: u32) {
    record.extend([b'R', b'R', 5, 1, present]);
    record.extend([b'P', b'X', 36, 1]);
    for number in [mode, links, 0, 0] {
        record.extend(both_u32(number));
    }
}

fn alternate_name(record: &mut Vec<u8>, name: &str) {
    record.extend([b'N', b'M', 5 + name.len() as u8, 1, 0]);
    record.extend(name.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_record_fits_its_length_byte() {
        let name = "n".repeat(128);
        let record = record(&[b'N'; 33], Extent::default(), Kind::File { name: &name });
        assert!(record.len() <= 254 && record[0] as usize == record.len() && record.len().is_multiple_of(2));
        let root = super::record(&[0], Extent::default(), Kind::RootItself { links: 2 });
        assert!(root.windows(10).any(|window| window == b"RRIP_1991A"));
    }

    #[test]
    fn both_endian_numbers() {
        assert_eq!(both_u32(0x0102_0304), [4, 3, 2, 1, 1, 2, 3, 4]);
        assert_eq!(both_u16(0x0102), [2, 1, 1, 2]);
    }
}
