//! From kernel, ramdisk and kernel line to an EFI program.

use std::fmt;

use bytes::Bytes;
use ferric_model::secret::Secret;

use super::pe::{self, NewSection};
use crate::composite::{Composite, Piece};
use crate::initrd::{self, Overlay};
use crate::source::{Source, Sources};
use crate::{ArtifactError, Result};

/// Largest stub taken into memory; that of systemd has some 100 KiB.
const STUB_BYTES: u64 = 4 * 1024 * 1024;

/// Longest kernel line of x86-64 and arm64, its final zero not counted.
const COMMAND_LINE_BYTES: usize = 2047;

/// Says what the image is, for those who look for it.
const OS_RELEASE: &str = "ID=ferric-ramdisk\nNAME=\"Ferric ramdisk\"\nPRETTY_NAME=\"Ferric ramdisk\"\n";

/// What goes into an image.
#[derive(Clone)]
pub struct UkiSpec {
    /// The program that finds the rest.
    pub stub: Source,
    /// The kernel: an EFI program itself.
    pub kernel: Source,
    /// The ramdisk.
    pub ramdisk: Source,
    /// What the node's ramdisk gets beside.
    pub overlay: Overlay,
    /// One line, see [`crate::boot`].
    pub kernel_cmdline: Secret<String>,
}

/// Plans unified kernel images; cheap to clone.
#[derive(Debug, Clone)]
pub struct UkiPlanner {
    sources: Sources,
}

impl UkiPlanner {
    /// Plans with these sources.
    pub fn new(sources: Sources) -> Self {
        Self { sources }
    }

    /// Lays the image out; asks sources for their length and reads none but the stub.
    ///
    /// Errors: `Invalid` for a stub that is no EFI program, or a bad kernel line; `TooLarge` above 4 GiB; whatever keeps
    /// a source from being read.
    pub async fn plan(&self, spec: UkiSpec) -> Result<Composite> {
        let sources = &self.sources;
        let line = check_line(spec.kernel_cmdline.expose())?;
        let kernel = sources.facts(&spec.kernel).await?;
        if kernel.size_bytes == 0 {
            return Err(ArtifactError::invalid("kernel", format!("{} is empty", spec.kernel)));
        }
        let ramdisk = initrd::appended(sources, spec.ramdisk, &spec.overlay).await?;
        let stub = sources.read(&spec.stub, STUB_BYTES).await?;
        let memory = |text: &str| vec![Piece::Memory(Bytes::copy_from_slice(text.as_bytes()))];
        // The kernel comes last: it may unpack itself into what lies behind it.
        let parts = [
            (".osrel", memory(OS_RELEASE)),
            (".cmdline", memory(line)),
            (".initrd", ramdisk),
            (".linux", vec![Piece::Remote(spec.kernel, kernel)]),
        ];
        let sections: Vec<NewSection> = parts
            .iter()
            .map(|(name, pieces)| NewSection { name, size_bytes: pieces.iter().map(Piece::size_bytes).sum() })
            .collect();
        let extended = pe::extend(&stub, &sections)?;
        let mut pieces = vec![Piece::Memory(extended.head)];
        for ((_, part), padding) in parts.into_iter().zip(extended.padding) {
            pieces.extend(part);
            pieces.push(Piece::Zeros(padding));
        }
        Ok(Composite::new(sources.clone(), pieces))
    }
}

fn check_line(line: &str) -> Result<&str> {
    let wrong = |reason: &str| Err(ArtifactError::invalid("kernel command line", reason));
    if line.len() > COMMAND_LINE_BYTES {
        return wrong("it is longer than 2047 bytes");
    }
    if line.chars().any(char::is_control) {
        return wrong("it has a line break or control character");
    }
    Ok(line)
}

impl fmt::Debug for UkiSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UkiSpec")
            .field("stub", &self.stub)
            .field("kernel", &self.kernel)
            .field("ramdisk", &self.ramdisk)
            .field("overlay", &self.overlay)
            .finish_non_exhaustive()
    }
}
