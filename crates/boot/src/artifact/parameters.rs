//! What the kernel of a node is told.

use ferric_artifacts::boot::BootParameters;
use ferric_artifacts::{ArtifactError, Result};
use ferric_installer::{InstallOrder, InstallerError};
use ferric_model::JsonMap;
use ferric_model::boot::{BootPurpose, BootTicket};
use ferric_model::secret::Secret;
use serde_json::Value;

use crate::BootConfig;

/// The kernel line, by what is booted.
///
/// Source: `contract: boot-and-images` section 5, "Kernel line".
pub(super) fn kernel_line(config: &BootConfig, ticket: &BootTicket) -> Result<Secret<String>> {
    match ticket.purpose {
        BootPurpose::Ramdisk if ticket.is_installation() => installer(ticket),
        BootPurpose::Ramdisk => ramdisk(config, ticket)?.kernel_line(),
        BootPurpose::Instance => instance(ticket),
    }
}

fn ramdisk(config: &BootConfig, ticket: &BootTicket) -> Result<BootParameters> {
    let node = &ticket.node;
    let append = |document: &JsonMap| text(document, "kernel_append_params").map(str::to_owned);
    let own_medium = ticket.carries_parameters();
    Ok(BootParameters {
        kernel_append_params: append(&node.spec.instance_info).or_else(|| append(&node.spec.driver_info)),
        default_append_params: config.kernel_append_params.clone(),
        ipa_api_url: ticket.api_url.clone(),
        agent_token: ticket.agent_token.clone().filter(|_| own_medium).map(Secret::new),
        boot_mac: ticket.boot_interface.as_deref().map(str::parse).transpose()?,
        virtual_media: own_medium,
        inspection_callback_url: ticket.inspection_callback_url.clone(),
        debug: false,
        extra: Vec::new(),
        publisher_id: Some(ticket.publisher_id.clone()).filter(|_| own_medium),
    })
}

/// The configured parameters are for the agent's kernel.
fn installer(ticket: &BootTicket) -> Result<Secret<String>> {
    let wrong = |error: InstallerError| match error {
        InstallerError::Source(error) => error,
        other => ArtifactError::Invalid { what: "instance_info", reason: other.to_string() },
    };
    let order = InstallOrder::read(&ticket.node).map_err(wrong)?;
    let spec = &ticket.node.spec;
    let append = |document| text(document, "kernel_append_params");
    let append = append(&spec.instance_info).or_else(|| append(&spec.driver_info));
    ferric_installer::kernel_line(&order, &ticket.base_url, append, "").map_err(wrong)
}

fn instance(ticket: &BootTicket) -> Result<Secret<String>> {
    let given = text(&ticket.node.spec.instance_info, "ramdisk_kernel_arguments").unwrap_or_default();
    if given.chars().any(char::is_control) {
        return Err(ArtifactError::Invalid {
            what: "ramdisk_kernel_arguments",
            reason: "it has a line break or control character".to_owned(),
        });
    }
    Ok(Secret::new(format!("root=/dev/ram0 text {given}").trim_end().to_owned()))
}

fn text<'a>(document: &'a JsonMap, key: &str) -> Option<&'a str> {
    document.get(key).and_then(Value::as_str)
}
