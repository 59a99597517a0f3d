//! Sections behind those of a PE image that exists already.
//!
//! Source: Microsoft, "PE Format": DOS header, COFF header, optional header, section table.

use bytes::Bytes;

use crate::{ArtifactError, Result};

const SIGNATURE: &[u8] = b"PE\0\0";
const COFF_HEADER: usize = 20;
const SECTION_HEADER: usize = 40;
/// `IMAGE_SCN_CNT_INITIALIZED_DATA | IMAGE_SCN_MEM_READ`.
const READ_ONLY_DATA: u32 = 0x4000_0040;
/// Sections are put onto pages of their own whatever the image asks for: kernels want it.
const PAGE: u64 = 4096;

/// Offsets within the COFF header.
mod coff {
    pub const SECTIONS: usize = 2;
    pub const SYMBOL_TABLE: usize = 8;
    pub const SYMBOLS: usize = 12;
    pub const OPTIONAL_HEADER_BYTES: usize = 16;
}

/// Offsets within the optional header, the same in both of its forms but for the directories.
mod optional {
    pub const INITIALIZED_DATA: usize = 8;
    pub const SECTION_ALIGNMENT: usize = 32;
    pub const FILE_ALIGNMENT: usize = 36;
    pub const IMAGE_BYTES: usize = 56;
    pub const HEADER_BYTES: usize = 60;
    pub const CHECKSUM: usize = 64;
    pub const FORMS: [(u16, usize); 2] = [(0x10b, 96), (0x20b, 112)];
    /// Signatures: the only directory that names a place in the file.
    pub const SIGNATURES: usize = 4;
}

/// A section to add.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewSection {
    /// At most 8 bytes.
    pub name: &'static str,
    pub size_bytes: u64,
}

/// An image with room for more sections.
#[derive(Debug)]
pub(super) struct Extended {
    /// The image with its new section table, padded to where the first new section begins.
    pub head: Bytes,
    /// How many zeros follow each of the new sections.
    pub padding: Vec<u64>,
}

/// Adds sections to `image`; what was signed of it is not any more.
///
/// Errors: `Invalid` when it is no PE image; `TooLarge` when the whole becomes larger than 4 GiB.
pub(super) fn extend(image: &[u8], sections: &[NewSection]) -> Result<Extended> {
    let found = Found::read(image).ok_or_else(|| {
        ArtifactError::invalid("UKI stub", "it is not an EFI program (PE image), or it is damaged")
    })?;
    let mut image = image[..found.without_signatures].to_vec();
    found.make_room(&mut image, sections.len());
    let file_alignment = found.file_alignment;
    image.resize(image.len().next_multiple_of(file_alignment as usize), 0);

    let memory_alignment = found.section_alignment.max(PAGE);
    let mut address = found.end_of_image.next_multiple_of(memory_alignment);
    let mut position = image.len() as u64;
    let mut data = u64::from(u32_at(&image, found.optional + optional::INITIALIZED_DATA).unwrap_or(0));
    let mut end = found.end_of_image;
    let mut padding = Vec::with_capacity(sections.len());
    for (index, section) in sections.iter().enumerate() {
        let stored = section.size_bytes.next_multiple_of(file_alignment);
        let header = found.table + (found.sections + index) * SECTION_HEADER;
        let entry = &mut image[header..header + SECTION_HEADER];
        entry.fill(0);
        entry[..section.name.len()].copy_from_slice(section.name.as_bytes());
        for (offset, value) in [(8, section.size_bytes), (12, address), (16, stored), (20, position)] {
            put(entry, offset, value)?;
        }
        put(entry, 36, u64::from(READ_ONLY_DATA))?;
        padding.push(stored - section.size_bytes);
        end = address + section.size_bytes;
        address = end.next_multiple_of(memory_alignment);
        position += stored;
        data += stored;
    }
    if position > u64::from(u32::MAX) {
        return Err(too_large());
    }
    let count = (found.sections + sections.len()) as u16;
    image[found.coff + coff::SECTIONS..][..2].copy_from_slice(&count.to_le_bytes());
    put(&mut image, found.optional + optional::INITIALIZED_DATA, data.min(u64::from(u32::MAX)))?;
    let image_bytes = end.next_multiple_of(found.section_alignment);
    put(&mut image, found.optional + optional::IMAGE_BYTES, image_bytes)?;
    put(&mut image, found.optional + optional::CHECKSUM, 0)?;
    Ok(Extended { head: image.into(), padding })
}

