//! Boot artefacts of nodes: the control plane knows what a token may boot, `ferric-artifacts` computes it.

use crate::config::BootSection;
use anyhow::Context;
use async_trait::async_trait;
use ferric_api::{BootAnswer, BootError, BootSource};
use ferric_artifacts::ArtifactError;
use ferric_artifacts::boot::BootParameters;
use ferric_artifacts::iso::{BootIso, BootIsoSpec, IsoPlanner};
use ferric_artifacts::source::{Source, SourceConfig, Sources};
use ferric_control::{BootRequest, Control, ControlError};
use ferric_model::failure::code;
use ferric_model::secret::Secret;
use futures::StreamExt;
use std::ops::Range;
use std::sync::Arc;

/// Computes the boot ISO of a task from kernel, ramdisk and the node's parameters: nothing is written anywhere, and any
/// process answers any range alike.
#[derive(Debug)]
pub struct NodeBootSource {
    control: Arc<Control>,
    planner: IsoPlanner,
    section: BootSection,
}

/// The one file of a task that a BMC fetches.
const BOOT_ISO: &str = "boot.iso";

impl NodeBootSource {
    /// Prepares to compute artefacts.
    pub fn new(control: Arc<Control>, section: BootSection) -> anyhow::Result<Self> {
        let config = SourceConfig { file_roots: section.file_roots.clone(), ..SourceConfig::default() };
        let sources =
            Sources::new(config).context("the section 'boot' of the configuration is not usable")?;
        Ok(Self { control, planner: IsoPlanner::new(sources), section })
    }

    async fn plan(&self, request: &BootRequest) -> Result<BootIso, ArtifactError> {
        let spec = BootIsoSpec {
            kernel: self.source(request, "deploy_kernel", self.section.kernel.as_deref())?,
            ramdisk: self.source(request, "deploy_ramdisk", self.section.ramdisk.as_deref())?,
            esp: self.optional("esp", None, self.section.esp.as_deref())?,
            bootloader: self.optional(
                "bootloader",
                request.node.driver_info_str("bootloader"),
                self.section.bootloader.as_deref(),
            )?,
            kernel_cmdline: self.parameters(request)?.kernel_line()?,
            publisher_id: request.publisher_id.clone(),
            extra_files: network_data(request),
        };
        self.planner.plan(spec).await
    }

    /// What the node names, else what the configuration names.
    fn source(
        &self,
        request: &BootRequest,
        key: &'static str,
        configured: Option<&str>,
    ) -> Result<Source, ArtifactError> {
        let found = self.optional(key, request.node.driver_info_str(key), configured)?;
        found.ok_or_else(|| ArtifactError::Invalid {
            what: key,
            reason: format!("neither the node's driver_info nor the section 'boot' names a {key}"),
        })
    }

    fn optional(
        &self,
        key: &'static str,
        own: Option<&str>,
        configured: Option<&str>,
    ) -> Result<Option<Source>, ArtifactError> {
        own.or(configured).map(|text| Source::parse(key, text)).transpose()
    }

    fn parameters(&self, request: &BootRequest) -> Result<BootParameters, ArtifactError> {
        let node = &request.node;
        let append = |document: &ferric_model::JsonMap| {
            document.get("kernel_append_params").and_then(|value| value.as_str()).map(str::to_owned)
        };
        Ok(BootParameters {
            kernel_append_params: append(&node.spec.instance_info).or_else(|| append(&node.spec.driver_info)),
            default_append_params: self.section.kernel_append_params.clone(),
            ipa_api_url: request.api_url.clone(),
            agent_token: request.agent_token.clone().map(Secret::new),
            boot_mac: request.boot_interface.as_deref().map(str::parse).transpose()?,
            virtual_media: true,
            inspection_callback_url: request.inspection_callback_url.clone(),
            debug: false,
            extra: Vec::new(),
            publisher_id: Some(request.publisher_id.clone()),
        })
    }
}

/// The node's own network configuration for the ramdisk, where it has one.
fn network_data(request: &BootRequest) -> Vec<(String, Vec<u8>)> {
    let data = &request.node.spec.network_data;
    if data.is_empty() {
        return Vec::new();
    }
    let text = serde_json::Value::Object(data.clone()).to_string();
    vec![("openstack/latest/network_data.json".to_owned(), text.into_bytes())]
}

#[async_trait]
impl BootSource for NodeBootSource {
    async fn open(
        &self,
        token: &str,
        file: &str,
        range: Option<Range<u64>>,
    ) -> Result<BootAnswer, BootError> {
        if file != BOOT_ISO {
            return Err(BootError::NotFound);
        }
        let request = self.control.boot_request(token).await.map_err(|error| match error {
            ControlError::NotFound(_) => BootError::NotFound,
            other => upstream(&other),
        })?;
        let iso = match self.plan(&request).await {
            Ok(iso) => iso,
            Err(error) => {
                tracing::warn!(node.uuid = %request.node.uuid, %error, "the boot image of a node cannot be made");
                let (summary, said) = ("the node's boot image could not be made", error.to_string());
                self.control.note_trouble(request.task, code::BOOT_SOURCE_FAILED, summary, Some(&said)).await;
                return Err(upstream(&error));
            }
        };
        let total_bytes = iso.total_bytes();
        if range.as_ref().is_some_and(|range| range.start >= total_bytes) {
            return Err(BootError::Range { total_bytes });
        }
        tracing::info!(node.uuid = %request.node.uuid, ?range, total_bytes, "a node's boot image is fetched");
        let stream = iso.stream(range).map(|chunk| chunk.map_err(|error| upstream(&error))).boxed();
        Ok(BootAnswer { total_bytes, content_type: "application/octet-stream".to_owned(), stream })
    }
}

fn upstream(error: &dyn std::fmt::Display) -> BootError {
    BootError::Upstream(error.to_string())
}
