//! What the agent reports about the hardware (section 7 of the protocol).

use serde_json::{Value, json};

use crate::identity::Identity;
use crate::model::{Bus, HardwareModel};

/// The body of an inspection report.
pub(super) fn report(identity: &Identity, model: &HardwareModel, boot_interface: Option<&str>) -> Value {
    let inventory = inventory(identity, model, boot_interface);
    let root_disk = model.root_disk().map(|disk| disk.device);
    let root_disk = inventory["disks"]
        .as_array()
        .and_then(|disks| disks.iter().find(|disk| disk["name"].as_str() == root_disk).cloned());
    json!({
        "inventory": inventory,
        "root_disk": root_disk,
        "boot_interface": boot_interface.map(plain_mac),
        "configuration": {
            "collectors": ["default", "logs"],
            "managers": [{"name": "simulated_hardware_manager", "version": "1.0"}],
        },
        "error": null,
    })
}

/// The hardware inventory.
pub(super) fn inventory(identity: &Identity, model: &HardwareModel, boot_interface: Option<&str>) -> Value {
    let processors = &model.processors;
    json!({
        "interfaces": interfaces(identity, model),
        "cpu": {
            "model_name": processors.model,
            "frequency": processors.mhz.to_string(),
            "count": processors.sockets * processors.threads,
            "architecture": "x86_64",
            "flags": processors.flags,
            "socket_count": processors.sockets,
        },
        "disks": disks(identity, model),
        "memory": {"total": (model.memory_gib << 30) - (3 << 28), "physical_mb": model.memory_gib << 10},
        "bmc_address": "0.0.0.0",
        "bmc_v6address": "::/0",
        "bmc_mac": identity.bmc_mac,
        "system_vendor": {
            "product_name": model.product,
            "serial_number": identity.serial,
            "manufacturer": model.manufacturer,
            "firmware": {
                "vendor": model.manufacturer,
                "version": model.bios_version,
                "build_date": model.bios_date,
            },
        },
        "boot": {
            "current_boot_mode": "uefi",
            "pxe_interface": boot_interface.map_or_else(|| identity.macs[0].clone(), plain_mac),
        },
        "hostname": identity.host_name(),
    })
}

fn interfaces(identity: &Identity, model: &HardwareModel) -> Vec<Value> {
    let nics = &model.nics;
    let interface = |(at, mac): (usize, &String)| {
        // 198.18.0.0/15 is set aside for benchmarks (RFC 2544); only the first port has a lease.
        let number = identity.index + 1;
        let address = (at == 0).then(|| format!("198.18.{}.{}", number >> 8 & 0xff, number & 0xff));
        json!({
            "name": format!("enp{}s0", at + 1),
            "mac_address": mac,
            "ipv4_address": address,
            "ipv6_address": null,
            "has_carrier": true,
            "lldp": [],
            "vendor": nics.pci_vendor,
            "product": nics.pci_device,
            "client_id": null,
            "biosdevname": null,
            "speed_mbps": nics.speed_mbps,
            "pci_address": format!("0000:{:02x}:00.0", at + 1),
            "driver": nics.driver,
        })
    };
    identity.macs.iter().enumerate().map(interface).collect()
}

fn disks(identity: &Identity, model: &HardwareModel) -> Vec<Value> {
    let disk = |(at, disk): (usize, &crate::model::Disk)| {
        let hctl = (disk.bus == Bus::Sata).then(|| format!("{at}:0:0:0"));
        json!({
            "name": disk.device,
            "model": disk.model,
            "size": disk.bytes,
            "rotational": disk.rotational,
            "wwn": format!("0x5000c500{:08x}", identity.index << 8 | at),
            "serial": identity.drive_serial(at),
            "vendor": disk.vendor,
            "wwn_with_extension": format!("0x5000c500{:08x}", identity.index << 8 | at),
            "wwn_vendor_extension": null,
            "hctl": hctl,
            "by_path": format!("/dev/disk/by-path/pci-0000:{:02x}:00.0-bay-{at}", 0x40 + at),
            "logical_sectors": 512,
            "physical_sectors": 4096,
        })
    };
    model.disks.iter().enumerate().map(disk).collect()
}

/// A MAC address as inventories write it; boot loaders may pass `01-52-54-…`.
fn plain_mac(boot_interface: &str) -> String {
    let text = boot_interface.to_ascii_lowercase().replace('-', ":");
    match text.strip_prefix("01:") {
        Some(rest) if rest.len() == 17 => rest.to_owned(),
        _ => text,
    }
}
