//! Disks, as inspection found them.

use ferric_model::report::Inventory;
use serde_json::Value;

const MIB: u64 = 1 << 20;

/// Space at both ends of a disk that partitions cannot have: partition tables and alignment.
const RESERVED_MIB: i64 = 2;

/// A disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disk {
    /// Name in the kernel, without `/dev/`.
    pub name: String,
    /// Other things that it is known by: WWN, serial number, paths.
    pub aliases: Vec<String>,
    /// What partitions can have of it, in MiB.
    pub usable: i64,
}

/// The disks of an inventory.
///
/// Source: `contract: agent-protocol` section 7, `inventory.disks`.
pub fn disks(inventory: &Inventory) -> Vec<Disk> {
    let listed = inventory.inventory.get("disks").and_then(Value::as_array);
    listed.into_iter().flatten().filter_map(disk).collect()
}

fn disk(found: &Value) -> Option<Disk> {
    let text = |key: &str| found.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let bytes = found.get("size").and_then(Value::as_u64)?;
    let usable = i64::try_from(bytes / MIB).unwrap_or(i64::MAX) - RESERVED_MIB;
    let aliases = ["by_path", "wwn", "wwn_with_extension", "serial"].into_iter().filter_map(text);
    Some(Disk {
        name: text("name")?.trim_start_matches("/dev/").to_owned(),
        aliases: aliases.map(|alias| alias.trim_start_matches("/dev/").to_owned()).collect(),
        usable: usable.max(0),
    })
}

/// What a name in a kickstart file stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// This disk.
    Disk(usize),
    /// Nothing that the inventory has.
    Nothing,
    /// Perhaps one of them: the inventory does not know disks by such names.
    Unsure,
}

/// Finds the disk that a name stands for.
pub(super) fn find(disks: &[Disk], name: &str) -> Named {
    let name = name.trim_start_matches("/dev/");
    let known = |disk: &Disk| {
        disk.name == name || disk.aliases.iter().any(|alias| alias == name || name.contains(alias.as_str()))
    };
    match disks.iter().position(known) {
        Some(index) => Named::Disk(index),
        // Globs, and links that the ramdisk did not tell of.
        None if name.contains(['*', '?', '[', '|', '=']) || name.contains('/') => Named::Unsure,
        None => Named::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn disks_are_known_by_their_names() {
        let inventory = Inventory {
            inventory: json!({"disks": [
                {"name": "/dev/sda", "size": 10 * MIB, "wwn": "0x5000", "by_path": "/dev/disk/by-path/pci-0"},
                {"name": "/dev/nvme0n1", "size": 1},
                {"name": "/dev/sdz"}]})
            .as_object()
            .cloned()
            .unwrap(),
            ..Inventory::default()
        };
        let disks = disks(&inventory);
        assert_eq!(disks.iter().map(|disk| disk.usable).collect::<Vec<_>>(), [8, 0]);
        for (name, expected) in [
            ("sda", Named::Disk(0)),
            ("/dev/sda", Named::Disk(0)),
            ("disk/by-path/pci-0", Named::Disk(0)),
            ("/dev/disk/by-id/wwn-0x5000", Named::Disk(0)),
            ("nvme0n1", Named::Disk(1)),
            ("sdb", Named::Nothing),
            ("disk/by-id/ata-X", Named::Unsure),
            ("sd*", Named::Unsure),
        ] {
            assert_eq!(find(&disks, name), expected, "{name}");
        }
    }
}
