//! Families of installers.

/// A family of installers: what its answer file is called and how it is told where that lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// Anaconda, of Fedora, RHEL and their relatives.
    Kickstart,
    /// The Debian installer.
    Preseed,
}

/// Flavour, its word in `instance_info.installer`, name of its answer file.
const ROWS: [(Flavour, &str, &str); 2] =
    [(Flavour::Kickstart, "kickstart", "ks.cfg"), (Flavour::Preseed, "preseed", "preseed.cfg")];

impl Flavour {
    /// The flavour of this word.
    pub fn find(word: &str) -> Option<Self> {
        ROWS.into_iter().find(|row| row.1 == word).map(|row| row.0)
    }

    /// The words, for refusals.
    pub fn words() -> String {
        ROWS.map(|row| row.1).join(", ")
    }

    /// Its word.
    pub fn as_str(self) -> &'static str {
        ROWS[self as usize].1
    }

    /// Name of the answer file below the boot URL of the installation.
    pub fn answer_file(self) -> &'static str {
        ROWS[self as usize].2
    }

    /// The template of nodes that name none.
    pub(crate) fn default_template(self) -> &'static str {
        match self {
            Self::Kickstart => include_str!("template/default.ks"),
            Self::Preseed => include_str!("template/default.preseed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_the_order_of_the_enum() {
        for (flavour, word, file) in ROWS {
            assert_eq!((flavour.as_str(), flavour.answer_file()), (word, file));
            assert_eq!(Flavour::find(word), Some(flavour));
        }
        assert_eq!(Flavour::find("autoinstall"), None);
    }
}
