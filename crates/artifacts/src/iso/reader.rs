//! Reading small ISO 9660 images that others made, held in memory.
//!
//! Source: ECMA-119; alternate names per IEEE P1282 (Rock Ridge, `NM`). Whatever such an image says is not believed.

use bytes::Bytes;

use crate::{ArtifactError, Result};

const SECTOR: usize = 2048;
const FIRST_DESCRIPTOR: usize = 16;
const MAX_DESCRIPTORS: usize = 32;
const DIRECTORY: u8 = 2;
const MAX_DEPTH: usize = 12;
const MAX_ENTRIES: usize = 4096;

/// Where something lies in the image.
#[derive(Debug, Clone, Copy)]
struct Extent {
    start: usize,
    length: usize,
}

/// One record of a directory.
struct Record {
    name: String,
    extent: Extent,
    is_directory: bool,
}

/// Every file of an image with its path, in the order of its directories. Names are the image's alternate ones where it
/// has any, else its own in lower case.
///
/// Errors: `Invalid` for what is no such image, or a damaged or excessive one.
pub(crate) fn read_files(image: &Bytes) -> Result<Vec<(String, Bytes)>> {
    let root = root(image)?;
    let mut reader = Reader { image, files: Vec::new(), entries: 0, listed: Vec::new() };
    reader.directory(root, "", 0)?;
    Ok(reader.files)
}

fn root(image: &[u8]) -> Result<Extent> {
    for number in 0..MAX_DESCRIPTORS {
        let start = (FIRST_DESCRIPTOR + number) * SECTOR;
        let Some(descriptor) = image.get(start..start + SECTOR) else { break };
        if &descriptor[1..6] != b"CD001" {
            break;
        }
        if descriptor[0] == 1 {
            return extent(&descriptor[156..]).ok_or_else(|| damaged("its root directory"));
        }
    }
    Err(ArtifactError::invalid("configdrive", "it is no ISO 9660 image"))
}

struct Reader<'a> {
    image: &'a Bytes,
    files: Vec<(String, Bytes)>,
    entries: usize,
    /// Directories that were read: one that contains itself has no end.
    listed: Vec<usize>,
}

impl Reader<'_> {
    fn directory(&mut self, extent: Extent, path: &str, depth: usize) -> Result<()> {
        if depth > MAX_DEPTH || self.listed.contains(&extent.start) {
            return Err(damaged("its directories"));
        }
        self.listed.push(extent.start);
        let bytes = self.content(extent)?;
        let mut at = 0;
        while at < bytes.len() {
            let length = usize::from(bytes[at]);
            if length == 0 {
                // Records do not cross sectors: the rest of this one is padding.
                at = (at / SECTOR + 1) * SECTOR;
                continue;
            }
            let record = bytes.get(at..at + length).ok_or_else(|| damaged("a directory"))?;
            at += length;
            self.entries += 1;
            if self.entries > MAX_ENTRIES {
                return Err(damaged("the number of its files"));
            }
            let Some(record) = read_record(record)? else { continue };
            let path = if path.is_empty() { record.name } else { format!("{path}/{}", record.name) };
            if record.is_directory {
                self.directory(record.extent, &path, depth + 1)?;
            } else {
                let content = self.content(record.extent)?;
                self.files.push((path, content));
            }
        }
        Ok(())
    }

    fn content(&self, extent: Extent) -> Result<Bytes> {
        let end = extent.start.checked_add(extent.length).filter(|end| *end <= self.image.len());
        let end = end.ok_or_else(|| damaged("the place of a file"))?;
        Ok(self.image.slice(extent.start..end))
    }
}

