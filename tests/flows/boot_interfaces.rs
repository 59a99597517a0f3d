//! A server's life over every boot interface: what it boots is fetched as firmware and boot loaders fetch it, and what
//! made it boot is gone afterwards.

use anyhow::Context;
use ferric_bmc_sim::{DhcpFiles, Running};
use ferric_tests::cluster::{ClusterSpec, Kind, free_address, run};
use ferric_tests::fleet::{Fleet, quick_simulator};
use ferric_tests::on_both_kinds;
use ferric_tests::rest::Rest;
use ferric_tests::wait::DEADLINE;
use futures::future::try_join_all;
use serde_json::json;
use tempfile::TempDir;

on_both_kinds!(boot_interfaces);

/// All but the one that every other test uses.
const INTERFACES: [&str; 5] = ["redfish-https", "http", "http-ipxe", "ipxe", "pxe"];

async fn boot_interfaces(spec: ClusterSpec) -> anyhow::Result<()> {
    let dhcp = tempfile::tempdir()?;
    let (spec, told) = with_network_boot(spec, &dhcp)?;
    // A unified kernel image here, a boot image there.
    let spec = match spec.kind {
        Kind::AllInOne => spec.with("REDFISH__HTTP_BOOT_FILE", "boot.efi"),
        Kind::Split { .. } => spec,
    };
    let mut simulator = quick_simulator(INTERFACES.len());
    simulator.dhcp = Some(told);
    let fleet = Fleet::start(simulator).await?;
    run(spec, async |cluster| {
        let rest = cluster.rest.clone();
        try_join_all(INTERFACES.iter().enumerate().map(async |(index, interface)| {
            whole_life(&rest, &fleet, index, interface).await.with_context(|| (*interface).to_owned())
        }))
        .await?;
        let left = std::fs::read_dir(dhcp.path().join("opts"))?.count();
        assert_eq!(left, 0, "DHCP is told of no node that does not boot");
        Ok(())
    })
    .await
}

/// With what network cards need to boot, TFTP from one process: the only one here, a boot service of its own there. Says where
/// the simulated servers read what DHCP was told.
pub(crate) fn with_network_boot(
    spec: ClusterSpec,
    folder: &TempDir,
) -> anyhow::Result<(ClusterSpec, DhcpFiles)> {
    let (hostsdir, optsdir) = (folder.path().join("hosts"), folder.path().join("opts"));
    std::fs::create_dir(&hostsdir)?;
    std::fs::create_dir(&optsdir)?;
    let tftp = free_udp_port()?;
    let spec = spec
        .with("DHCP__PROVIDER", "dnsmasq")
        .with("DHCP__HOSTSDIR", hostsdir.display())
        .with("DHCP__OPTSDIR", optsdir.display())
        .with("BOOT__TFTP_LISTEN", &tftp)
        .with("DHCP__TFTP_SERVER", &tftp);
    let spec = match spec.kind {
        Kind::AllInOne => spec,
        Kind::Split { .. } => spec.with("BOOT__LISTEN", free_address()?),
    };
    Ok((spec, DhcpFiles { hostsdir, optsdir }))
}

/// Firmware is told the port of the TFTP server, unlike in life.
fn free_udp_port() -> anyhow::Result<String> {
    Ok(std::net::UdpSocket::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

async fn whole_life(rest: &Rest, fleet: &Fleet, index: usize, interface: &str) -> anyhow::Result<()> {
    let uuid = fleet.enroll(rest, index).await?;
    rest.set(&uuid, "/boot_interface", &json!(interface)).await?;
    rest.lead(&uuid, "manage", "manageable").await?;
    rest.lead(&uuid, "inspect", "manageable").await?;
    rest.lead(&uuid, "provide", "available").await?;
    let boot = fleet.simulator.server(index).boot;
    assert_eq!(
        (boot.enabled.as_str(), boot.http_boot_uri),
        ("Disabled", None),
        "nothing is left of the ramdisk"
    );

    rest.set(&uuid, "/instance_info", &fleet.instance_info()).await?;
    rest.lead(&uuid, "active", "active").await?;
    let server =
        fleet.simulator.wait_until(index, DEADLINE, |server| server.running == Running::Instance).await?;
    assert_eq!(server.disk.context("nothing was written")?.checksum, fleet.images.checksum());
    assert_eq!((server.boot.target.as_str(), server.boot.http_boot_uri), ("Hdd", None));
    assert_eq!((server.counters.inspections, server.counters.inserts), (1, 0), "no media were needed");

    rest.lead(&uuid, "deleted", "available").await?;
    let server = fleet.simulator.server(index);
    assert_eq!((server.disk, server.counters.max_agents_alive), (None, 1));
    rest.delete(&format!("/v1/nodes/{uuid}")).await.map(drop)
}
