//! A reader of ISO 9660 images that only touches the blocks it needs (ECMA-119; Rock Ridge names per IEEE P1282).

use std::collections::HashMap;

use crate::fetch::{self, FetchFailure, Source};

const SECTOR: u64 = 2048;
const FIRST_DESCRIPTOR: u64 = 16;
const MAX_DESCRIPTORS: u64 = 32;
/// How much is fetched at once.
const BLOCK: u64 = 32 * 1024;
/// How much is read at once of what is forgotten again.
const PASS: u64 = 4 << 20;
const MAX_CACHED_BLOCKS: usize = 64;
const MAX_DIRECTORY_BYTES: u64 = 1 << 20;
const MAX_FILE_BYTES: u64 = 256 << 10;

/// An image behind a URL.
pub(super) struct Iso<'a> {
    client: &'a reqwest::Client,
    source: &'a Source,
    cache: HashMap<u64, Vec<u8>>,
    root: Extent,
}

/// Where a file or directory lies.
#[derive(Clone, Copy, Debug)]
struct Extent {
    offset: u64,
    length: u64,
}

/// One entry of a directory.
#[derive(Debug)]
struct Entry {
    name: String,
    extent: Extent,
    is_directory: bool,
}

impl<'a> Iso<'a> {
    /// Finds the primary volume descriptor.
    pub(super) async fn open(client: &'a reqwest::Client, source: &'a Source) -> Result<Self, FetchFailure> {
        let root = Extent { offset: 0, length: 0 };
        let mut iso = Self { client, source, cache: HashMap::new(), root };
        for number in 0..MAX_DESCRIPTORS {
            let descriptor = iso.read((FIRST_DESCRIPTOR + number) * SECTOR, SECTOR).await?;
            if descriptor.get(1..6) != Some(b"CD001") {
                break;
            }
            if descriptor[0] == 1 {
                iso.root = extent(&descriptor, 156).ok_or_else(|| broken("its root directory"))?;
                return Ok(iso);
            }
        }
        Err(FetchFailure::new("it is no ISO 9660 image"))
    }

    /// The contents of a file; path segments are compared without case. `None` when there is no such file.
    pub(super) async fn find_file(&mut self, path: &[&str]) -> Result<Option<Vec<u8>>, FetchFailure> {
        let mut at = self.root;
        for (depth, segment) in path.iter().enumerate() {
            let wanted_directory = depth + 1 < path.len();
            let entries = self.list(at).await?;
            let found = entries.into_iter().find(|entry| {
                entry.is_directory == wanted_directory && entry.name.eq_ignore_ascii_case(segment)
            });
            match found {
                Some(entry) => at = entry.extent,
                None => return Ok(None),
            }
        }
        if at.length > MAX_FILE_BYTES {
            return Err(broken("a configuration file that large"));
        }
        self.read(at.offset, at.length).await.map(Some)
    }

    /// Reads a file of the root directory as a system would that boots it, and forgets it.
    pub(super) async fn pass_over(&mut self, name: &str) -> Result<(), FetchFailure> {
        let entries = self.list(self.root).await?;
        let found =
            entries.into_iter().find(|entry| !entry.is_directory && entry.name.eq_ignore_ascii_case(name));
        let Some(Entry { extent, .. }) = found else { return Ok(()) };
        let end = extent.offset + extent.length;
        for offset in (extent.offset..end).step_by(PASS as usize) {
            let length = PASS.min(end - offset);
            let read = fetch::read_range(self.client, self.source, offset, length).await?;
            if (read.len() as u64) < length {
                return Err(FetchFailure::new("it ends too early"));
            }
        }
        Ok(())
    }

