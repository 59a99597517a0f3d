//! Under which names boot loaders look for what is meant for one network card.

use crate::boot::MacAddress;

/// In what language a boot loader is told what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Menu {
    /// A script of iPXE.
    Ipxe,
    /// A configuration of pxelinux.
    Pxelinux,
    /// A configuration of grub.
    Grub,
}

/// A file that is meant for one network card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MacFile {
    /// The card.
    pub mac: MacAddress,
    /// Its language.
    pub menu: Menu,
}

/// Names by what stands before and after the address.
///
/// Source: `contract: boot-and-images` section 2; pxelinux puts the kind of network (01: Ethernet) in front.
const NAMES: [(&str, &str, Menu); 4] = [
    ("pxelinux.cfg/01-", "", Menu::Pxelinux),
    ("pxelinux.cfg/", "", Menu::Ipxe),
    ("grub.cfg-01-", "", Menu::Grub),
    ("", ".conf", Menu::Grub),
];

/// Folders below which grub looks, according to how it was built.
const FOLDERS: [&str; 3] = ["boot/grub/", "grub/", "EFI/BOOT/"];

impl MacFile {
    /// Reads the path of a file, without a slash in front.
    pub fn parse(path: &str) -> Option<Self> {
        let path = without_folder(path);
        NAMES.iter().find_map(|(before, after, menu)| {
            let text = path.strip_prefix(before)?.strip_suffix(after)?;
            text.parse().ok().map(|mac| Self { mac, menu: *menu })
        })
    }

    /// The usual path of the file.
    pub fn path(&self) -> String {
        let hyphenated = self.mac.hyphenated();
        match NAMES.iter().find(|row| row.2 == self.menu) {
            Some((before, after, _)) => format!("{before}{hyphenated}{after}"),
            None => hyphenated,
        }
    }
}

/// The path below the folder in which grub looks.
pub(crate) fn without_folder(path: &str) -> &str {
    FOLDERS.iter().find_map(|folder| path.strip_prefix(folder)).unwrap_or(path)
}

/// The script every node starts with: goes on with the file of the interface it booted from, else of the first others.
pub fn ipxe_entry_script() -> String {
    let mut script = String::from("#!ipxe\nchain --autofree pxelinux.cfg/${mac:hexhyp} ||\n");
    for interface in 0..4 {
        script += &format!("chain --autofree pxelinux.cfg/${{net{interface}/mac:hexhyp}} ||\n");
    }
    script += "echo No boot configuration for this node, rebooting in 180 s\nsleep 180\nreboot\n";
    script
}

/// The configuration grub starts with where it does not look for that of the card by itself.
pub fn grub_entry_config() -> String {
    "set timeout=5\nconfigfile $prefix/$net_default_mac.conf\n".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_by_address() {
        let mac: MacAddress = "52:54:00:AB:00:01".parse().unwrap();
        for (menu, path) in [
            (Menu::Ipxe, "pxelinux.cfg/52-54-00-ab-00-01"),
            (Menu::Pxelinux, "pxelinux.cfg/01-52-54-00-ab-00-01"),
            (Menu::Grub, "grub.cfg-01-52-54-00-ab-00-01"),
        ] {
            let file = MacFile { mac, menu };
            assert_eq!(file.path(), path);
            assert_eq!(MacFile::parse(path), Some(file));
        }
        for path in [
            "52:54:00:ab:00:01.conf",
            "grub/52:54:00:ab:00:01.conf",
            "boot/grub/grub.cfg-01-52-54-00-ab-00-01",
        ] {
            assert_eq!(MacFile::parse(path), Some(MacFile { mac, menu: Menu::Grub }), "{path}");
        }
        for other in [
            "pxelinux.cfg/default",
            "pxelinux.cfg/C0A80001",
            "grub.cfg",
            "",
            "pxelinux.cfg/02-52-54-00-ab-00-01",
        ] {
            assert_eq!(MacFile::parse(other), None, "{other}");
        }
    }

    #[test]
    fn the_entry_script_tries_every_card() {
        assert!(ipxe_entry_script().contains("pxelinux.cfg/${net3/mac:hexhyp} ||\n"));
    }
}
