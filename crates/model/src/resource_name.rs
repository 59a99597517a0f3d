//! What may be a name of a node.
//!
//! Source: RFC 3986 section 2.3 (unreserved characters); Ironic reserves the names of its sub-resources.

use uuid::Uuid;

/// Names that would be ambiguous in a URL.
pub const RESERVED: [&str; 6] =
    ["maintenance", "management", "states", "vendor_passthru", "detail", "validate"];

/// Whether `name` consists of 1 to 255 unreserved characters and cannot be taken for a UUID.
pub fn is_logical_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 255
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
        && Uuid::try_parse(name).is_err()
}

/// Whether a node may carry `name`.
pub fn is_node_name(name: &str) -> bool {
    is_logical_name(name) && !RESERVED.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::is_node_name;

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
}
