//! A laid-out image with its content, readable at any place.

use std::ops::Range;

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use sha2::{Digest, Sha256};

use crate::Result;
use crate::iso::layout::{Layout, LayoutSpec};
use crate::iso::record::SECTOR;
use crate::source::{Source, SourceFacts, Sources};

/// Content of a file in an image.
#[derive(Clone)]
pub(crate) enum Content {
    /// Held in memory.
    Inline(Bytes),
    /// Read when it is asked for.
    Remote(Source, SourceFacts),
}

/// An image of which only the metadata and the inline files are in memory.
#[derive(Clone)]
pub(crate) struct Image {
    layout: Layout,
    contents: Vec<Content>,
}

/// Part of an answer.
enum Piece {
    Memory(Bytes),
    Remote(Source, SourceFacts, Range<u64>),
}

impl Content {
    pub(crate) fn size_bytes(&self) -> u64 {
        match self {
            Self::Inline(bytes) => bytes.len() as u64,
            Self::Remote(_, facts) => facts.size_bytes,
        }
    }

    fn piece(&self, range: Range<u64>) -> Piece {
        match self {
            Self::Inline(bytes) => Piece::Memory(bytes.slice(range.start as usize..range.end as usize)),
            Self::Remote(source, facts) => Piece::Remote(source.clone(), facts.clone(), range),
        }
    }
}

impl Image {
    /// Errors: those of [`Layout::compute`].
    pub(crate) fn compute(spec: LayoutSpec<'_>, files: Vec<(String, Content)>) -> Result<Self> {
        let sizes: Vec<(&str, u64)> =
            files.iter().map(|(path, content)| (path.as_str(), content.size_bytes())).collect();
        let layout = Layout::compute(spec, &sizes)?;
        let contents = files.into_iter().map(|(_, content)| content).collect();
        Ok(Self { layout, contents })
    }

    pub(crate) fn total_bytes(&self) -> u64 {
        self.layout.total_bytes
    }

    /// Where the last `count` files lie.
    pub(crate) fn last_files(&self, count: usize) -> Vec<Range<u64>> {
        let files = self.layout.files.iter().zip(&self.contents);
        let extents = files.map(|(extent, content)| {
            let start = u64::from(extent.sector) * SECTOR as u64;
            start..start + content.size_bytes()
        });
        extents.skip(self.contents.len().saturating_sub(count)).collect()
    }

    /// A strong entity tag, when every remote file has a validator of its own.
    pub(crate) fn etag(&self) -> Option<String> {
        let mut digest = Sha256::new();
        digest.update(&self.layout.head);
        for content in &self.contents {
            match content {
                Content::Inline(bytes) => digest.update(bytes),
                Content::Remote(Source::Memory(bytes), _) => digest.update(bytes),
                Content::Remote(_, facts) if facts.has_validator() => {
                    digest.update(facts.etag.as_deref().unwrap_or_default());
                    digest.update([0]);
                    digest.update(facts.last_modified.as_deref().unwrap_or_default());
                }
                Content::Remote(..) => return None,
            }
        }
        let hex: String = digest.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        Some(format!("\"{hex}\""))
    }

    /// The bytes of `range`, cut to the image; reads of files begin when the stream gets to them.
    pub(crate) fn stream(&self, sources: &Sources, range: Range<u64>) -> BoxStream<'static, Result<Bytes>> {
        let sources = sources.clone();
        stream::iter(self.pieces(range))
            .flat_map(move |piece| match piece {
                Piece::Memory(bytes) => stream::once(async move { Ok(bytes) }).boxed(),
                Piece::Remote(source, facts, range) => sources.stream(&source, &facts, range),
            })
            .boxed()
    }

    fn pieces(&self, range: Range<u64>) -> Vec<Piece> {
        let end = range.end.min(self.layout.total_bytes);
        let mut at = range.start;
        let mut pieces = Vec::new();
        let head = Content::Inline(self.layout.head.clone());
        let files = self.layout.files.iter().zip(&self.contents);
        let placed = files.map(|(extent, content)| (u64::from(extent.sector) * SECTOR as u64, content));
        for (start, content) in std::iter::once((0, &head)).chain(placed) {
            let size_bytes = content.size_bytes();
            let stop = (start + size_bytes).min(end);
            if at < stop {
                pieces.push(content.piece(at - start..stop - start));
                at = stop;
            }
            // What is left of the last sector.
            let padded = (start + size_bytes.next_multiple_of(SECTOR as u64)).min(end);
            if at < padded {
                pieces.push(Piece::Memory(Bytes::from_static(&[0; SECTOR]).slice(..(padded - at) as usize)));
                at = padded;
            }
        }
        pieces
    }
}
