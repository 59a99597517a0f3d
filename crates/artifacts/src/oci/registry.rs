//! From a reference to a blob, by the registry's API.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use ferric_model::secret::Secret;
use reqwest::StatusCode;
use reqwest::header::WWW_AUTHENTICATE;
use sha2::{Digest, Sha256};
use url::Url;

use crate::image::{HashAlgorithm, ImageDigest};
use crate::oci::OciReference;
use crate::oci::challenge::Challenge;
use crate::oci::manifest::{ACCEPT, Document};
use crate::source::{Sources, location_of, refusal};
use crate::{ArtifactError, Result};

const WHAT: &str = "image_source";
/// Largest manifest that is read; the specification wants registries to take 4 MiB.
const MANIFEST_BYTES: u64 = 4 * 1024 * 1024;
const TOKEN_BYTES: u64 = 64 * 1024;

/// A registry, as somebody with this pull secret sees it.
#[derive(Debug)]
pub struct OciRegistry<'a> {
    sources: &'a Sources,
    /// Registries that speak plain HTTP.
    plain: &'a [String],
    reference: &'a OciReference,
    secret: Option<&'a Secret<String>>,
}

/// What a reference leads to.
#[derive(Debug, Clone)]
pub struct OciImage {
    /// The manifest, by its digest: what the reference meant when it was looked up.
    pub manifest_url: Url,
    /// What it is.
    pub kind: OciKind,
}

/// What is in a registry.
#[derive(Debug, Clone)]
pub enum OciKind {
    /// A disk image in one blob.
    Disk {
        /// Where the agent fetches it.
        blob: Url,
        /// Its name in the registry.
        digest: ImageDigest,
        /// Its length.
        size_bytes: u64,
        /// Its format, if index or name tell.
        format: Option<&'static str>,
        /// The header `Authorization` with which it is fetched, if the registry wants one.
        authorization: Option<Secret<String>>,
    },
    /// A container, as `bootc` installs them.
    Container,
}

impl<'a> OciRegistry<'a> {
    /// The pull secret is `user:password`, or a token that the registry itself takes.
    pub const fn new(
        sources: &'a Sources,
        plain: &'a [String],
        reference: &'a OciReference,
        secret: Option<&'a Secret<String>>,
    ) -> Self {
        Self { sources, plain, reference, secret }
    }

    /// Finds the image for a node of this architecture.
    ///
    /// Errors: `NotFound`, `Denied`, `Unreachable`, … as the registry answers; `Invalid` when the manifest has no image
    /// for the node, or one that the agent cannot write; `BadAnswer` for content that is not what its digest says.
    pub async fn resolve(&self, cpu_arch: Option<&str>) -> Result<OciImage> {
        let (sources, authorization) = self.admitted().await?;
        let (document, digest) = self.manifest(&sources, &self.reference.version).await?;
        let (document, digest, format) = if document.is_index() {
            let Some((entry, format)) = document.choose(cpu_arch) else {
                let arch = cpu_arch.unwrap_or("any");
                return Err(self.invalid(&format!("has no image for the architecture {arch}")));
            };
            let (chosen, digest) = self.manifest(&sources, &entry.digest).await?;
            (chosen, digest, format)
        } else {
            (document, digest, None)
        };
        let manifest_url = self.url("manifests", &digest)?;
        // A disk image by its annotation is one, whatever configuration it has.
        if format.is_none() && document.is_container() {
            return Ok(OciImage { manifest_url, kind: OciKind::Container });
        }
        let [layer] = &document.layers[..] else {
            return Err(self.invalid(&format!("has {} layers, a disk image has one", document.layers.len())));
        };
        if layer.is_compressed() {
            return Err(self.invalid("is compressed, and agents write what they fetch; push it uncompressed"));
        }
        let hex = layer.digest.strip_prefix("sha256:").unwrap_or_default();
        let digest = ImageDigest::find(HashAlgorithm::Sha256, hex)
            .ok_or_else(|| self.invalid("has a layer whose digest is not one of sha256"))?;
        let kind = OciKind::Disk {
            blob: self.url("blobs", &layer.digest)?,
            digest,
            size_bytes: layer.size,
            format: format.or_else(|| layer.format()),
            authorization,
        };
        Ok(OciImage { manifest_url, kind })
    }

