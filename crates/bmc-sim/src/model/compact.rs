//! A dense 1U node with two NVMe drives.

use super::hardware::{BiosAttribute, BiosKind, Bus, Disk, HardwareModel, Nics, Processors, Raid};

pub(crate) const COMPACT: HardwareModel = HardwareModel {
    manufacturer: "Larkspur Systems",
    product: "Compact C120",
    sku: "LS-C120-A",
    bios_version: "C120-2.14.0",
    bios_date: "2026-03-02",
    bmc_model: "Larkspur Management Controller",
    bmc_version: "4.08.1",
    processors: Processors {
        sockets: 1,
        vendor: "AuthenticAMD",
        model: "AMD EPYC 9354P 32-Core Processor",
        cores: 32,
        threads: 64,
        mhz: 3250,
        flags: &["lm", "svm", "aes", "avx2", "sev"],
    },
    memory_gib: 128,
    nics: Nics {
        speed_mbps: 25_000,
        pci_vendor: "0x15b3",
        pci_device: "0x1017",
        driver: "mlx5_core",
        firmware: "16.35.4030",
    },
    disks: &[
        Disk {
            bay: "NVMe.Bay.0",
            device: "/dev/nvme0n1",
            vendor: "Fenwick",
            model: "Fenwick N40 960GB",
            bytes: 960_197_124_096,
            bus: Bus::Nvme,
            rotational: false,
        },
        Disk {
            bay: "NVMe.Bay.1",
            device: "/dev/nvme1n1",
            vendor: "Fenwick",
            model: "Fenwick N40 3840GB",
            bytes: 3_840_755_982_336,
            bus: Bus::Nvme,
            rotational: false,
        },
    ],
    controller: "CPU PCIe lanes",
    raid: Raid { types: &["RAID0", "RAID1"], apply_times: &["Immediate"] },
    bios: &[
        BiosAttribute {
            name: "SmtControl",
            label: "Simultaneous multithreading",
            kind: BiosKind::Enumeration { default: "Enabled", values: &["Enabled", "Disabled"] },
            read_only: false,
        },
        BiosAttribute {
            name: "PowerProfile",
            label: "Power profile",
            kind: BiosKind::Enumeration {
                default: "Balanced",
                values: &["Balanced", "Performance", "Efficiency"],
            },
            read_only: false,
        },
        BiosAttribute {
            name: "SvmMode",
            label: "Virtualization extensions",
            kind: BiosKind::Enumeration { default: "Enabled", values: &["Enabled", "Disabled"] },
            read_only: false,
        },
        BiosAttribute {
            name: "BootRetryCount",
            label: "Boot retries",
            kind: BiosKind::Integer { default: 3, min: 0, max: 10 },
            read_only: false,
        },
        BiosAttribute {
            name: "AssetNote",
            label: "Asset note",
            kind: BiosKind::Text { default: "", max_length: 64 },
            read_only: false,
        },
        BiosAttribute {
            name: "PlatformRevision",
            label: "Platform revision",
            kind: BiosKind::Text { default: "B2", max_length: 8 },
            read_only: true,
        },
    ],
};
