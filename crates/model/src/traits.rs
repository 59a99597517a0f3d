//! Traits: words about what a node can do, and what may be such a word.
//!
//! Source: the traits of OpenStack's placement service (os-traits).

use crate::schema::{JsonType, Pattern, Schema};

/// Namespaces of standard traits; which names are in them changes with every release of their list.
const NAMESPACES: [&str; 5] = ["COMPUTE_", "HW_", "MISC_", "OWNER_", "STORAGE_"];

/// A trait.
pub const TRAIT: Schema = Schema {
    min_length: 1,
    max_length: Some(255),
    any_of: &[
        Schema {
            pattern: Some(Pattern { text: "^CUSTOM_[A-Z0-9_]+$", matches: |text| is_in(text, &["CUSTOM_"]) }),
            ..Schema::ANY
        },
        Schema {
            pattern: Some(Pattern {
                text: "^(COMPUTE|HW|MISC|OWNER|STORAGE)_[A-Z0-9_]+$",
                matches: |text| is_in(text, &NAMESPACES),
            }),
            ..Schema::ANY
        },
    ],
    ..Schema::of(&[JsonType::String])
};

/// A document that sets all traits of something.
pub const TRAITS: Schema = Schema {
    properties: &[("traits", Schema { items: Some(&TRAIT), ..Schema::of(&[JsonType::Array]) })],
    closed: true,
    ..Schema::of(&[JsonType::Object])
};

fn is_in(text: &str, namespaces: &[&str]) -> bool {
    namespaces.iter().filter_map(|space| text.strip_prefix(space)).any(|rest| {
        !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    })
}

#[cfg(test)]
mod tests {
    use super::TRAIT;
    use crate::schema::refusal;

    #[test]
    fn traits_are_custom_or_in_a_standard_namespace() {
        for good in ["CUSTOM_GOLD", "HW_CPU_X86_VMX", "COMPUTE_NODE"] {
            assert_eq!(refusal(&good.into(), &TRAIT), None);
        }
        assert_eq!(
            refusal(&"nope".into(), &TRAIT).unwrap(),
            "'nope' is not valid under any of the given schemas. Possible root cause: 'nope' does not match \
             '^CUSTOM_[A-Z0-9_]+$'"
        );
        assert!(refusal(&"CUSTOM_".into(), &TRAIT).is_some());
    }
}
