//! The desk at which images are asked for: whether they can be had, what they are, what vouches for them.
//!
//! Who holds this cannot read an image: what goes out are lengths, digests and the word for a format. So conductors get
//! this and not [`Sources`].

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ferric_model::secret::Secret;
use url::Url;

use crate::image::{ChecksumRule, ImageConfig, ImageDigest, ImageSource, check_reachable, format};
use crate::oci::{OciImage, OciReference, OciRegistry};
use crate::source::{Source, SourceConfig, Sources};
use crate::{ArtifactError, Result};

/// Asks image servers and registries.
#[derive(Debug, Clone)]
pub struct Images {
    sources: Sources,
    config: Arc<ImageConfig>,
}

/// How the bearer of an image proves who it is.
#[derive(Debug, Clone, Default)]
pub struct ImageAccess {
    /// The header `Authorization`, as the user or a registry gave it.
    pub authorization: Option<Secret<String>>,
}

/// What is known of an image that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenImage {
    /// Its length, if the origin tells.
    pub size_bytes: Option<u64>,
    /// Its format, if it was looked at.
    pub format: Option<&'static str>,
}

impl Images {
    /// Errors: `Io` or `Invalid` when the configured certificates cannot be used.
    pub fn new(sources: SourceConfig, config: ImageConfig) -> Result<Self> {
        Ok(Self { sources: Sources::new(sources)?, config: Arc::new(config) })
    }

    /// The settings.
    pub fn config(&self) -> &ImageConfig {
        &self.config
    }

    /// Whether an http(s) image can be had, and is what it was declared to be. Its first bytes are read, no more.
    ///
    /// Errors: see [`check_reachable`] and [`format::check`].
    pub async fn look(&self, url: &Url, access: &ImageAccess, declared: Option<&str>) -> Result<SeenImage> {
        let sources = self.sources_for(url, access)?;
        let deadline = Duration::from_secs(self.config.check_timeout_secs);
        let found = check_reachable(&sources, url, deadline).await?;
        let mut seen = SeenImage { size_bytes: found.size_bytes, format: None };
        if self.config.check_format {
            let source = Source::Http(url.clone());
            let reading = sources.beginning(&source, format::INSPECTED_BYTES);
            let Ok(start) = tokio::time::timeout(deadline, reading).await else {
                let deadline_secs = deadline.as_secs();
                return Err(ArtifactError::Deadline { location: source.location(), deadline_secs });
            };
            seen.format = Some(format::check(&start?, declared)?);
        }
        Ok(seen)
    }

    /// The digest of an http(s) image by its rule; a checksum file is asked for as the image would be.
    ///
    /// Errors: see [`ChecksumRule::resolve`].
    pub async fn digest(
        &self,
        rule: &ChecksumRule,
        source: &ImageSource,
        access: &ImageAccess,
    ) -> Result<ImageDigest> {
        let sources = match rule {
            ChecksumRule::File(url) => self.sources_for(url, access)?,
            ChecksumRule::Digest(_) | ChecksumRule::Served => self.sources.clone(),
        };
        rule.resolve(&sources, source, self.config.allow_md5_checksum).await
    }

    /// What an `oci://` reference leads to, for a node of this architecture.
    ///
    /// Errors: see [`OciRegistry::resolve`].
    pub async fn oci(
        &self,
        reference: &OciReference,
        pull_secret: Option<&Secret<String>>,
        cpu_arch: Option<&str>,
    ) -> Result<OciImage> {
        let configured = self
            .pair(&reference.registry)
            .map(|(user, password)| Secret::new(format!("{user}:{}", password.expose())));
        let secret = pull_secret.or(configured.as_ref());
        OciRegistry::new(&self.sources, &self.config.plain_http_registries, reference, secret)
            .resolve(cpu_arch)
            .await
    }

    /// User and password that a server is shown, by agents as by us.
    pub fn credentials(&self, url: &Url) -> Option<(&str, &Secret<String>)> {
        self.config.credentials(url.host_str()?, url.port())
    }

    fn pair(&self, registry: &str) -> Option<(&str, &Secret<String>)> {
        let (host, port) = match registry.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().ok()),
            None => (registry, None),
        };
        self.config.credentials(host, port)
    }

    fn sources_for(&self, url: &Url, access: &ImageAccess) -> Result<Sources> {
        if let Some(value) = &access.authorization {
            return self.sources.authorized(value);
        }
        match self.credentials(url) {
            Some((user, password)) => {
                let pair = STANDARD.encode(format!("{user}:{}", password.expose()));
                self.sources.authorized(&Secret::new(format!("Basic {pair}")))
            }
            None => Ok(self.sources.clone()),
        }
    }
}
