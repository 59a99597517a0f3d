//! Logs as the agent hands them over: a gzipped tar archive.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

const BLOCK: usize = 512;

/// An archive of one file (POSIX.1 ustar).
pub(super) fn archive(name: &str, content: &[u8]) -> io::Result<Vec<u8>> {
    let mut header = [0_u8; BLOCK];
    let mut put = |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    put(100, "0000644\0");
    put(108, "0000000\0");
    put(116, "0000000\0");
    put(124, &format!("{:011o}\0", content.len()));
    put(136, "00000000000\0");
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\0");
    put(263, "00");
    let checksum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{checksum:06o}\0 ").as_bytes());

    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&header)?;
    encoder.write_all(content)?;
    let padding = content.len().next_multiple_of(BLOCK) - content.len();
    encoder.write_all(&vec![0; padding + 2 * BLOCK])?;
    encoder.finish()
}
