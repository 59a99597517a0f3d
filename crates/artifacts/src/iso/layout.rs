//! Where everything in an image lies.

use bytes::{Bytes, BytesMut};

use crate::iso::descriptor::{Volume, boot_catalog, boot_record, primary, terminator};
use crate::iso::record::{Extent, Kind, SECTOR, record};
use crate::iso::tree::{Directory, Target, Tree};
use crate::{ArtifactError, Result};

/// Sectors left to partition tables, all zero here.
const SYSTEM_AREA: u32 = 16;

/// What an image is called and which of its files firmware starts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LayoutSpec<'a> {
    /// At most 32 printable characters.
    pub(crate) label: &'a str,
    /// At most 128 printable characters.
    pub(crate) publisher: &'a str,
    /// Index of the EFI system partition image among the files.
    pub(crate) boot_file: Option<usize>,
}

/// A computed image: its first sectors in memory, and the extents of its files behind them.
///
/// **Shape** — 16 empty sectors, primary descriptor, boot record (only when bootable), terminator, path table in
/// little and big endian, boot catalog (only when bootable), directories, then the files in the caller's order.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) head: Bytes,
    /// One for each file, in the caller's order.
    pub(crate) files: Vec<Extent>,
    pub(crate) total_bytes: u64,
}

impl Layout {
    /// Lays out `files` (path and length).
    ///
    /// Errors: `Invalid` for unusable paths, label or publisher; `TooLarge` for a file of 4 GiB or more.
    pub(crate) fn compute(spec: LayoutSpec<'_>, files: &[(&str, u64)]) -> Result<Self> {
        check_text("volume label", spec.label, 32)?;
        check_text("publisher id", spec.publisher, 128)?;
        let tree = Tree::from_paths(files.iter().map(|(path, _)| *path))?;
        if tree.directories.len() > usize::from(u16::MAX) {
            return Err(ArtifactError::invalid("file paths", "too many folders for a path table"));
        }

        let descriptors = 2 + u32::from(spec.boot_file.is_some());
        let table_bytes = path_table(&tree, &[], u32::to_le_bytes, u16::to_le_bytes).len() as u32;
        let table_sectors = sectors(u64::from(table_bytes));
        let little = SYSTEM_AREA + descriptors;
        let big = little + table_sectors;
        let catalog = big + table_sectors;
        let mut next = u64::from(catalog) + u64::from(spec.boot_file.is_some());

        let mut directories = Vec::with_capacity(tree.directories.len());
        for index in 0..tree.directories.len() {
            let size_bytes = directory_bytes(&tree, index, &[], &[]).len() as u32;
            directories.push(Extent { sector: next as u32, size_bytes });
            next += u64::from(sectors(u64::from(size_bytes)));
        }
        let mut placed = Vec::with_capacity(files.len());
        for (path, size_bytes) in files {
            let too_large =
                || ArtifactError::TooLarge { what: (*path).to_owned(), limit_bytes: u32::MAX.into() };
            let size = u32::try_from(*size_bytes).map_err(|_| too_large())?;
            let sector = u32::try_from(next).map_err(|_| too_large())?;
            placed.push(Extent { sector, size_bytes: size });
            next += u64::from(sectors(*size_bytes));
        }

        let volume = Volume {
            label: spec.label,
            publisher: spec.publisher,
            sectors: next as u32,
            path_table_bytes: table_bytes,
            path_table_little: little,
            path_table_big: big,
            root: directories[0],
        };
        let mut head = BytesMut::zeroed(SYSTEM_AREA as usize * SECTOR);
        head.extend_from_slice(&primary(&volume));
        if spec.boot_file.is_some() {
            head.extend_from_slice(&boot_record(catalog));
        }
        head.extend_from_slice(&terminator());
        put_sectors(&mut head, &path_table(&tree, &directories, u32::to_le_bytes, u16::to_le_bytes));
        put_sectors(&mut head, &path_table(&tree, &directories, u32::to_be_bytes, u16::to_be_bytes));
        if let Some(image) = spec.boot_file.and_then(|index| placed.get(index)) {
            head.extend_from_slice(&boot_catalog(*image));
        }
        for index in 0..tree.directories.len() {
            put_sectors(&mut head, &directory_bytes(&tree, index, &directories, &placed));
        }
        Ok(Self { head: head.freeze(), files: placed, total_bytes: next * SECTOR as u64 })
    }

    /// The whole image of files that are all in memory, in the caller's order.
    pub(crate) fn assemble<'a>(&self, contents: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
        let mut image = self.head.to_vec();
        for content in contents {
            image.extend_from_slice(content);
            image.resize(image.len().next_multiple_of(SECTOR), 0);
        }
        image
    }
}

fn check_text(what: &'static str, text: &str, limit: usize) -> Result<()> {
    if text.len() > limit || !text.chars().all(|c| c == ' ' || c.is_ascii_graphic()) {
        let reason = format!("expected at most {limit} printable ASCII characters");
        return Err(ArtifactError::invalid(what, reason));
    }
    Ok(())
}

fn sectors(size_bytes: u64) -> u32 {
    size_bytes.div_ceil(SECTOR as u64) as u32
}

fn put_sectors(head: &mut BytesMut, bytes: &[u8]) {
    head.extend_from_slice(bytes);
    head.resize(head.len().next_multiple_of(SECTOR), 0);
}

/// The path table; places are zero while `extents` are not known yet.
fn path_table(
    tree: &Tree,
    extents: &[Extent],
    number: fn(u32) -> [u8; 4],
    short: fn(u16) -> [u8; 2],
) -> Vec<u8> {
    let mut table = Vec::new();
    for (index, directory) in tree.directories.iter().enumerate() {
        let root = [0];
        let identifier = if index == 0 { &root[..] } else { directory.identifier.as_bytes() };
        table.extend([identifier.len() as u8, 0]);
        table.extend(number(extents.get(index).copied().unwrap_or_default().sector));
        table.extend(short(directory.parent as u16 + 1));
        table.extend(identifier);
        if identifier.len() % 2 == 1 {
            table.push(0);
        }
    }
    table
}

/// The records of a directory, none across a sector boundary; places are zero while they are not known yet.
fn directory_bytes(tree: &Tree, own: usize, directories: &[Extent], files: &[Extent]) -> Vec<u8> {
    let directory = &tree.directories[own];
    let links = |directory: &Directory| 2 + directory.subdirectories();
    let place = |index: usize| directories.get(index).copied().unwrap_or_default();
    let parent = &tree.directories[directory.parent];
    let itself = match own {
        0 => Kind::RootItself { links: links(directory) },
        _ => Kind::Itself { links: links(directory) },
    };
    let mut records = vec![
        record(&[0], place(own), itself),
        record(&[1], place(directory.parent), Kind::Parent { links: links(parent) }),
    ];
    for entry in &directory.entries {
        let identifier = entry.identifier.as_bytes();
        let name = entry.name.as_str();
        records.push(match entry.target {
            Target::File(index) => {
                let extent = files.get(index).copied().unwrap_or_default();
                record(identifier, extent, Kind::File { name })
            }
            Target::Directory(index) => {
                let links = links(&tree.directories[index]);
                record(identifier, place(index), Kind::Directory { name, links })
            }
        });
    }
    let mut bytes: Vec<u8> = Vec::new();
    for record in records {
        if bytes.len() % SECTOR + record.len() > SECTOR {
            bytes.resize(bytes.len().next_multiple_of(SECTOR), 0);
        }
        bytes.extend(record);
    }
    bytes.resize(bytes.len().next_multiple_of(SECTOR), 0);
    bytes
}
