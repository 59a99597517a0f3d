//! Reads `driver_info`: how to reach one node's BMC.

use ferric_hardware::HardwareError;
use ferric_model::JsonMap;
use ferric_model::hardware::{check_ipmi_info, ipmi_text};
use ferric_model::node::Node;
use ferric_model::schema::read_bool;
use ferric_model::secret::Secret;

/// Options of `ipmitool` for bridged requests, in the order it wants them, and from which kind of bridging on they count.
const BRIDGE: [(&str, &str, bool); 5] = [
    ("ipmi_local_address", "-m", false),
    ("ipmi_transit_channel", "-B", true),
    ("ipmi_transit_address", "-T", true),
    ("ipmi_target_channel", "-b", false),
    ("ipmi_target_address", "-t", false),
];

/// How to reach one node's BMC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Address and port, by which commands for the same BMC are kept apart.
    pub lane: String,
    /// Arguments that stand before every command; no secrets.
    pub arguments: Vec<String>,
    /// Password of the user; empty for none.
    pub password: Secret<String>,
    /// Kg key.
    pub kg_key: Option<Secret<Vec<u8>>>,
    /// Whether a persistent boot device is set again before each power on.
    pub force_boot_device: bool,
    /// The node's own choice about the minute after which BMCs forget a boot device.
    pub disable_boot_timeout: Option<bool>,
}

impl Access {
    /// Reads what the node says.
    ///
    /// **Errors**: `InvalidParameter` for what is missing or wrong.
    pub fn read(node: &Node, answer_timeout_secs: u32) -> Result<Self, HardwareError> {
        let info = &node.spec.driver_info;
        let wrong = |what: String| {
            HardwareError::invalid(
                format!("the node's driver_info does not suffice: {what}"),
                "correct the node's driver_info; GET /v1/drivers/ipmi/properties says what each key means",
            )
        };
        check_ipmi_info(info).map_err(wrong)?;
        let text = |key: &str| ipmi_text(info, key);
        let address = text("ipmi_address").unwrap_or_default();
        let port = text("ipmi_port").unwrap_or_else(|| "623".to_owned());
        let old = text("ipmi_protocol_version").as_deref() == Some("1.5");
        let mut arguments = Vec::new();
        let mut add = |option: &str, value: Option<String>| {
            if let Some(value) = value {
                arguments.extend([option.to_owned(), value]);
            }
        };
        add("-I", Some(if old { "lan" } else { "lanplus" }.to_owned()));
        add("-H", Some(address.clone()));
        add("-p", Some(port.clone()));
        add("-L", Some(text("ipmi_priv_level").unwrap_or_else(|| "ADMINISTRATOR".to_owned())));
        add("-U", text("ipmi_username"));
        add("-C", text("ipmi_cipher_suite"));
        let bridging = text("ipmi_bridging").unwrap_or_default();
        for (key, option, dual_only) in BRIDGE {
            if bridging == "dual" || (bridging == "single" && !dual_only) {
                add(option, text(key));
            }
        }
        add("-R", Some("1".to_owned()));
        add("-N", Some(answer_timeout_secs.max(1).to_string()));
        let flag = |key: &str| info.get(key).and_then(|value| read_bool(value).ok());
        Ok(Self {
            lane: format!("{address} {port}"),
            arguments,
            password: Secret::new(text("ipmi_password").unwrap_or_default()),
            kg_key: kg_key(info).map_err(wrong)?,
            force_boot_device: flag("ipmi_force_boot_device").unwrap_or_default(),
            disable_boot_timeout: flag("ipmi_disable_boot_timeout"),
        })
    }
}

/// The Kg key as bytes, without the zeros at its end, which `ipmitool` adds itself.
fn kg_key(info: &JsonMap) -> Result<Option<Secret<Vec<u8>>>, String> {
    let Some(digits) = ipmi_text(info, "ipmi_hex_kg_key") else { return Ok(None) };
    let pairs = digits.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok());
    let mut key: Vec<u8> = pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect();
    while key.last() == Some(&0) {
        key.pop();
    }
    // It travels in the environment, which ends at a zero; the command line, where it need not, is for everybody to read.
    if key.contains(&0) {
        return Err("ipmi_hex_kg_key must not have zero bytes but at its end".to_owned());
    }
    Ok(Some(Secret::new(key)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferric_model::lifecycle::ProvisionState;
    use serde_json::{Value, json};

    fn read(info: Value) -> Result<Access, HardwareError> {
        let now = time::OffsetDateTime::UNIX_EPOCH;
        let mut node = Node::new(uuid::Uuid::nil(), "ipmi", ProvisionState::Enroll, now);
        node.spec.driver_info = info.as_object().cloned().unwrap();
        Access::read(&node, 5)
    }

    #[test]
    fn options_are_those_of_ipmitool_and_hold_no_secret() {
        let access = read(json!({
            "ipmi_address": "10.0.0.1", "ipmi_username": "root", "ipmi_password": "calvin", "ipmi_hex_kg_key": "61620000",
            "ipmi_cipher_suite": 17, "ipmi_bridging": "single", "ipmi_target_channel": 7, "ipmi_target_address": "0x72",
            "ipmi_transit_channel": 1,
        }))
        .unwrap();
        assert_eq!(
            access.arguments.join(" "),
            "-I lanplus -H 10.0.0.1 -p 623 -L ADMINISTRATOR -U root -C 17 -b 7 -t 0x72 -R 1 -N 5"
        );
        assert_eq!(access.kg_key.as_ref().unwrap().expose(), b"ab");
        assert!(!format!("{access:?}").contains("calvin"));

        let old = read(json!({"ipmi_address": "b", "ipmi_port": 1, "ipmi_protocol_version": "1.5"})).unwrap();
        assert_eq!(old.arguments.join(" "), "-I lan -H b -p 1 -L ADMINISTRATOR -R 1 -N 5");
        assert!(read(json!({"ipmi_address": "b", "ipmi_hex_kg_key": "610062"})).is_err());
        assert_eq!(read(json!({})).unwrap_err().code, "invalid-parameter");
    }
}
