//! What a path means.

use ferric_artifacts::netboot::{MacFile, Menu};

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Address<'a> {
    /// A file of one attempt to boot.
    Artifact {
        /// Its token.
        token: &'a str,
        /// The file.
        file: &'a str,
    },
    /// What the node with a network card is to do.
    Card(MacFile),
    /// What every node does first that has this boot loader.
    Entry(Menu),
    /// A boot loader.
    Loader(&'a str),
}

/// Files that are the same for every node.
const ENTRIES: [(&str, Menu); 5] = [
    ("boot.ipxe", Menu::Ipxe),
    ("grub.cfg", Menu::Grub),
    ("grub/grub.cfg", Menu::Grub),
    ("boot/grub/grub.cfg", Menu::Grub),
    ("EFI/BOOT/grub.cfg", Menu::Grub),
];

/// Tokens have this many characters.
const TOKEN: usize = 43;

impl<'a> Address<'a> {
    /// Reads a path, without a slash in front.
    pub(crate) fn parse(path: &'a str) -> Option<Self> {
        if let Some((_, menu)) = ENTRIES.iter().find(|row| row.0 == path) {
            return Some(Self::Entry(*menu));
        }
        if let Some(file) = MacFile::parse(path) {
            return Some(Self::Card(file));
        }
        match path.split_once('/') {
            Some((token, file)) if token.len() == TOKEN && !file.is_empty() => {
                Some(Self::Artifact { token, file })
            }
            Some(_) => None,
            None => Some(Self::Loader(path)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_means_one_thing() {
        let token = "t".repeat(TOKEN);
        let path = format!("{token}/boot.iso");
        assert_eq!(Address::parse(&path), Some(Address::Artifact { token: &token, file: "boot.iso" }));
        assert_eq!(Address::parse("boot.ipxe"), Some(Address::Entry(Menu::Ipxe)));
        assert_eq!(Address::parse("grub/grub.cfg"), Some(Address::Entry(Menu::Grub)));
        assert_eq!(Address::parse("snponly.efi"), Some(Address::Loader("snponly.efi")));
        let mac = "52:54:00:00:00:01".parse().unwrap();
        let card = |menu| Some(Address::Card(MacFile { mac, menu }));
        assert_eq!(Address::parse("pxelinux.cfg/52-54-00-00-00-01"), card(Menu::Ipxe));
        assert_eq!(Address::parse("pxelinux.cfg/01-52-54-00-00-00-01"), card(Menu::Pxelinux));
        for other in ["", "a/b", "short/boot.iso", &format!("{token}/")] {
            assert!(
                !matches!(Address::parse(other), Some(Address::Artifact { .. } | Address::Card(_))),
                "{other}"
            );
        }
    }
}
