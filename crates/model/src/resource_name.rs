//! What may be a name of a node.
//!
//! Source: RFC 3986 section 2.3 (unreserved characters); Ironic reserves the names of its sub-resources.

use crate::schema::{JsonType, Pattern, Schema};
use uuid::Uuid;

/// Names that would be ambiguous in a URL.
pub const RESERVED: [&str; 6] =
    ["maintenance", "management", "states", "vendor_passthru", "detail", "validate"];

/// A name or a UUID.
pub const IDENT: Schema = Schema {
    min_length: 1,
    max_length: Some(255),
    pattern: Some(Pattern {
        text: r"(?i)^[A-Z0-9-._~]+$",
        matches: |text| !text.is_empty() && text.bytes().all(is_unreserved),
    }),
    ..Schema::of(&[JsonType::String])
};

/// Whether `name` consists of 1 to 255 unreserved characters and cannot be taken for a UUID.
pub fn is_logical_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 255 && name.bytes().all(is_unreserved) && Uuid::try_parse(name).is_err()
}

fn is_unreserved(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"-._~".contains(&b)
}

/// Whether a node may carry `name`.
pub fn is_node_name(name: &str) -> bool {
    is_logical_name(name) && !RESERVED.contains(&name)
}

/// Whether `name` could be a host's: all that a node's name could be in the first microversions that had names.
///
/// Source: RFC 1123 section 2.1, with underscores inside later labels.
pub fn is_hostname_safe(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let label = |(index, label): (usize, &str)| {
        let bytes = label.as_bytes();
        let inner = |b: &u8| plain(*b) || *b == b'-' || (index > 0 && *b == b'_');
        let starts_well = index > 0 || bytes.first().is_some_and(|b| plain(*b));
        bytes.len() <= 63 && starts_well && bytes.last().is_some_and(|b| plain(*b)) && bytes.iter().all(inner)
    };
    let name = name.strip_suffix('.').unwrap_or(name);
    !name.is_empty() && name.len() <= 255 && name.split('.').enumerate().all(label)
}

#[cfg(test)]
mod tests {
    use super::{is_hostname_safe, is_node_name};

    #[test]
    fn names_are_unreserved_characters_and_never_uuids_or_sub_resources() {
        for good in ["node-1", "ns~name", "a.b_c", "1"] {
            assert!(is_node_name(good), "{good}");
        }
        let long = "x".repeat(256);
        for bad in ["", "a b", "ä", "a/b", "states", "1be26c0b-03f2-4d2e-ae87-c02d7f33c123", &long] {
            assert!(!is_node_name(bad), "{bad}");
        }
    }
    #[test]
    fn the_first_names_were_host_names() {
        for good in ["node-1", "a.b-c", "1", "a.b_c", "a."] {
            assert!(is_hostname_safe(good), "{good}");
        }
        for bad in ["", ".", "-a", "a-", "A", "a~b", "a_b", "a..b"] {
            assert!(!is_hostname_safe(bad), "{bad}");
        }
    }
}
