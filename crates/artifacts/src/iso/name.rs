//! The upper-case identifiers that stand beside the Rock Ridge names.

use std::collections::HashSet;

/// Longest directory identifier (ECMA-119 7.6.3).
const DIRECTORY_CHARS: usize = 31;
/// Longest sum of name and extension of a file (ECMA-119 7.5.1).
const FILE_CHARS: usize = 30;
const EXTENSION_CHARS: usize = 8;

/// An identifier split as ECMA-119 9.3 sorts it: by name, then by extension.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct IsoName {
    base: String,
    extension: Option<String>,
}

impl IsoName {
    /// The identifier of a directory called `name`, unlike all in `taken`, to which it is added.
    pub(crate) fn directory(name: &str, taken: &mut HashSet<IsoName>) -> Self {
        Self::unique(d_characters(name), None, DIRECTORY_CHARS, taken)
    }

    /// The identifier of a file called `name`, unlike all in `taken`, to which it is added.
    pub(crate) fn file(name: &str, taken: &mut HashSet<IsoName>) -> Self {
        let (base, extension) = match name.rsplit_once('.') {
            Some((base, extension)) if !base.is_empty() && extension.len() <= EXTENSION_CHARS => {
                (base, extension)
            }
            _ => (name, ""),
        };
        let extension = d_characters(extension);
        let chars = FILE_CHARS - extension.len();
        Self::unique(d_characters(base), Some(extension), chars, taken)
    }

    /// The identifier as it is recorded; files carry version 1.
    pub(crate) fn identifier(&self) -> String {
        match &self.extension {
            Some(extension) => format!("{}.{extension};1", self.base),
            None => self.base.clone(),
        }
    }

    fn unique(full: String, extension: Option<String>, chars: usize, taken: &mut HashSet<IsoName>) -> Self {
        let mut name = IsoName { base: full.chars().take(chars).collect(), extension };
        let mut number = 0u32;
        while !taken.insert(name.clone()) {
            number += 1;
            let tail = format!("_{number}");
            name.base = full.chars().take(chars - tail.len()).collect::<String>() + &tail;
        }
        name
    }
}

fn d_characters(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    name.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_legal_and_unique() {
        let mut taken = HashSet::new();
        let mut file = |name: &str| IsoName::file(name, &mut taken).identifier();
        assert_eq!(file("vmlinuz"), "VMLINUZ.;1");
        assert_eq!(file("grub.cfg"), "GRUB.CFG;1");
        assert_eq!(file("GRUB.cfg"), "GRUB_1.CFG;1");
        assert_eq!(file("network_data.json"), "NETWORK_DATA.JSON;1");
        assert_eq!(file(".hidden"), "_HIDDEN.;1");
        assert_eq!(file("a.b-c.tar"), "A_B_C.TAR;1");
        let long = "x".repeat(100);
        assert_eq!(file(&long), format!("{}.;1", "X".repeat(30)));
        assert_eq!(file(&long), format!("{}_1.;1", "X".repeat(28)));
        assert_eq!(file("ö€.ü"), "__._;1");
        let mut taken = HashSet::new();
        assert_eq!(IsoName::directory("2012-08-10", &mut taken).identifier(), "2012_08_10");
        assert_eq!(IsoName::directory("2012_08_10", &mut taken).identifier(), "2012_08_10_1");
    }
}
