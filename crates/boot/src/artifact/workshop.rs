//! Makes the files of an attempt to boot out of what the node and the configuration name.

use std::iter;
use std::ops::Range;

use bytes::Bytes;
use ferric_artifacts::initrd::{self, Overlay};
use ferric_artifacts::iso::{BootIso, BootIsoSpec, IsoPlanner};
use ferric_artifacts::source::{Source, SourceConfig, Sources};
use ferric_artifacts::uki::{UkiPlanner, UkiSpec};
use ferric_artifacts::{ArtifactError, Composite};
use ferric_installer::Composer;
use ferric_model::boot::{BootPurpose, BootTicket};
use futures::stream::BoxStream;
use serde_json::Value;

use super::instance_image::{DIGESTS, Digests};
use super::parameters;
use crate::{BootConfig, BootServiceError, Result};

/// A file that can be read at any place.
#[derive(Debug, Clone)]
pub enum Artifact {
    /// A boot image.
    Iso(BootIso),
    /// Anything else.
    File(Composite),
}

/// Makes files; one for each process.
#[derive(Debug, Clone)]
pub struct Workshop {
    config: BootConfig,
    authorities: Option<Vec<u8>>,
    pub(super) sources: Sources,
    pub(super) digests: Digests,
    isos: IsoPlanner,
    ukis: UkiPlanner,
    composer: Composer,
}

/// What something is made of: the key that names it, and its name in history.
struct Part {
    /// Key of the ramdisk's part in `driver_info`.
    deploy: &'static str,
    /// The same for rescues.
    rescue: &'static str,
    /// Key of the instance's part in `instance_info`.
    instance: &'static str,
    what: &'static str,
}

const KERNEL: Part = Part {
    deploy: "deploy_kernel",
    rescue: "rescue_kernel",
    instance: "kernel",
    what: "the origin of the kernel",
};
const RAMDISK: Part = Part {
    deploy: "deploy_ramdisk",
    rescue: "rescue_ramdisk",
    instance: "ramdisk",
    what: "the origin of the ramdisk",
};
const READY_IMAGE: Part = Part {
    deploy: "deploy_iso",
    rescue: "rescue_iso",
    instance: "boot_iso",
    what: "the origin of the boot image",
};

/// What failures are called whose origin is none of the parts.
const COMPOSING: &str = "putting the boot file together";

impl Workshop {
    /// Prepares to make files.
    ///
    /// **Errors**: a configuration that cannot be used.
    pub fn new(config: BootConfig) -> ferric_artifacts::Result<Self> {
        let source = SourceConfig { file_roots: config.file_roots.clone(), ..SourceConfig::default() };
        let sources = Sources::new(source)?;
        let authorities = config.api_ca.as_ref().map(|path| {
            std::fs::read(path).map_err(|error| ArtifactError::Invalid {
                what: "boot.api_ca",
                reason: format!("{} cannot be read: {error}", path.display()),
            })
        });
        Ok(Self {
            authorities: authorities.transpose()?,
            isos: IsoPlanner::new(sources.clone()),
            ukis: UkiPlanner::new(sources.clone()),
            composer: Composer::new(sources.clone(), config.installer.clone()),
            sources,
            digests: Digests::new(DIGESTS),
            config,
        })
    }

    /// What the operator decided.
    pub fn config(&self) -> &BootConfig {
        &self.config
    }

    pub(super) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// What makes answer files of installers.
    pub(super) fn composer(&self) -> &Composer {
        &self.composer
    }

    /// A file of this text.
    pub fn text(&self, text: String) -> Artifact {
        Artifact::File(Composite::in_memory(self.sources.clone(), text.into_bytes()))
    }

    /// An image that is booted as it is, where the node names one and no kernel; no parameters can be put into it.
    pub fn ready_image(&self, ticket: &BootTicket) -> Option<String> {
        if ticket.is_installation() {
            return None;
        }
        let named = |part: &Part| self.named(ticket, part);
        named(&READY_IMAGE).filter(|_| named(&KERNEL).is_none())
    }

    pub(super) async fn iso(&self, ticket: &BootTicket) -> Result<Artifact> {
        if let Some(image) = self.ready_image(ticket) {
            let made = async {
                let source = Source::parse(self.key(ticket, &READY_IMAGE), &image)?;
                Composite::of_source(self.sources.clone(), source).await
            };
            return made.await.map(Artifact::File).map_err(|error| self.failed(ticket, error));
        }
        let made = async {
            let overlay = self.overlay(ticket);
            let bootloader = ticket.node.driver_info_str("bootloader").or(self.config.bootloader.as_deref());
            let spec = BootIsoSpec {
                kernel: self.source(ticket, &KERNEL, self.config.kernel.as_deref())?,
                ramdisk: self.source(ticket, &RAMDISK, self.config.ramdisk.as_deref())?,
                esp: self.config.esp.as_deref().map(|text| Source::parse("boot.esp", text)).transpose()?,
                bootloader: bootloader.map(|text| Source::parse("bootloader", text)).transpose()?,
                kernel_cmdline: parameters::kernel_line(&self.config, ticket)?,
                publisher_id: ticket.publisher_id.clone(),
                extra_files: overlay.files,
            };
            self.isos.plan(spec).await
        };
        made.await.map(Artifact::Iso).map_err(|error| self.failed(ticket, error))
    }

