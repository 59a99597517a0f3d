//! The image of an instance that lies at this service, for the agent: `file://` in instance_info, and its checksum.

use ferric_artifacts::image::ImageSource;
use ferric_artifacts::source::{Source, SourceFacts};
use ferric_artifacts::{ArtifactError, Composite};
use ferric_model::boot::{BootPurpose, BootTicket};
use futures::TryStreamExt;
use moka::future::Cache;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::workshop::{Artifact, Workshop};
use crate::{BootServiceError, Result};

/// What failures are called.
const PART: &str = "the image of the instance";

/// Digests of images, known for as long as the files stay what they are.
pub(super) type Digests = Cache<(Source, SourceFacts), String>;

/// Digests that are kept.
pub(super) const DIGESTS: u64 = 1_000;

impl Workshop {
    /// The image itself, at any range.
    pub(super) async fn image(&self, ticket: &BootTicket) -> Result<Artifact> {
        let made = async { Composite::of_source(self.sources.clone(), source(ticket)?).await };
        made.await.map(Artifact::File).map_err(of_image)
    }

    /// Its SHA-256 in hexadecimal, for users who gave no checksum: who serves the file knows it.
    pub(super) async fn image_digest(&self, ticket: &BootTicket) -> Result<Artifact> {
        let found = async {
            let source = source(ticket)?;
            let facts = self.sources.facts(&source).await?;
            let key = (source.clone(), facts.clone());
            if let Some(known) = self.digests.get(&key).await {
                return Ok(known);
            }
            let mut pieces = self.sources.stream(&source, &facts, 0..facts.size_bytes);
            let mut digest = Sha256::new();
            while let Some(piece) = pieces.try_next().await? {
                digest.update(&piece);
            }
            let hex: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
            self.digests.insert(key, hex.clone()).await;
            Ok(hex)
        };
        found.await.map(|hex| self.text(format!("{hex}\n"))).map_err(of_image)
    }
}

/// The file that the node's instance_info names, for the ramdisk that is to write it.
fn source(ticket: &BootTicket) -> ferric_artifacts::Result<Source> {
    let named =
        ticket.node.spec.instance_info.get("image_source").and_then(Value::as_str).unwrap_or_default();
    match ImageSource::parse(named)? {
        ImageSource::File(url) if ticket.purpose == BootPurpose::Ramdisk => {
            Source::parse("image_source", url.as_str())
        }
        _ => Err(ArtifactError::NotFound { location: "an image of this service".to_owned() }),
    }
}

fn of_image(source: ArtifactError) -> BootServiceError {
    match source {
        ArtifactError::NotFound { .. } => BootServiceError::NotFound,
        source => BootServiceError::Source { part: PART, source },
    }
}
