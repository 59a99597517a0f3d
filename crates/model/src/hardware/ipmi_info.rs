//! What `driver_info` says of a BMC that speaks IPMI, as data that API pods share with conductors.

use crate::JsonMap;
use crate::schema::read_bool;
use serde_json::Value;

/// What a value must look like.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// A host name or an IP address.
    Host,
    /// A port, 1 to 65535.
    Port,
    /// Any text.
    Text,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A boolean.
    Flag,
    /// A number that fits into a byte, decimal or as `0x…`.
    Byte,
    /// An even number of hexadecimal digits.
    Hex,
}

/// A key, what its value must look like, and what it means.
type Row = (&'static str, Form, &'static str);

/// Privilege levels as `ipmitool` names them.
const PRIVILEGES: [&str; 4] = ["ADMINISTRATOR", "OPERATOR", "USER", "CALLBACK"];

/// Every key.
///
/// Source: `contract: hardware-interfaces` section 6; ipmitool(1).
const KEYS: [Row; 17] = [
    ("ipmi_address", Form::Host, "IP address or host name of the BMC. Required."),
    ("ipmi_port", Form::Port, "UDP port of the BMC; 623 without it. Optional."),
    ("ipmi_username", Form::Text, "User name at the BMC; the NULL user without it. Optional."),
    ("ipmi_password", Form::Text, "Password of that user. Optional."),
    ("ipmi_hex_kg_key", Form::Hex, "Kg key of the BMC in hexadecimal digits. Optional."),
    (
        "ipmi_priv_level",
        Form::OneOf(&PRIVILEGES),
        "Privilege level of the session: ADMINISTRATOR (the default), OPERATOR, USER or CALLBACK. Optional.",
    ),
    (
        "ipmi_protocol_version",
        Form::OneOf(&["2.0", "1.5"]),
        "Version of the IPMI protocol: 2.0 (the default) or 1.5, which encrypts nothing. Optional.",
    ),
    (
        "ipmi_cipher_suite",
        Form::Byte,
        "Number of the cipher suite; 17 is the best of today, 3 what old BMCs have. Only with protocol 2.0. Optional.",
    ),
    (
        "ipmi_bridging",
        Form::OneOf(&["no", "single", "dual"]),
        "How requests are bridged to a controller behind the BMC: no (the default), single or dual. Optional.",
    ),
    ("ipmi_local_address", Form::Byte, "Own IPMB address of bridged requests. Optional."),
    ("ipmi_transit_channel", Form::Byte, "Transit channel. Required with ipmi_bridging dual."),
    ("ipmi_transit_address", Form::Byte, "Transit address. Required with ipmi_bridging dual."),
    ("ipmi_target_channel", Form::Byte, "Destination channel. Required with ipmi_bridging single and dual."),
    ("ipmi_target_address", Form::Byte, "Destination address. Required with ipmi_bridging single and dual."),
    (
        "ipmi_force_boot_device",
        Form::Flag,
        "Whether a persistent boot device is set again before each power on, for BMCs that forget it. Optional.",
    ),
    (
        "ipmi_disable_boot_timeout",
        Form::Flag,
        "Whether the BMC is told to keep a boot device that is not used within a minute; the configuration decides \
         without it. Optional.",
    ),
    ("ipmi_terminal_port", Form::Port, "Port of the node's serial console. Optional."),
];

/// Keys that bridging needs.
const BRIDGING: [(&str, &[&str]); 2] = [
    ("single", &["ipmi_target_channel", "ipmi_target_address"]),
    ("dual", &["ipmi_transit_channel", "ipmi_transit_address", "ipmi_target_channel", "ipmi_target_address"]),
];

/// What each key means.
pub fn ipmi_properties() -> impl Iterator<Item = (&'static str, &'static str)> {
    KEYS.into_iter().map(|(key, _, meaning)| (key, meaning))
}