/// Where things stand in an image.
struct Found {
    coff: usize,
    optional: usize,
    /// Position of the section table.
    table: usize,
    sections: usize,
    section_alignment: u64,
    file_alignment: u64,
    /// The first address behind what is there.
    end_of_image: u64,
    /// Length of the file without signatures at its end.
    without_signatures: usize,
    /// Position of the directory that names the signatures.
    signatures: Option<usize>,
}

impl Found {
    fn read(image: &[u8]) -> Option<Self> {
        let at = u32_at(image.strip_prefix(b"MZ").map(|_| image)?, 60)? as usize;
        image.get(at..)?.strip_prefix(SIGNATURE)?;
        let coff = at.checked_add(SIGNATURE.len())?;
        let sections = usize::from(u16_at(image, coff + coff::SECTIONS)?);
        let optional = coff + COFF_HEADER;
        let table = optional + usize::from(u16_at(image, coff + coff::OPTIONAL_HEADER_BYTES)?);
        let form = u16_at(image, optional)?;
        let directories = optional::FORMS.iter().find(|row| row.0 == form)?.1;
        let section_alignment = u64::from(u32_at(image, optional + optional::SECTION_ALIGNMENT)?);
        let file_alignment = u64::from(u32_at(image, optional + optional::FILE_ALIGNMENT)?);
        let usable = |alignment: u64| alignment.is_power_of_two() && alignment <= 1 << 20;
        if !usable(section_alignment) || !usable(file_alignment) {
            return None;
        }
        let mut end_of_image = 0;
        let mut end_of_file = 0;
        for index in 0..sections {
            let header = table + index * SECTION_HEADER;
            let field = |offset| u32_at(image, header + offset).map(u64::from);
            end_of_image = end_of_image.max(field(12)? + field(8)?);
            end_of_file = end_of_file.max(field(20)? + field(16)?);
        }
        let end_of_file = usize::try_from(end_of_file).ok()?;
        let directory = directories + optional::SIGNATURES * 8;
        let signatures = (table >= optional + directory + 8).then_some(optional + directory);
        let without_signatures = end_of_file.max(table + sections * SECTION_HEADER);
        if without_signatures > image.len() || sections == 0 {
            return None;
        }
        Some(Self {
            coff,
            optional,
            table,
            sections,
            section_alignment,
            file_alignment,
            end_of_image,
            without_signatures,
            signatures,
        })
    }

    /// Moves what the sections hold so far back that `count` more headers fit in front of it, and forgets symbols and
    /// signatures.
    fn make_room(&self, image: &mut Vec<u8>, count: usize) {
        let needed = self.table + (self.sections + count) * SECTION_HEADER;
        let pointers: Vec<usize> =
            (0..self.sections).map(|index| self.table + index * SECTION_HEADER + 20).collect();
        let stored = |image: &[u8], at: usize| u32_at(image, at).unwrap_or(0) as usize;
        let first = pointers.iter().map(|at| stored(image, *at)).filter(|start| *start > 0).min();
        let first = first.unwrap_or(image.len());
        let shift = needed.saturating_sub(first).next_multiple_of(self.file_alignment as usize);
        if shift > 0 {
            image.splice(first..first, std::iter::repeat_n(0, shift));
            for at in pointers {
                let moved = stored(image, at);
                if moved > 0 {
                    image[at..at + 4].copy_from_slice(&((moved + shift) as u32).to_le_bytes());
                }
            }
            let headers = self.optional + optional::HEADER_BYTES;
            let grown = stored(image, headers) + shift;
            image[headers..headers + 4].copy_from_slice(&(grown as u32).to_le_bytes());
        }
        for field in [coff::SYMBOL_TABLE, coff::SYMBOLS] {
            image[self.coff + field..][..4].fill(0);
        }
        if let Some(directory) = self.signatures {
            image[directory..directory + 8].fill(0);
        }
    }
}

fn put(bytes: &mut [u8], at: usize, value: u64) -> Result<()> {
    let value = u32::try_from(value).map_err(|_| too_large())?;
    bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
    Ok(())
}

fn too_large() -> ArtifactError {
    ArtifactError::TooLarge { what: "the unified kernel image".to_owned(), limit_bytes: u64::from(u32::MAX) }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}
