//! What an operator may decide about booting over the network.

use serde::Deserialize;
use std::path::PathBuf;

/// Who answers DHCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum DhcpProvider {
    /// Somebody whom nothing is told: it gives every node the same boot loader.
    #[default]
    None,
    /// dnsmasq, which reads files that conductors write.
    Dnsmasq,
}

/// Section `dhcp` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkBootConfig {
    /// Who answers DHCP.
    pub provider: DhcpProvider,
    /// Where dnsmasq reads which nodes it serves (`dhcp-hostsdir`).
    pub hostsdir: PathBuf,
    /// Where it reads what it tells them (`dhcp-optsdir`).
    pub optsdir: PathBuf,
    /// Address of the TFTP server as nodes reach it.
    pub tftp_server: String,
    /// Boot loader `ipxe` of UEFI nodes.
    pub ipxe_loader_uefi: String,
    /// Boot loader `ipxe` of BIOS nodes.
    pub ipxe_loader_bios: String,
    /// Boot loader `pxe` of UEFI nodes.
    pub pxe_loader_uefi: String,
    /// Boot loader `pxe` of BIOS nodes.
    pub pxe_loader_bios: String,
}

impl Default for NetworkBootConfig {
    fn default() -> Self {
        Self {
            provider: DhcpProvider::None,
            hostsdir: "/etc/dnsmasq.d/hostsdir.d".into(),
            optsdir: "/etc/dnsmasq.d/optsdir.d".into(),
            tftp_server: String::new(),
            ipxe_loader_uefi: "snponly.efi".to_owned(),
            ipxe_loader_bios: "undionly.kpxe".to_owned(),
            pxe_loader_uefi: "bootx64.efi".to_owned(),
            pxe_loader_bios: "lpxelinux.0".to_owned(),
        }
    }
}