/// Reads a record; none for a directory's entries for itself and its parent.
fn read_record(record: &[u8]) -> Result<Option<Record>> {
    let broken = || damaged("a directory record");
    let extent = extent(record).ok_or_else(broken)?;
    let flags = *record.get(25).ok_or_else(broken)?;
    let name_length = usize::from(*record.get(32).ok_or_else(broken)?);
    let name = record.get(33..33 + name_length).ok_or_else(broken)?;
    if matches!(name, [0] | [1]) {
        return Ok(None);
    }
    // A name of even length is followed by a padding byte.
    let system_use = record.get(33 + name_length + usize::from(name_length.is_multiple_of(2))..);
    let name = alternate_name(system_use.unwrap_or_default()).unwrap_or_else(|| plain_name(name));
    let usable = !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\\']);
    if !usable || name.chars().any(char::is_control) {
        return Err(damaged("a file name"));
    }
    Ok(Some(Record { name, extent, is_directory: flags & DIRECTORY != 0 }))
}

fn alternate_name(mut area: &[u8]) -> Option<String> {
    let mut name = Vec::new();
    while let [first, second, length, _version, ..] = *area {
        let length = usize::from(length);
        let Some(data) = area.get(4..length) else { break };
        // Flags 2 and 4 stand for the directory itself and its parent.
        if [first, second] == *b"NM" && data.first().is_some_and(|flags| flags & 0b110 == 0) {
            name.extend_from_slice(&data[1..]);
        }
        area = &area[length..];
    }
    (!name.is_empty()).then(|| String::from_utf8_lossy(&name).into_owned())
}

/// A name without its version and without the dot of an empty extension.
fn plain_name(name: &[u8]) -> String {
    let text = String::from_utf8_lossy(name);
    text.split(';').next().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase()
}

/// The extent in a directory record.
fn extent(record: &[u8]) -> Option<Extent> {
    let number = |at: usize| {
        let bytes = record.get(at..at + 4)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(bytes)).ok()
    };
    Some(Extent { start: number(2)?.checked_mul(SECTOR)?, length: number(10)? })
}

fn damaged(what: &str) -> ArtifactError {
    ArtifactError::invalid("configdrive", format!("the ISO image is damaged or unusual: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iso::{Layout, LayoutSpec};

    fn image(files: &[(&str, &[u8])]) -> Vec<u8> {
        let sizes: Vec<(&str, u64)> =
            files.iter().map(|(path, content)| (*path, content.len() as u64)).collect();
        let spec = LayoutSpec { label: "config-2", publisher: "", boot_file: None };
        Layout::compute(spec, &sizes).unwrap().assemble(files.iter().map(|(_, content)| *content))
    }

    #[test]
    fn what_was_written_is_read() {
        let files: [(&str, &[u8]); 3] = [
            ("openstack/latest/meta_data.json", b"{}"),
            ("openstack/latest/user_data", b"x"),
            ("ec2/empty", b""),
        ];
        let mut read = read_files(&image(&files).into()).unwrap();
        read.sort();
        let mut expected: Vec<(String, Bytes)> =
            files.iter().map(|(path, content)| ((*path).to_owned(), Bytes::from_static(content))).collect();
        expected.sort();
        assert_eq!(read, expected);
    }

    #[test]
    fn damage_is_noticed() {
        let whole = image(&[("a/b", b"content")]);
        for cut in [0, SECTOR * 16, SECTOR * 17, SECTOR * 20] {
            assert_eq!(read_files(&whole[..cut].to_vec().into()).unwrap_err().kind(), "invalid", "{cut}");
        }
        // The root directory is where the folder should be: a circle.
        let root = u32::from_le_bytes(whole[SECTOR * 16 + 158..SECTOR * 16 + 162].try_into().unwrap());
        let mut circle = whole.clone();
        for at in 0..circle.len() - 33 {
            if circle[at + 32] == 1 && circle[at + 33] == b'A' && circle[at + 25] & DIRECTORY != 0 {
                circle[at + 2..at + 6].copy_from_slice(&root.to_le_bytes());
            }
        }
        assert_eq!(read_files(&circle.into()).unwrap_err().kind(), "invalid");
    }
}