/// A value as text: people write numbers with and without quotes.
pub fn ipmi_text(info: &JsonMap, key: &str) -> Option<String> {
    let text = match info.get(key)? {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Some(text).filter(|text| !text.is_empty())
}

/// Whether `driver_info` suffices to reach the BMC.
///
/// **Errors**: the first thing that is missing or wrong, without its value where that may be a secret.
pub fn check_ipmi_info(info: &JsonMap) -> Result<(), String> {
    if ipmi_text(info, "ipmi_address").is_none() {
        return Err("['ipmi_address'] missing".to_owned());
    }
    for (key, form, _) in KEYS {
        if let Some(text) = ipmi_text(info, key)
            && let Err(wanted) = form.check(&text)
        {
            return Err(format!("{key} must be {wanted}"));
        }
    }
    let text = |key| ipmi_text(info, key);
    if text("ipmi_protocol_version").as_deref() == Some("1.5") && text("ipmi_cipher_suite").is_some() {
        return Err("ipmi_cipher_suite cannot be used with ipmi_protocol_version 1.5".to_owned());
    }
    let bridging = text("ipmi_bridging");
    let needed = BRIDGING.iter().find(|row| bridging.as_deref() == Some(row.0)).map_or(&[][..], |row| row.1);
    match needed.iter().find(|key| text(key).is_none()) {
        Some(key) => Err(format!("ipmi_bridging {} needs {key}", bridging.unwrap_or_default())),
        None => Ok(()),
    }
}

impl Form {
    /// **Errors**: what was wanted.
    fn check(self, text: &str) -> Result<(), String> {
        let (fits, wanted) = match self {
            Self::Text => (true, ""),
            Self::Host => (is_host(text), "an IP address or a host name"),
            Self::Port => (text.parse::<u16>().is_ok_and(|port| port > 0), "a port, 1 to 65535"),
            Self::Flag => (read_bool(&text.into()).is_ok(), "a boolean"),
            Self::Byte => (is_byte(text), "a number that fits into a byte"),
            Self::Hex => (is_hex(text), "an even number of hexadecimal digits"),
            Self::OneOf(words) if words.contains(&text) => (true, ""),
            Self::OneOf(words) => return Err(format!("one of {}", words.join(", "))),
        };
        if fits { Ok(()) } else { Err(wanted.to_owned()) }
    }
}

/// Nothing that a program could take for an option or a command.
fn is_host(text: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '%');
    !text.starts_with(['-', '.']) && text.len() <= 253 && text.chars().all(known)
}

fn is_byte(text: &str) -> bool {
    match text.strip_prefix("0x") {
        Some(digits) => u8::from_str_radix(digits, 16).is_ok(),
        None => text.parse::<u8>().is_ok(),
    }
}

fn is_hex(text: &str) -> bool {
    text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(info: Value) -> Result<(), String> {
        check_ipmi_info(info.as_object().unwrap())
    }

    #[test]
    fn what_people_write_is_understood() {
        for info in [
            json!({"ipmi_address": "10.0.0.1"}),
            json!({"ipmi_address": "fe80::1%eth0", "ipmi_port": 624, "ipmi_cipher_suite": "17"}),
            json!({"ipmi_address": "bmc-1.example", "ipmi_port": "624", "ipmi_protocol_version": 1.5}),
            json!({"ipmi_address": "b", "ipmi_bridging": "single", "ipmi_target_channel": "7", "ipmi_target_address": "0x72"}),
            json!({"ipmi_address": "b", "ipmi_username": "", "ipmi_password": null, "ipmi_force_boot_device": "yes"}),
        ] {
            assert_eq!(check(info.clone()), Ok(()), "{info}");
        }
    }

    #[test]
    fn mistakes_are_named_and_values_are_not_repeated() {
        for (info, said) in [
            (json!({}), "['ipmi_address'] missing"),
            (json!({"ipmi_address": "-I open"}), "ipmi_address must be"),
            (json!({"ipmi_address": "b", "ipmi_port": 0}), "ipmi_port must be"),
            (json!({"ipmi_address": "b", "ipmi_port": "7000000"}), "ipmi_port must be"),
            (json!({"ipmi_address": "b", "ipmi_priv_level": "ROOT"}), "ipmi_priv_level must be one of"),
            (json!({"ipmi_address": "b", "ipmi_hex_kg_key": "abc"}), "ipmi_hex_kg_key must be"),
            (
                json!({"ipmi_address": "b", "ipmi_protocol_version": "1.5", "ipmi_cipher_suite": 3}),
                "ipmi_cipher_suite cannot",
            ),
            (json!({"ipmi_address": "b", "ipmi_bridging": "dual"}), "ipmi_bridging dual needs ipmi_transit"),
            (json!({"ipmi_address": "b", "ipmi_bridging": "triple"}), "ipmi_bridging must be one of"),
        ] {
            let refusal = check(info).expect_err(said);
            assert!(refusal.starts_with(said), "{refusal}");
            assert!(!refusal.contains("abc"));
        }
    }
}
