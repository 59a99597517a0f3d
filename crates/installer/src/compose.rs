//! The answer file of a node: rendered, completed, checked. Conductors do this before they touch the node, and the boot
//! service does the same again whenever the installer asks.

use crate::kickstart::{self, Document, LintRules};
use crate::order::{ImageKind, InstallOrder};
use crate::render::{MAX_TEMPLATE_BYTES, Variables, render};
use crate::{Flavour, InstallerConfig, InstallerError, Problem, Result, preseed, storage};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ferric_artifacts::configdrive::GivenConfigDrive;
use ferric_artifacts::source::{Source, Sources};
use ferric_model::node::Node;
use ferric_model::report::Inventory;
use ferric_model::secret::Secret;
use url::Url;

/// Most bytes of a configdrive that an answer file carries: installers hold the file in memory.
const MAX_CONFIG_DRIVE_BYTES: u64 = 1 << 20;

/// What surrounds an installation.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// Base URL of the artefacts of this installation, without a slash at the end.
    pub boot_url: String,
    /// Base URL of the REST API as the node reaches it, without a slash at the end.
    pub api_url: String,
    /// Secret of the callbacks.
    pub agent_token: Secret<String>,
}

/// An answer file.
#[derive(Debug)]
pub struct AnswerFile {
    /// The family of installers.
    pub flavour: Flavour,
    /// The text; secret, because it carries the token and the configdrive.
    pub text: Secret<String>,
    /// What a kickstart file says.
    document: Option<Document>,
}

/// Makes answer files.
#[derive(Debug, Clone)]
pub struct Composer {
    sources: Sources,
    config: InstallerConfig,
}

impl Composer {
    /// Makes answer files whose parts are read from `sources`.
    pub const fn new(sources: Sources, config: InstallerConfig) -> Self {
        Self { sources, config }
    }

    pub(crate) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// What the operator decided.
    pub(crate) fn config(&self) -> &InstallerConfig {
        &self.config
    }

    /// Makes the answer file of a node.
    ///
    /// **Errors**: `Template` for a variable that is not defined; `Refused` with everything that is wrong with the result;
    /// `Source` when template or configdrive cannot be had; `Order`.
    pub async fn compose(
        &self,
        node: &Node,
        order: &InstallOrder,
        around: &Surroundings,
    ) -> Result<AnswerFile> {
        let template = self.template(order).await?;
        let variables = self.variables(node, order, around).await?;
        let text = render(&template, &variables)?;
        let rules = self.rules(order, around, &variables);
        match order.flavour {
            Flavour::Kickstart => {
                let (document, problems) = kickstart::parse(&text);
                refuse(problems)?;
                let text = kickstart::complete(&text, &document, &variables);
                let (document, mut problems) = kickstart::parse(&text);
                problems.extend(kickstart::lint(&document, &rules));
                refuse(problems)?;
                let (flavour, text) = (order.flavour, Secret::new(text));
                Ok(AnswerFile { flavour, text, document: Some(document) })
            }
            Flavour::Preseed => {
                let (answers, problems) = preseed::parse(&text);
                refuse(problems)?;
                let text = preseed::complete(&text, &answers, &variables);
                let (answers, mut problems) = preseed::parse(&text);
                problems.extend(preseed::lint(&answers, &rules));
                refuse(problems)?;
                Ok(AnswerFile { flavour: order.flavour, text: Secret::new(text), document: None })
            }
        }
    }

    async fn template(&self, order: &InstallOrder) -> Result<String> {
        let configured = match order.flavour {
            Flavour::Kickstart => &self.config.default_ks_template,
            Flavour::Preseed => &self.config.default_preseed_template,
        };
        let source = match &order.template {
            Some(source) => Some(source.clone()),
            None if configured.is_empty() => None,
            None => Some(Source::parse("the default template", configured)?),
        };
        let Some(source) = source else { return Ok(order.flavour.default_template().to_owned()) };
        let bytes = self.sources.read(&source, MAX_TEMPLATE_BYTES).await?;
        String::from_utf8(bytes.to_vec())
            .map_err(|_| InstallerError::Template("it is no UTF-8 text".to_owned()))
    }

    async fn variables(&self, node: &Node, order: &InstallOrder, around: &Surroundings) -> Result<Variables> {
        let (image, kind) = match &order.image {
            Some((url, kind)) => (url.to_string(), Some(*kind)),
            None => (String::new(), None),
        };
        let hostname = node.name.clone().unwrap_or_else(|| node.uuid.to_string());
        Ok(Variables {
            liveimg_url: image,
            is_source_a_path: kind == Some(ImageKind::Repository),
            liveimg_checksum: order.sha256.clone().unwrap_or_default(),
            agent_token: around.agent_token.expose().clone(),
            heartbeat_url: format!("{}/v1/heartbeat/{}", around.api_url, node.uuid),
            insecure_heartbeat: self.config.insecure_heartbeat,
            config_drive: self.config_drive(node, order.flavour).await?,
            log_url: format!("{}/log", around.boot_url),
            boot_url: around.boot_url.clone(),
            hostname,
        })
    }

    async fn config_drive(&self, node: &Node, flavour: Flavour) -> Result<String> {
        let Some(given) = node.spec.instance_info.get("configdrive") else { return Ok(String::new()) };
        let Some(given) = GivenConfigDrive::from_json(given)? else { return Ok(String::new()) };
        if flavour != Flavour::Kickstart {
            let text = "a configdrive can be given to Anaconda only; leave it out, or put its content into the template";
            return Err(InstallerError::Order(text.to_owned()));
        }
        let name = node.name.as_deref();
        let files = given.files(&self.sources, &node.uuid.to_string(), name, MAX_CONFIG_DRIVE_BYTES).await?;
        let encoded: Vec<_> =
            files.iter().map(|(path, bytes)| (path.clone(), STANDARD.encode(bytes))).collect();
        Ok(kickstart::config_drive(&encoded))
    }

    fn rules(&self, order: &InstallOrder, around: &Surroundings, variables: &Variables) -> LintRules {
        let ours = [around.boot_url.as_str(), around.api_url.as_str()]
            .into_iter()
            .filter_map(|url| Url::parse(url).ok());
        let image = order.image.as_ref().map(|(url, _)| url.clone());
        let template = order.template.as_ref().and_then(|source| match source {
            Source::Http(url) => Some(url.clone()),
            _ => None,
        });
        let hosts = ours.chain(image).chain(template).filter_map(|url| url.host_str().map(str::to_owned));
        let further = self.config.include_hosts.split(',').map(str::trim).filter(|host| !host.is_empty());
        LintRules {
            include_hosts: hosts.chain(further.map(str::to_owned)).collect(),
            allow_plaintext_passwords: self.config.allow_plaintext_passwords,
            has_repository: order.repository().is_some(),
            heartbeat_url: Some(variables.heartbeat_url.clone()),
        }
    }
}

impl AnswerFile {
    /// Tries the layout of disks on what inspection found; without any disks in it nothing can be said.
    ///
    /// **Errors**: `DoesNotFit`, with everything that does not.
    pub fn check_storage(&self, inventory: &Inventory) -> Result<()> {
        let Some(document) = &self.document else { return Ok(()) };
        let disks = storage::disks(inventory);
        if disks.is_empty() {
            return Ok(());
        }
        match storage::simulate(document, &disks) {
            problems if problems.is_empty() => Ok(()),
            problems => Err(InstallerError::DoesNotFit(problems)),
        }
    }
}

fn refuse(problems: Vec<Problem>) -> Result<()> {
    if problems.is_empty() { Ok(()) } else { Err(InstallerError::Refused(problems)) }
}
