//! Files that exist only as a plan: pieces one after the other, some in memory, some in their sources.

use std::fmt;
use std::ops::Range;

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use sha2::{Digest, Sha256};

use crate::Result;
use crate::source::{Source, SourceFacts, Sources};

/// Zeros that pieces are padded with are cut from here.
static ZEROS: [u8; 4096] = [0; 4096];

/// A piece of a file.
#[derive(Clone)]
pub(crate) enum Piece {
    /// Held in memory.
    Memory(Bytes),
    /// Read when it is asked for.
    Remote(Source, SourceFacts),
    /// So many zeros.
    Zeros(u64),
}

/// A file that is put together while it is read; equal pieces over unchanged sources give equal bytes, in any process.
#[derive(Clone)]
pub struct Composite {
    sources: Sources,
    pieces: Vec<Piece>,
}

impl Piece {
    pub(crate) fn size_bytes(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::Remote(_, facts) => facts.size_bytes,
            Self::Zeros(count) => *count,
        }
    }

    fn stream(&self, sources: &Sources, range: Range<u64>) -> BoxStream<'static, Result<Bytes>> {
        match self {
            Self::Memory(bytes) => {
                let part = bytes.slice(range.start as usize..range.end as usize);
                stream::once(async move { Ok(part) }).boxed()
            }
            Self::Remote(source, facts) => sources.stream(source, facts, range),
            Self::Zeros(_) => stream::unfold(range.end - range.start, |left| async move {
                let now = left.min(ZEROS.len() as u64);
                (now > 0).then(|| (Ok(Bytes::from_static(&ZEROS[..now as usize])), left - now))
            })
            .boxed(),
        }
    }
}

impl Composite {
    pub(crate) fn new(sources: Sources, pieces: Vec<Piece>) -> Self {
        Self { sources, pieces }
    }

    /// A file in memory.
    pub fn in_memory(sources: Sources, content: impl Into<Bytes>) -> Self {
        Self { sources, pieces: vec![Piece::Memory(content.into())] }
    }

    /// A source as it is.
    ///
    /// Errors: whatever keeps the source from being read.
    pub async fn of_source(sources: Sources, source: Source) -> Result<Self> {
        let facts = sources.facts(&source).await?;
        Ok(Self { sources, pieces: vec![Piece::Remote(source, facts)] })
    }

    /// Exact length.
    pub fn total_bytes(&self) -> u64 {
        self.pieces.iter().map(Piece::size_bytes).sum()
    }

    /// A strong entity tag with its quotes; `None` when a source has no validator.
    pub fn etag(&self) -> Option<String> {
        let mut digest = Sha256::new();
        for piece in &self.pieces {
            digest.update(piece.size_bytes().to_le_bytes());
            match piece {
                Piece::Memory(bytes) | Piece::Remote(Source::Memory(bytes), _) => digest.update(bytes),
                Piece::Zeros(_) => {}
                Piece::Remote(_, facts) if facts.has_validator() => {
                    digest.update(facts.etag.as_deref().unwrap_or_default());
                    digest.update([0]);
                    digest.update(facts.last_modified.as_deref().unwrap_or_default());
                }
                Piece::Remote(..) => return None,
            }
        }
        let hex: String = digest.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        Some(format!("\"{hex}\""))
    }

    /// The bytes of `range` (all without one), cut to the file; sources are read as the stream reaches them.
    ///
    /// Errors (in the stream): `Changed` when a source is not what the plan was made from; otherwise whatever keeps it
    /// from being read.
    pub fn stream(&self, range: Option<Range<u64>>) -> BoxStream<'static, Result<Bytes>> {
        let total = self.total_bytes();
        let wanted = range.unwrap_or(0..total);
        let wanted = wanted.start.min(total)..wanted.end.min(total);
        let mut start = 0;
        let mut streams = Vec::new();
        for piece in &self.pieces {
            let end = start + piece.size_bytes();
            let (from, to) = (wanted.start.max(start), wanted.end.min(end));
            if from < to {
                streams.push((piece.clone(), from - start..to - start));
            }
            start = end;
        }
        let sources = self.sources.clone();
        stream::iter(streams).flat_map(move |(piece, range)| piece.stream(&sources, range)).boxed()
    }
}

impl fmt::Debug for Composite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Composite").field("total_bytes", &self.total_bytes()).finish_non_exhaustive()
    }
}