    /// Knocks, and comes back with what the registry wanted to see.
    async fn admitted(&self) -> Result<(Sources, Option<Secret<String>>)> {
        let url = self.url("manifests", &self.reference.version)?;
        let answer = self.sources.answer(&url, ACCEPT, MANIFEST_BYTES).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok((self.sources.clone(), None));
        }
        let header =
            answer.headers.get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let value = match (Challenge::read(header, self.reference), self.user()) {
            (Some(Challenge::Bearer(_)), Err(token)) => format!("Bearer {token}"),
            (Some(Challenge::Bearer(at)), Ok(user)) => {
                format!("Bearer {}", self.token(&url, at, user).await?)
            }
            (Some(Challenge::Basic), Ok(Some(basic))) => basic,
            _ => return Err(refusal(&url, answer.status)),
        };
        let value = Secret::new(value);
        Ok((self.sources.authorized(&value)?, Some(value)))
    }

    /// The pull secret as a header, or as the token that it is.
    fn user(&self) -> std::result::Result<Option<String>, &'a str> {
        match self.secret.map(|secret| secret.expose().as_str()) {
            Some(pair) if pair.contains(':') => Ok(Some(format!("Basic {}", STANDARD.encode(pair)))),
            Some(token) => Err(token),
            None => Ok(None),
        }
    }

    async fn token(&self, registry: &Url, at: Url, user: Option<String>) -> Result<String> {
        if registry.scheme() == "https" && at.scheme() != "https" {
            let reason = "it sends the pull secret to an address without TLS".to_owned();
            return Err(ArtifactError::Denied { location: location_of(registry), reason });
        }
        let sources = match user {
            Some(basic) => self.sources.authorized(&Secret::new(basic))?,
            None => self.sources.clone(),
        };
        let answer = sources.answer(&at, "application/json", TOKEN_BYTES).await?;
        if answer.status != StatusCode::OK {
            return Err(refusal(&at, answer.status));
        }
        let document: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let token = ["token", "access_token"].iter().find_map(|key| document[key].as_str());
        token.map(str::to_owned).ok_or_else(|| bad_answer(&at, "it gives no token"))
    }

    /// A manifest with its digest, which was verified if it was asked for by one.
    async fn manifest(&self, sources: &Sources, version: &str) -> Result<(Document, String)> {
        let url = self.url("manifests", version)?;
        let answer = sources.answer(&url, ACCEPT, MANIFEST_BYTES).await?;
        if answer.status != StatusCode::OK {
            return Err(refusal(&url, answer.status));
        }
        let digest = digest_of(&answer.body);
        if version.starts_with("sha256:") && version != digest {
            return Err(bad_answer(&url, "its content has another digest"));
        }
        match serde_json::from_slice(&answer.body) {
            Ok(document) => Ok((document, digest)),
            Err(_) => Err(bad_answer(&url, "it is no manifest")),
        }
    }

    fn url(&self, kind: &str, version: &str) -> Result<Url> {
        let OciReference { registry, name, .. } = self.reference;
        let plain = self.plain.iter().any(|known| known == registry);
        let scheme = if plain { "http" } else { "https" };
        Url::parse(&format!("{scheme}://{registry}/v2/{name}/{kind}/{version}"))
            .map_err(|_| ArtifactError::invalid(WHAT, format!("{registry} is not a host name")))
    }

    fn invalid(&self, reason: &str) -> ArtifactError {
        ArtifactError::invalid(WHAT, format!("{} {reason}", self.reference))
    }
}

fn digest_of(content: &Bytes) -> String {
    let hex: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

fn bad_answer(url: &Url, reason: &str) -> ArtifactError {
    ArtifactError::BadAnswer { location: location_of(url), reason: reason.to_owned() }
}
