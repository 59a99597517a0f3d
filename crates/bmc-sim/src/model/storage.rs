//! A 2U storage node: one boot drive, four spinning disks, two sockets.

use super::hardware::{BiosAttribute, BiosKind, Bus, Disk, HardwareModel, Nics, Processors, Raid};

const fn data_disk(bay: &'static str, device: &'static str) -> Disk {
    Disk {
        bay,
        device,
        vendor: "Tarn",
        model: "Tarn Deep 16TB",
        bytes: 16_000_900_661_248,
        bus: Bus::Sata,
        rotational: true,
    }
}

pub(crate) const STORAGE: HardwareModel = HardwareModel {
    manufacturer: "Northgate",
    product: "Vault V240",
    sku: "NG-V240-S5",
    bios_version: "1.9.3 (Build 2026-01-15)",
    bios_date: "2026-01-15",
    bmc_model: "Northgate NBC-3",
    bmc_version: "7.10.30.00",
    processors: Processors {
        sockets: 2,
        vendor: "GenuineIntel",
        model: "Intel(R) Xeon(R) Gold 6430",
        cores: 32,
        threads: 64,
        mhz: 2100,
        flags: &["lm", "vmx", "aes", "avx2", "avx512f"],
    },
    memory_gib: 256,
    nics: Nics {
        speed_mbps: 10_000,
        pci_vendor: "0x8086",
        pci_device: "0x1572",
        driver: "i40e",
        firmware: "9.20",
    },
    disks: &[
        Disk {
            bay: "Disk.Bay.0",
            device: "/dev/sda",
            vendor: "Fenwick",
            model: "Fenwick S20 480GB",
            bytes: 480_103_981_056,
            bus: Bus::Sata,
            rotational: false,
        },
        data_disk("Disk.Bay.1", "/dev/sdb"),
        data_disk("Disk.Bay.2", "/dev/sdc"),
        data_disk("Disk.Bay.3", "/dev/sdd"),
        data_disk("Disk.Bay.4", "/dev/sde"),
    ],
    controller: "Northgate SmartHBA 12G",
    raid: Raid { types: &["RAID0", "RAID1", "RAID5", "RAID6", "RAID10"], apply_times: &["OnReset"] },
    bios: &[
        BiosAttribute {
            name: "LogicalProc",
            label: "Logical processors",
            kind: BiosKind::Enumeration { default: "Enabled", values: &["Enabled", "Disabled"] },
            read_only: false,
        },
        BiosAttribute {
            name: "ProcVirtualization",
            label: "Virtualization technology",
            kind: BiosKind::Enumeration { default: "Enabled", values: &["Enabled", "Disabled"] },
            read_only: false,
        },
        BiosAttribute {
            name: "SysProfile",
            label: "System profile",
            kind: BiosKind::Enumeration {
                default: "PerfPerWattOptimized",
                values: &["PerfPerWattOptimized", "PerfOptimized", "DenseConfig", "Custom"],
            },
            read_only: false,
        },
        BiosAttribute {
            name: "ErrPromptTimeoutSecs",
            label: "Seconds an error prompt is shown",
            kind: BiosKind::Integer { default: 15, min: 0, max: 300 },
            read_only: false,
        },
        BiosAttribute {
            name: "AssetTag",
            label: "Asset tag",
            kind: BiosKind::Text { default: "", max_length: 63 },
            read_only: false,
        },
        BiosAttribute {
            name: "SystemModelName",
            label: "System model",
            kind: BiosKind::Text { default: "Vault V240", max_length: 32 },
            read_only: true,
        },
    ],
};
