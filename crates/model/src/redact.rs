//! Which dictionary keys hold secrets, and how they are masked.
//!
//! Source: the key list of oslo.utils' sanitizer, which Ironic uses; `contract: rbac` section 3.

use crate::JsonMap;
use serde_json::Value;

/// What stands in place of a secret.
pub const MASK: &str = "******";

/// A key is secret when its lower-case form contains one of these.
const SECRET_KEYS: [&str; 22] = [
    "password",
    "adminpass",
    "admin_pass",
    "auth_token",
    "new_pass",
    "auth_password",
    "secret_uuid",
    "secret",
    "sys_pswd",
    "token",
    "configdrive",
    "chappassword",
    "encrypted_key",
    "private_key",
    "fernetkey",
    "sslkey",
    "passphrase",
    "cephclusterfsid",
    "octaviaheartbeatkey",
    "rabbitcookie",
    "snmp_auth_key",
    "snmp_priv_key",
];

/// Whether the value under `key` must not be shown.
pub fn is_secret_key(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    SECRET_KEYS.iter().any(|secret| key.contains(secret))
}

/// Whether a JSON text can have such keys at all: a cheap look before it is parsed. Keys must be written without escapes.
pub fn may_hold_secrets(text: &str) -> bool {
    let bytes = text.as_bytes();
    let begins = |at: usize| {
        let first = bytes[at].to_ascii_lowercase();
        SECRET_KEYS.iter().any(|secret| {
            secret.as_bytes()[0] == first
                && bytes
                    .get(at..at + secret.len())
                    .is_some_and(|part| part.eq_ignore_ascii_case(secret.as_bytes()))
        })
    };
    (0..bytes.len()).any(begins)
}

/// Masks every secret in `map`, at any depth; `also` names further keys of the first level to mask.
pub fn mask(map: &mut JsonMap, also: &[&str]) {
    for (key, value) in map.iter_mut() {
        if is_secret_key(key) || also.contains(&key.as_str()) {
            *value = Value::String(MASK.to_owned());
        } else {
            mask_value(value);
        }
    }
}

/// Masks every secret in a value of any kind, at any depth.
pub fn mask_value(value: &mut Value) {
    match value {
        Value::Object(map) => mask(map, &[]),
        Value::Array(items) => items.iter_mut().for_each(mask_value),
        _ => {}
    }
}

/// Parts of a path that are longer and mix letters with digits may be one-time tokens.
const LONGEST_PART: usize = 20;

/// Takes out of every URL of a text what may be secret: user, query, fragment, and parts of the path that may be one-time
/// tokens. Paths without a host are left as they are.
pub fn mask_urls(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, url) = rest.split_at(at + 3);
        let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | ')' | ',' | '\\');
        let (url, after) = url.split_at(url.find(ends).unwrap_or(url.len()));
        let url = &url[..url.find(['?', '#']).unwrap_or(url.len())];
        let (host, path) = url.split_at(url.find('/').unwrap_or(url.len()));
        masked.push_str(before);
        masked.push_str(host.rsplit('@').next().unwrap_or(host));
        for part in path.split_inclusive('/') {
            let name = part.trim_end_matches('/');
            let mixed =
                name.bytes().any(|b| b.is_ascii_digit()) && name.bytes().any(|b| b.is_ascii_alphabetic());
            if name.len() > LONGEST_PART && mixed {
                masked.push_str(MASK);
                masked.push_str(&part[name.len()..]);
            } else {
                masked.push_str(part);
            }
        }
        rest = after;
    }
    masked.push_str(rest);
    masked
}

#[cfg(test)]
mod tests {
    use super::{SECRET_KEYS, mask, mask_urls, may_hold_secrets};
    use serde_json::json;

    #[test]
    fn texts_with_secret_keys_are_noticed() {
        for key in SECRET_KEYS {
            let text = json!({"a": [{format!("x_{}", key.to_uppercase()): 1}]}).to_string();
            assert!(may_hold_secrets(&text), "{text}");
        }
        assert!(!may_hold_secrets(r#"{"redfish_address":"https://bmc","pass":"wor"}"#));
        assert!(!may_hold_secrets("{}"));
    }

    #[test]
    fn urls_lose_what_may_be_secret() {
        let text = r#"see "https://me:pw@h:8/v1/boot/0123456789abcdef0123456789abcdef/kernel?sig=1", and /redfish/v1/x?y"#;
        assert_eq!(mask_urls(text), r#"see "https://h:8/v1/boot/******/kernel", and /redfish/v1/x?y"#);
    }

    #[test]
    fn secrets_are_masked_at_any_depth() {
        let mut value = json!({"redfish_password": "x", "redfish_address": "a", "image_url": "u",
            "deep": [{"agent_secret_token": 1}]});
        mask(value.as_object_mut().unwrap(), &["image_url"]);
        assert_eq!(
            value,
            json!({"redfish_password": "******", "redfish_address": "a", "image_url": "******",
                "deep": [{"agent_secret_token": "******"}]})
        );
    }
}
