//! How things with a UUID and a name are named from outside.

use uuid::Uuid;

/// A UUID or a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ident {
    /// By UUID.
    Uuid(Uuid),
    /// By name.
    Name(String),
}

impl Ident {
    /// Reads what a caller wrote: a UUID, or else a name.
    pub fn read(text: &str) -> Self {
        Uuid::try_parse(text).map_or_else(|_| Self::Name(text.to_owned()), Self::Uuid)
    }
}

impl From<Uuid> for Ident {
    fn from(uuid: Uuid) -> Self {
        Self::Uuid(uuid)
    }
}