    async fn list(&mut self, directory: Extent) -> Result<Vec<Entry>, FetchFailure> {
        if directory.length > MAX_DIRECTORY_BYTES {
            return Err(broken("a directory that large"));
        }
        let bytes = self.read(directory.offset, directory.length).await?;
        let mut entries = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let length = usize::from(bytes[at]);
            if length == 0 {
                // Records do not cross sectors: the rest of this one is padding.
                at = (at / SECTOR as usize + 1) * SECTOR as usize;
                continue;
            }
            let record = bytes.get(at..at + length).ok_or_else(|| broken("a directory record"))?;
            if let Some(entry) = self.entry(record).await? {
                entries.push(entry);
            }
            at += length;
        }
        Ok(entries)
    }

    async fn entry(&mut self, record: &[u8]) -> Result<Option<Entry>, FetchFailure> {
        let (Some(extent), Some(&flags), Some(&name_length)) =
            (extent(record, 0), record.get(25), record.get(32))
        else {
            return Err(broken("a directory record"));
        };
        let name_length = usize::from(name_length);
        let Some(name) = record.get(33..33 + name_length) else { return Err(broken("a file name")) };
        if matches!(name, [0] | [1]) {
            return Ok(None);
        }
        // A name of even length is followed by a padding byte.
        let system_use = record.get(33 + name_length + usize::from(name_length.is_multiple_of(2))..);
        let rock_ridge = self.rock_ridge_name(system_use.unwrap_or_default()).await?;
        let name = rock_ridge.unwrap_or_else(|| plain_name(name));
        Ok(Some(Entry { name, extent, is_directory: flags & 2 != 0 }))
    }

    /// The alternate name in a record's system use area, which may go on elsewhere (CE).
    async fn rock_ridge_name(&mut self, area: &[u8]) -> Result<Option<String>, FetchFailure> {
        let mut name = Vec::new();
        let mut area = area.to_vec();
        for _ in 0..8 {
            let mut next = None;
            let mut rest = area.as_slice();
            while let [s1, s2, length, _version, ..] = *rest {
                let length = usize::from(length);
                if length < 4 || length > rest.len() {
                    break;
                }
                let data = &rest[4..length];
                match [s1, s2] {
                    [b'N', b'M'] if data.first().is_some_and(|flags| flags & 0b110 == 0) => {
                        name.extend_from_slice(&data[1..]);
                    }
                    [b'C', b'E'] => next = continuation(data),
                    _ => {}
                }
                rest = &rest[length..];
            }
            match next {
                Some(Extent { offset, length }) if length <= SECTOR => {
                    area = self.read(offset, length).await?
                }
                _ => break,
            }
        }
        Ok((!name.is_empty()).then(|| String::from_utf8_lossy(&name).into_owned()))
    }

    async fn read(&mut self, offset: u64, length: u64) -> Result<Vec<u8>, FetchFailure> {
        let mut found = Vec::new();
        let end = offset + length;
        let mut at = offset;
        while at < end {
            let number = at / BLOCK;
            let block = self.block(number).await?;
            let from = (at - number * BLOCK) as usize;
            let to = block.len().min((end - number * BLOCK) as usize);
            if from >= to {
                return Err(FetchFailure::new("it ends too early"));
            }
            found.extend_from_slice(&block[from..to]);
            at += (to - from) as u64;
        }
        Ok(found)
    }

    async fn block(&mut self, number: u64) -> Result<&[u8], FetchFailure> {
        if !self.cache.contains_key(&number) {
            if self.cache.len() >= MAX_CACHED_BLOCKS {
                self.cache.clear();
            }
            let block = fetch::read_range(self.client, self.source, number * BLOCK, BLOCK).await?;
            self.cache.insert(number, block);
        }
        Ok(self.cache.get(&number).map(Vec::as_slice).unwrap_or_default())
    }
}

/// The extent in a directory record that starts at `at`.
fn extent(bytes: &[u8], at: usize) -> Option<Extent> {
    Some(Extent {
        offset: u64::from(little_endian(bytes, at + 2)?) * SECTOR,
        length: little_endian(bytes, at + 10)?.into(),
    })
}

fn continuation(data: &[u8]) -> Option<Extent> {
    let block = u64::from(little_endian(data, 0)?);
    Some(Extent {
        offset: block * SECTOR + u64::from(little_endian(data, 8)?),
        length: little_endian(data, 16)?.into(),
    })
}

fn little_endian(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// A name without its version and without the dot of an empty extension.
fn plain_name(name: &[u8]) -> String {
    let text = String::from_utf8_lossy(name);
    text.split(';').next().unwrap_or_default().trim_end_matches('.').to_owned()
}

fn broken(what: &str) -> FetchFailure {
    FetchFailure::new(format!("the ISO image is damaged: {what}"))
}