    pub(super) async fn uki(&self, ticket: &BootTicket) -> Result<Artifact> {
        let stub = self.config.stub.as_deref().ok_or_else(|| BootServiceError::Source {
            part: COMPOSING,
            source: ArtifactError::Invalid {
                what: "stub",
                reason: "the section 'boot' of the configuration names no stub for unified kernel images"
                    .to_owned(),
            },
        })?;
        let made = async {
            let spec = UkiSpec {
                stub: Source::parse("boot.stub", stub)?,
                kernel: self.source(ticket, &KERNEL, self.config.kernel.as_deref())?,
                ramdisk: self.source(ticket, &RAMDISK, self.config.ramdisk.as_deref())?,
                overlay: self.overlay(ticket),
                kernel_cmdline: parameters::kernel_line(&self.config, ticket)?,
            };
            self.ukis.plan(spec).await
        };
        made.await.map(Artifact::File).map_err(|error| self.failed(ticket, error))
    }

    pub(super) async fn kernel(&self, ticket: &BootTicket) -> Result<Artifact> {
        let made = async {
            let kernel = self.source(ticket, &KERNEL, self.config.kernel.as_deref())?;
            Composite::of_source(self.sources.clone(), kernel).await
        };
        made.await.map(Artifact::File).map_err(|error| self.failed(ticket, error))
    }

    /// With the node's own files behind it, for boot loaders that take one ramdisk.
    pub(super) async fn ramdisk(&self, ticket: &BootTicket) -> Result<Artifact> {
        let made = async {
            let ramdisk = self.source(ticket, &RAMDISK, self.config.ramdisk.as_deref())?;
            initrd::plan(&self.sources, ramdisk, &self.overlay(ticket)).await
        };
        made.await.map(Artifact::File).map_err(|error| self.failed(ticket, error))
    }

    /// Names the part that an error is about.
    pub(crate) fn failed(&self, ticket: &BootTicket, source: ArtifactError) -> BootServiceError {
        let configured = [&self.config.kernel, &self.config.ramdisk, &None];
        let about =
            [&KERNEL, &RAMDISK, &READY_IMAGE].into_iter().zip(configured).find(|(part, configured)| {
                let named = self.named(ticket, part).or_else(|| (*configured).clone());
                let location = named.and_then(|text| Source::parse("", &text).ok()).map(|it| it.location());
                location.is_some() && location.as_deref() == source.location()
            });
        BootServiceError::Source { part: about.map_or(COMPOSING, |(part, _)| part.what), source }
    }

    /// What the node is given beside what it boots.
    fn overlay(&self, ticket: &BootTicket) -> Overlay {
        if ticket.purpose == BootPurpose::Instance || ticket.is_installation() {
            return Overlay::default();
        }
        let data = &ticket.node.spec.network_data;
        let data = (!data.is_empty()).then(|| Value::Object(data.clone()).to_string().into_bytes());
        Overlay::of_agent(self.authorities.as_deref(), data.as_deref())
    }

    fn key(&self, ticket: &BootTicket, part: &Part) -> &'static str {
        match ticket.purpose {
            BootPurpose::Instance => part.instance,
            BootPurpose::Ramdisk if ticket.is_installation() => part.instance,
            BootPurpose::Ramdisk if ticket.is_rescue() => part.rescue,
            BootPurpose::Ramdisk => part.deploy,
        }
    }

    /// What the node itself names.
    fn named(&self, ticket: &BootTicket, part: &Part) -> Option<String> {
        let spec = &ticket.node.spec;
        let document = match ticket.purpose {
            BootPurpose::Instance => &spec.instance_info,
            BootPurpose::Ramdisk if ticket.is_installation() => &spec.instance_info,
            BootPurpose::Ramdisk => &spec.driver_info,
        };
        let text = |key: &str| document.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let own = text(self.key(ticket, part));
        // A rescue boots the ramdisk of deployments where the node has none for rescues.
        own.or_else(|| text(part.deploy).filter(|_| ticket.is_rescue())).map(str::to_owned)
    }

    /// What the node names, else what the configuration names for ramdisks.
    fn source(
        &self,
        ticket: &BootTicket,
        part: &Part,
        configured: Option<&str>,
    ) -> ferric_artifacts::Result<Source> {
        let key = self.key(ticket, part);
        let of_agent = ticket.purpose == BootPurpose::Ramdisk && !ticket.is_installation();
        let configured = configured.filter(|_| of_agent);
        let found = self.named(ticket, part).or_else(|| configured.map(str::to_owned));
        let found = found.ok_or_else(|| ArtifactError::Invalid {
            what: key,
            reason: match ticket.purpose {
                BootPurpose::Ramdisk => {
                    format!("neither the node's driver_info nor the section 'boot' names a {key}")
                }
                BootPurpose::Instance => format!("the node's instance_info names no {key}"),
            },
        })?;
        Source::parse(key, &found)
    }
}

impl Artifact {
    /// Exact length.
    pub fn total_bytes(&self) -> u64 {
        match self {
            Self::Iso(iso) => iso.total_bytes(),
            Self::File(file) => file.total_bytes(),
        }
    }

    /// The parts that have to be read for it to serve its purpose.
    pub fn essential(&self) -> Vec<Range<u64>> {
        match self {
            Self::Iso(iso) => iso.essential(),
            Self::File(file) => iter::once(0..file.total_bytes()).collect(),
        }
    }

    /// A strong entity tag with its quotes, where the sources have one.
    pub fn etag(&self) -> Option<String> {
        match self {
            Self::Iso(iso) => iso.etag(),
            Self::File(file) => file.etag(),
        }
    }

    /// The bytes of a range.
    pub fn stream(&self, range: Range<u64>) -> BoxStream<'static, ferric_artifacts::Result<Bytes>> {
        match self {
            Self::Iso(iso) => iso.stream(Some(range)),
            Self::File(file) => file.stream(Some(range)),
        }
    }
}
