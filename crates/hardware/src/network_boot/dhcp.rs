//! What DHCP is to tell a node, and who tells it.

use super::config::{DhcpProvider, NetworkBootConfig};
use super::dnsmasq::Dnsmasq;
use super::kind::Kind;
use crate::{HardwareError, TaskView};
use ferric_model::boot::BootMode;

/// Longest name of a boot file that DHCP carries.
const NAME_BYTES: usize = 64;

/// What a node is told. Numbers are those of the options.
///
/// Source: `contract: boot-and-images` section 4; RFC 2132 (60, 66, 67), RFC 5859 (150), RFC 5970 (59 of DHCPv6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    /// What the firmware loads first: a file on the TFTP server, or a URL.
    pub loader: String,
    /// What iPXE does once it runs; none for other loaders.
    pub script: Option<String>,
    /// Where the first file lies; none when it is a URL.
    pub tftp_server: Option<String>,
    /// The MAC addresses that may boot.
    pub cards: Vec<String>,
}

/// Tells DHCP servers what nodes boot.
#[derive(Debug)]
pub(super) enum Dhcp {
    /// Nobody is told anything.
    Static,
    Dnsmasq(Dnsmasq),
}

impl Dhcp {
    pub(super) fn new(config: &NetworkBootConfig) -> Self {
        match config.provider {
            DhcpProvider::None => Self::Static,
            DhcpProvider::Dnsmasq => {
                Self::Dnsmasq(Dnsmasq::new(config.hostsdir.clone(), config.optsdir.clone()))
            }
        }
    }

    /// Makes the node's cards boot.
    pub(super) async fn offer(&self, task: &TaskView, offer: &Offer) -> Result<(), HardwareError> {
        match self {
            Self::Static => Ok(()),
            Self::Dnsmasq(dnsmasq) => dnsmasq.offer(task.node.uuid, offer).await,
        }
    }

    /// Makes them be left alone.
    pub(super) async fn withdraw(&self, task: &TaskView) -> Result<(), HardwareError> {
        match self {
            Self::Static => Ok(()),
            Self::Dnsmasq(dnsmasq) => dnsmasq.withdraw(task.node.uuid, &cards(task, false)).await,
        }
    }
}

/// What a node is to be told whose artefacts lie below `boot_url`.
pub(super) fn offer(
    config: &NetworkBootConfig,
    kind: &Kind,
    mode: BootMode,
    task: &TaskView,
    boot_url: &str,
) -> Result<Offer, HardwareError> {
    // The token is the last part; what is the same for all nodes lies beside it.
    let base = boot_url.rsplit_once('/').map_or(boot_url, |(base, _)| base);
    let file = match (kind.ipxe, mode) {
        (true, BootMode::Uefi) => &config.ipxe_loader_uefi,
        (true, BootMode::Bios) => &config.ipxe_loader_bios,
        (false, BootMode::Uefi) => &config.pxe_loader_uefi,
        (false, BootMode::Bios) => &config.pxe_loader_bios,
    };
    if kind.http && mode == BootMode::Bios {
        return Err(HardwareError::invalid(
            format!("the boot interface '{}' needs UEFI, and the node boots in BIOS mode", kind.name),
            "use the boot interface ipxe or pxe, or boot mode uefi",
        ));
    }
    let loader = if kind.http { format!("{base}/{file}") } else { file.clone() };
    if loader.len() > NAME_BYTES && config.provider == DhcpProvider::Dnsmasq {
        return Err(HardwareError::invalid(
            format!("the boot file '{loader}' is longer than the {NAME_BYTES} bytes that DHCP carries"),
            "make control.boot_url or the name of the boot loader shorter",
        ));
    }
    let cards = cards(task, true);
    if cards.is_empty() {
        return Err(HardwareError::invalid(
            format!("Node {} does not have any port with pxe_enabled.", task.node.uuid),
            "create a port with the address of the card that the node boots from",
        ));
    }
    Ok(Offer {
        loader,
        script: kind.ipxe.then(|| format!("{base}/boot.ipxe")),
        tftp_server: (!kind.http && !config.tftp_server.is_empty()).then(|| config.tftp_server.clone()),
        cards,
    })
}

fn cards(task: &TaskView, bootable: bool) -> Vec<String> {
    let ports = task.ports.iter().filter(|port| port.pxe_enabled || !bootable);
    ports.map(|port| port.address.clone()).collect()
}
