//! Shapes of request bodies as data, and the words in which a wrong body is refused.

mod boolean;
mod check;
mod json_schema;
mod literal;

pub use boolean::read_bool;
pub use check::{check, refusal};
pub use literal::literal;

/// A type of JSON values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonType {
    /// `{…}`
    Object,
    /// `[…]`
    Array,
    /// `"…"`
    String,
    /// `true` or `false`
    Boolean,
    /// A number without a fraction.
    Integer,
    /// `null`
    Null,
}

/// A pattern that a text must match.
#[derive(Debug)]
pub struct Pattern {
    /// The regular expression, for the refusal.
    pub text: &'static str,
    /// The test it stands for.
    pub matches: fn(&str) -> bool,
}

/// What a value must look like; whatever is left empty is not checked.
///
/// Source: the keywords of JSON Schema draft 7, with the same names where Rust allows them.
#[derive(Debug)]
pub struct Schema {
    /// Any of these types.
    pub types: &'static [JsonType],
    /// What known members must look like.
    pub properties: &'static [(&'static str, Schema)],
    /// Members that must be there.
    pub required: &'static [&'static str],
    /// Whether members that `properties` does not name are refused.
    pub closed: bool,
    /// What each item must look like.
    pub items: Option<&'static Schema>,
    /// The value must be one of these words.
    pub one_of_words: &'static [&'static str],
    /// The text must match.
    pub pattern: Option<Pattern>,
    /// The text must have at least this many characters.
    pub min_length: usize,
    /// The text must have at most this many characters.
    pub max_length: Option<usize>,
    /// What the text stands for, in the words of JSON Schema. It is only said: other checks go after it.
    pub format: Option<&'static str>,
    /// The number must be at least this.
    pub minimum: Option<i64>,
    /// The list must have at least this many items.
    pub min_items: usize,
    /// At least one of these must fit as well.
    pub any_of: &'static [Schema],
}

impl Schema {
    /// Fits everything: the start of every other schema.
    pub const ANY: Self = Self {
        types: &[],
        properties: &[],
        required: &[],
        closed: false,
        items: None,
        one_of_words: &[],
        pattern: None,
        min_length: 0,
        max_length: None,
        format: None,
        minimum: None,
        min_items: 0,
        any_of: &[],
    };

    /// A value of any of `types`.
    pub const fn of(types: &'static [JsonType]) -> Self {
        Self { types, ..Self::ANY }
    }
}

impl JsonType {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Array => "array",
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Null => "null",
        }
    }
}
