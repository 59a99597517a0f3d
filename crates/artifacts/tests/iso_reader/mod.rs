//! A second reading of ECMA-119, Rock Ridge and El Torito, sharing nothing with the writer.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use std::collections::BTreeMap;

const SECTOR: usize = 2048;

/// What a reader finds in an image.
#[derive(Debug)]
pub struct Read {
    pub label: String,
    pub publisher: String,
    pub sectors: u32,
    /// By Rock Ridge path.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Upper-case path by Rock Ridge path.
    pub iso_paths: BTreeMap<String, String>,
    /// The boot image: first sector and length in 512-byte units.
    pub boot: Option<(u32, u16)>,
}

struct Record<'a> {
    sector: u32,
    size: u32,
    directory: bool,
    identifier: &'a [u8],
    system_use: &'a [u8],
    length: usize,
}

pub fn read(image: &[u8]) -> Read {
    assert_eq!(image.len() % SECTOR, 0);
    let mut found = Read {
        label: String::new(),
        publisher: String::new(),
        sectors: 0,
        files: BTreeMap::new(),
        iso_paths: BTreeMap::new(),
        boot: None,
    };
    let mut root = None;
    let mut table = Vec::new();
    for number in 16.. {
        let descriptor = &image[number * SECTOR..(number + 1) * SECTOR];
        assert_eq!(&descriptor[1..7], b"CD001\x01", "descriptor {number}");
        match descriptor[0] {
            0 => found.boot = Some(boot(image, le32(&descriptor[71..]))),
            1 => {
                found.label = text(&descriptor[40..72]);
                found.publisher = text(&descriptor[318..446]);
                found.sectors = both32(&descriptor[80..]);
                assert_eq!(both16(&descriptor[128..]), 2048);
                let size = both32(&descriptor[132..]) as usize;
                table = path_table(image, le32(&descriptor[140..]), size, le32, le16);
                let other = path_table(image, be32(&descriptor[148..]), size, be32, be16);
                assert_eq!(table, other, "both path tables agree");
                root = Some(record(&descriptor[156..190]));
            }
            255 => break,
            other => panic!("descriptor type {other}"),
        }
    }
    let root = root.expect("a primary descriptor");
    assert_eq!(found.sectors as usize * SECTOR, image.len());
    let mut walked = Vec::new();
    walk(image, &root, root.sector, "", "", &mut found, &mut walked);
    let mut places: Vec<u32> = table.iter().map(|(sector, ..)| *sector).collect();
    for (sector, parent, name) in &table {
        let parent = table[*parent as usize - 1].0;
        assert!(walked.contains(&(*sector, parent, name.clone())), "{name} of the path table is in the tree");
    }
    walked.sort();
    places.sort();
    assert_eq!(walked.iter().map(|(sector, ..)| *sector).collect::<Vec<_>>(), places);
    found
}

