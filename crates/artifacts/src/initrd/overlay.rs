//! What a node's ramdisk gets beside what it brings along.

use std::fmt;

use bytes::Bytes;

use super::cpio;
use crate::composite::{Composite, Piece};
use crate::source::{Source, Sources};
use crate::{ArtifactError, Result};

/// Where the agent looks for the authorities by which it verifies the API.
const AUTHORITIES: &str = "etc/ironic-python-agent/ironic.crt";
/// The agent's configuration that names them.
const TLS_CONFIGURATION: &str = "etc/ironic-python-agent.d/ironic-tls.conf";
const TLS_CONFIGURATION_TEXT: &str = "[DEFAULT]\ncafile = /etc/ironic-python-agent/ironic.crt\n";
const NETWORK_DATA: &str = "openstack/latest/network_data.json";

/// Archives of an initrd begin at multiples of this.
const ALIGNMENT: u64 = 4;

/// Files of one node for its ramdisk.
///
/// Source: `contract: boot-and-images` section 5, "Embedded files".
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Overlay {
    /// By path, without a slash in front.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Overlay {
    /// The authorities of the API in PEM, and the node's own network configuration, as far as there are any.
    pub fn of_agent(authorities: Option<&[u8]>, network_data: Option<&[u8]>) -> Self {
        let mut files = Vec::new();
        if let Some(pem) = authorities {
            files.push((AUTHORITIES.to_owned(), pem.to_vec()));
            files.push((TLS_CONFIGURATION.to_owned(), TLS_CONFIGURATION_TEXT.as_bytes().to_vec()));
        }
        files.extend(network_data.map(|data| (NETWORK_DATA.to_owned(), data.to_vec())));
        Self { files }
    }

    /// The archive; none when there is nothing in it.
    pub fn archive(&self) -> Option<Bytes> {
        (!self.files.is_empty()).then(|| cpio::archive(&self.files).into())
    }
}

impl fmt::Debug for Overlay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.files.iter().map(|(path, _)| path)).finish()
    }
}

/// The ramdisk with the overlay behind it.
///
/// Errors: `Invalid` for an empty ramdisk; whatever keeps it from being read.
pub async fn plan(sources: &Sources, ramdisk: Source, overlay: &Overlay) -> Result<Composite> {
    Ok(Composite::new(sources.clone(), appended(sources, ramdisk, overlay).await?))
}

/// The pieces of the same.
pub(crate) async fn appended(sources: &Sources, ramdisk: Source, overlay: &Overlay) -> Result<Vec<Piece>> {
    let facts = sources.facts(&ramdisk).await?;
    let size_bytes = facts.size_bytes;
    if size_bytes == 0 {
        return Err(ArtifactError::invalid("ramdisk", format!("{ramdisk} is empty")));
    }
    let mut pieces = vec![Piece::Remote(ramdisk, facts)];
    if let Some(archive) = overlay.archive() {
        pieces.push(Piece::Zeros(size_bytes.next_multiple_of(ALIGNMENT) - size_bytes));
        pieces.push(Piece::Memory(archive));
    }
    Ok(pieces)
}
