//! What a BMC is asked.

/// A command of `ipmitool`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Command<'a> {
    /// Its words.
    pub words: &'a [&'a str],
    /// Whether it may be sent again when nobody knows whether it was carried out: it reads, or names what it leads to.
    pub harmless: bool,
}

impl<'a> Command<'a> {
    /// A command that may be sent again.
    pub const fn harmless(words: &'a [&'a str]) -> Self {
        Self { words, harmless: true }
    }

    /// A command that is sent again only if the BMC said that it did nothing.
    pub const fn once(words: &'a [&'a str]) -> Self {
        Self { words, harmless: false }
    }
}

impl std::fmt::Display for Command<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.words.join(" "))
    }
}