fn walk(
    image: &[u8],
    directory: &Record<'_>,
    parent: u32,
    path: &str,
    iso_path: &str,
    found: &mut Read,
    walked: &mut Vec<(u32, u32, String)>,
) {
    let own = if directory.identifier == [0] { "\0".into() } else { text(directory.identifier) };
    walked.push((directory.sector, parent, own));
    let start = directory.sector as usize * SECTOR;
    let mut at = start;
    let mut previous = Vec::new();
    let mut count = 0;
    while at < start + directory.size as usize {
        if image[at] == 0 {
            at = at.next_multiple_of(SECTOR);
            continue;
        }
        let entry = record(&image[at..]);
        assert!(at % SECTOR + entry.length <= SECTOR, "no record crosses a sector");
        at += entry.length;
        count += 1;
        match count {
            1 => {
                assert_eq!(
                    (entry.identifier, entry.sector, entry.size),
                    (&[0][..], directory.sector, directory.size)
                );
                if path.is_empty() {
                    assert_eq!(field(entry.system_use, b"SP"), Some(&[0xBE, 0xEF, 0][..]));
                    let er = field(entry.system_use, b"ER").expect("extensions are announced");
                    assert_eq!(&er[4..4 + er[0] as usize], b"RRIP_1991A");
                }
            }
            2 => assert_eq!((entry.identifier, entry.sector), (&[1][..], parent)),
            _ => {
                assert!(previous < entry.identifier.to_vec(), "records are sorted");
                previous = entry.identifier.to_vec();
                let name = field(entry.system_use, b"NM").map(|field| text(&field[1..])).expect("a name");
                let mode = both32(field(entry.system_use, b"PX").expect("a mode"));
                let (path, iso) =
                    (format!("{path}/{name}"), format!("{iso_path}/{}", text(entry.identifier)));
                assert_eq!(mode & 0o170_000 == 0o040_000, entry.directory, "{path}");
                if entry.directory {
                    walk(image, &entry, directory.sector, &path, &iso, found, walked);
                } else {
                    let begin = entry.sector as usize * SECTOR;
                    found.files.insert(path.clone(), image[begin..begin + entry.size as usize].to_vec());
                    found.iso_paths.insert(path, iso);
                }
            }
        }
    }
}

fn record(bytes: &[u8]) -> Record<'_> {
    let length = bytes[0] as usize;
    let name = bytes[32] as usize;
    let system_use = (33 + name).next_multiple_of(2);
    assert_eq!(length % 2, 0);
    Record {
        sector: both32(&bytes[2..]),
        size: both32(&bytes[10..]),
        directory: bytes[25] & 2 != 0,
        identifier: &bytes[33..33 + name],
        system_use: &bytes[system_use.min(length)..length],
        length,
    }
}

fn field<'a>(mut system_use: &'a [u8], signature: &[u8; 2]) -> Option<&'a [u8]> {
    while system_use.len() >= 4 {
        let length = system_use[2] as usize;
        assert_eq!(system_use[3], 1, "version of a field");
        if system_use.starts_with(signature) {
            return Some(&system_use[4..length]);
        }
        system_use = &system_use[length..];
    }
    None
}

fn path_table(
    image: &[u8],
    sector: u32,
    size: usize,
    number: fn(&[u8]) -> u32,
    short: fn(&[u8]) -> u16,
) -> Vec<(u32, u16, String)> {
    let mut rest = &image[sector as usize * SECTOR..][..size];
    let mut table = Vec::new();
    while !rest.is_empty() {
        let length = rest[0] as usize;
        let name = String::from_utf8_lossy(&rest[8..8 + length]).into_owned();
        table.push((number(&rest[2..]), short(&rest[6..]), name));
        rest = &rest[(8 + length).next_multiple_of(2)..];
    }
    table
}

fn boot(image: &[u8], catalog: u32) -> (u32, u16) {
    let catalog = &image[catalog as usize * SECTOR..][..SECTOR];
    assert_eq!((catalog[0], catalog[1], &catalog[30..32]), (1, 0xEF, &[0x55, 0xAA][..]));
    assert_eq!((catalog[32], catalog[33]), (0x88, 0), "bootable, no emulation");
    (le32(&catalog[40..]), le16(&catalog[38..]))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}

fn le32(bytes: &[u8]) -> u32 {
    u32::from_le_bytes(bytes[..4].try_into().unwrap())
}

fn be32(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes[..4].try_into().unwrap())
}

fn le16(bytes: &[u8]) -> u16 {
    u16::from_le_bytes(bytes[..2].try_into().unwrap())
}

fn be16(bytes: &[u8]) -> u16 {
    u16::from_be_bytes(bytes[..2].try_into().unwrap())
}

fn both32(bytes: &[u8]) -> u32 {
    assert_eq!(le32(bytes), be32(&bytes[4..]));
    le32(bytes)
}

fn both16(bytes: &[u8]) -> u16 {
    assert_eq!(le16(bytes), be16(&bytes[2..]));
    le16(bytes)
}
