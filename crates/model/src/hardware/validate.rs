//! What each interface needs of the documents that operators write, as data that API pods check without a conductor.

use super::{InterfaceKind, NO_OP_PREFIX, check_ipmi_info};
use crate::JsonMap;
use crate::boot::{BootMode, wanted_boot_mode};
use crate::node::Node;
use crate::port::Port;
use serde_json::Value;

/// One need of an interface.
#[derive(Debug, Clone, Copy)]
enum Need {
    /// A BMC that can be reached over Redfish.
    RedfishAddress,
    /// A BMC that can be reached over IPMI.
    IpmiAddress,
    /// An image to deploy.
    Image,
    /// Something to boot at every start.
    BootImage,
    /// A container to install.
    Container,
    /// An installer and what it installs.
    Installer,
    /// At least one port.
    Port,
    /// A boot mode that nothing contradicts.
    BootMode,
}

/// Needs by kind and implementation; implementations without a row need nothing.
///
/// Source: `contract: hardware-interfaces` sections 2 and 4.
const NEEDS: [(InterfaceKind, &str, &[Need]); 18] = [
    (InterfaceKind::Management, "ipmitool", &[Need::IpmiAddress]),
    (InterfaceKind::Power, "ipmitool", &[Need::IpmiAddress]),
    (InterfaceKind::Firmware, "redfish", &[Need::RedfishAddress]),
    (InterfaceKind::Boot, "ipxe", &[Need::Port, Need::BootMode]),
    (InterfaceKind::Boot, "pxe", &[Need::Port, Need::BootMode]),
    (InterfaceKind::Boot, "http", &[Need::Port, Need::BootMode]),
    (InterfaceKind::Boot, "http-ipxe", &[Need::Port, Need::BootMode]),
    (InterfaceKind::Boot, "redfish-https", &[Need::RedfishAddress, Need::BootMode]),
    (InterfaceKind::Boot, "redfish-virtual-media", &[Need::RedfishAddress, Need::BootMode]),
    (InterfaceKind::Deploy, "autodetect", &[Need::Image]),
    (InterfaceKind::Deploy, "bootc", &[Need::Container]),
    (InterfaceKind::Deploy, "direct", &[Need::Image]),
    (InterfaceKind::Deploy, "anaconda", &[Need::Installer]),
    (InterfaceKind::Deploy, "ramdisk", &[Need::BootImage]),
    (InterfaceKind::Inspect, "redfish", &[Need::RedfishAddress]),
    (InterfaceKind::Management, "redfish", &[Need::RedfishAddress]),
    (InterfaceKind::Power, "redfish", &[Need::RedfishAddress]),
    (InterfaceKind::Bios, "redfish", &[Need::RedfishAddress]),
];

/// Kinds that cannot work when the node cannot boot.
const BOOT_NEEDED_BY: [InterfaceKind; 1] = [InterfaceKind::Deploy];

/// Whether the interface of this kind has what it needs.
///
/// **Errors**: what is missing, for the operator.
pub fn validate_interface(node: &Node, ports: &[Port], kind: InterfaceKind) -> Result<(), String> {
    let Some(name) = node.spec.interfaces.get(&kind) else { return Ok(()) };
    if name.starts_with(NO_OP_PREFIX) {
        return Err(format!("Driver {} does not support {kind} (disabled or not implemented).", node.driver));
    }
    let needs = NEEDS.iter().find(|row| row.0 == kind && row.1 == name).map_or(&[][..], |row| row.2);
    if BOOT_NEEDED_BY.contains(&kind) && !needs.is_empty() {
        validate_interface(node, ports, InterfaceKind::Boot)?;
    }
    needs.iter().try_for_each(|need| need.check(node, ports))
}

impl Need {
    fn check(self, node: &Node, ports: &[Port]) -> Result<(), String> {
        match self {
            Self::Port if ports.is_empty() => {
                Err(format!("Node {} does not have any port associated with it", node.uuid))
            }
            Self::Port => Ok(()),
            Self::BootMode => wanted_boot_mode(node, BootMode::Uefi)
                .map(drop)
                .map_err(|error| format!("Node {} cannot boot: {error}.", node.uuid)),
            Self::RedfishAddress => redfish_address(node),
            Self::IpmiAddress => check_ipmi_info(&node.spec.driver_info)
                .map_err(|what| format!("Node {} driver_info does not suffice for IPMI: {what}.", node.uuid)),
            // What `autodetect` would boot from memory is no image to write.
            Self::Image
                if boot_image(node).is_ok()
                    && has_word(&node.spec.instance_info, "ironic_ramdisk_deploy") =>
            {
                Ok(())
            }
            Self::Image => image(node),
            Self::BootImage => boot_image(node),
            Self::Container => container(node),
            Self::Installer => installer(node),
        }
    }
}

fn redfish_address(node: &Node) -> Result<(), String> {
    let info = &node.spec.driver_info;
    let missing = missing(info, &["redfish_address"]);
    if !missing.is_empty() {
        return Err(format!(
            "Missing the following Redfish properties in node {} driver_info: {missing}",
            node.uuid
        ));
    }
    let address = info.get("redfish_address").and_then(Value::as_str).unwrap_or_default();
    let host =
        address.split_once("://").map_or(address, |(_, rest)| rest).split('/').next().unwrap_or_default();
    let scheme_fits =
        !address.contains("://") || address.starts_with("http://") || address.starts_with("https://");
    if host.is_empty() || host.contains(char::is_whitespace) || !scheme_fits {
        return Err(format!(
            "Invalid Redfish address {address} set in driver_info/redfish_address on node {}",
            node.uuid
        ));
    }
    match info.get("redfish_auth_type").and_then(Value::as_str) {
        None | Some("basic" | "session" | "auto") => Ok(()),
        Some(other) => Err(format!(
            "Invalid value \"{other}\" set in driver_info/redfish_auth_type on node {}. The value should be one of \
             \"basic\", \"session\" or \"auto\".",
            node.uuid
        )),
    }
}

fn image(node: &Node) -> Result<(), String> {
    let info = &node.spec.instance_info;
    let Some(source) = info.get("image_source").and_then(Value::as_str).filter(|text| !text.is_empty())
    else {
        return Err(format!(
            "Cannot validate image information for node {} because one or more parameters are missing from its \
             instance_info. Missing are: ['image_source']",
            node.uuid
        ));
    };
    let partition = match info.get("image_type").and_then(Value::as_str) {
        Some(kind) => kind == "partition",
        None => (has(info, "kernel") || has(info, "ramdisk")) && !source.starts_with("oci://"),
    };
    if partition && info.get("root_gb").is_none_or(Value::is_null) {
        return Err(format!(
            "Cannot validate image information for node {} because one or more parameters are missing from its \
             instance_info. Missing are: ['root_gb']",
            node.uuid
        ));
    }
    let remote = source.starts_with("http://") || source.starts_with("https://");
    let checksum = has(info, "image_checksum") || has(info, "image_os_hash_value");
    if remote && !checksum {
        return Err(format!(
            "Cannot validate image information for node {}: image_source is a URL, so image_checksum or \
             image_os_hash_algo and image_os_hash_value must be in instance_info",
            node.uuid
        ));
    }
    Ok(())
}

fn boot_image(node: &Node) -> Result<(), String> {
    let info = &node.spec.instance_info;
    if has(info, "boot_iso") || (has(info, "kernel") && has(info, "ramdisk")) {
        return Ok(());
    }
    Err(format!(
        "Cannot validate image information for node {} because one or more parameters are missing from its \
         instance_info. Missing are: ['boot_iso'], or ['kernel', 'ramdisk']",
        node.uuid
    ))
}

/// What every installer needs; what one of them needs beside, the conductor knows.
fn installer(node: &Node) -> Result<(), String> {
    let missing = missing(&node.spec.instance_info, &["kernel", "ramdisk"]);
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!(
        "Cannot validate image information for node {} because one or more parameters are missing from its \
         instance_info. Missing are: {missing}",
        node.uuid
    ))
}

fn container(node: &Node) -> Result<(), String> {
    let source = node.spec.instance_info.get("image_source").and_then(Value::as_str);
    if source.is_some_and(|source| source.starts_with("oci://")) {
        return Ok(());
    }
    Err(format!(
        "Node {} needs the oci:// URL of a container as image_source in its instance_info",
        node.uuid
    ))
}

/// Whether a value is true, as such or as text.
fn has_word(document: &JsonMap, key: &str) -> bool {
    match document.get(key) {
        Some(Value::Bool(value)) => *value,
        Some(Value::String(text)) => {
            matches!(text.to_ascii_lowercase().as_str(), "true" | "1" | "yes" | "on")
        }
        _ => false,
    }
}

fn has(document: &JsonMap, key: &str) -> bool {
    document.get(key).and_then(Value::as_str).is_some_and(|text| !text.is_empty())
}

/// The missing keys as a quoted list; empty when all are there.
fn missing(document: &JsonMap, keys: &[&str]) -> String {
    let missing: Vec<String> =
        keys.iter().filter(|key| !has(document, key)).map(|key| format!("'{key}'")).collect();
    if missing.is_empty() { String::new() } else { format!("[{}]", missing.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::ProvisionState;
    use serde_json::json;

    fn node(interfaces: &[(InterfaceKind, &str)], driver_info: Value, instance_info: Value) -> Node {
        let epoch = time::OffsetDateTime::UNIX_EPOCH;
        let mut node = Node::new(uuid::Uuid::nil(), "redfish", ProvisionState::Enroll, epoch);
        node.spec.interfaces = interfaces.iter().map(|(kind, name)| (*kind, (*name).to_owned())).collect();
        node.spec.driver_info = driver_info.as_object().cloned().unwrap_or_default();
        node.spec.instance_info = instance_info.as_object().cloned().unwrap_or_default();
        node
    }

    #[test]
    fn missing_information_is_named() {
        use InterfaceKind::{Boot, Console, Deploy, Power, Raid};
        let full = [
            (Boot, "redfish-virtual-media"),
            (Console, "no-console"),
            (Deploy, "direct"),
            (Power, "redfish"),
        ];
        let empty = node(&full, json!({}), json!({}));
        let said = |kind| validate_interface(&empty, &[], kind).unwrap_err();
        assert!(said(Power).ends_with("driver_info: ['redfish_address']"));
        assert_eq!(said(Console), "Driver redfish does not support console (disabled or not implemented).");
        assert_eq!(said(Deploy), said(Boot));
        assert_eq!(validate_interface(&empty, &[], Raid), Ok(()));

        let info = json!({"redfish_address": "https://bmc"});
        let ready = node(&full, info.clone(), json!({"image_source": "http://i", "image_checksum": "c"}));
        for kind in [Boot, Deploy, Power] {
            assert_eq!(validate_interface(&ready, &[], kind), Ok(()));
        }
        let unchecked = node(&full, info, json!({"image_source": "http://i"}));
        assert!(validate_interface(&unchecked, &[], Deploy).unwrap_err().contains("image_checksum"));
    }

    #[test]
    fn each_deploy_interface_names_the_image_that_it_needs() {
        let said = |deploy: &str, info: Value| {
            let interfaces = [(InterfaceKind::Boot, "fake"), (InterfaceKind::Deploy, deploy)];
            validate_interface(&node(&interfaces, json!({}), info), &[], InterfaceKind::Deploy)
        };
        let image = || json!({"image_source": "http://i", "image_checksum": "c"});
        let with = |more: Value| {
            let mut info = image();
            info.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            info
        };
        for (deploy, info, word) in [
            ("ramdisk", image(), "boot_iso"),
            ("bootc", image(), "oci://"),
            ("autodetect", json!({"boot_iso": "http://i"}), "image_source"),
            ("direct", with(json!({"image_type": "partition"})), "root_gb"),
            ("direct", with(json!({"kernel": "http://k", "ramdisk": "http://r"})), "root_gb"),
        ] {
            let said = said(deploy, info.clone()).unwrap_err();
            assert!(said.contains(word), "{deploy} {info}: {said}");
        }
        for (deploy, info) in [
            ("ramdisk", json!({"boot_iso": "http://i"})),
            ("bootc", json!({"image_source": "oci://r/i"})),
            ("custom-agent", json!({})),
            ("autodetect", image()),
            ("autodetect", json!({"kernel": "k", "ramdisk": "r", "ironic_ramdisk_deploy": "true"})),
            ("direct", with(json!({"image_type": "partition", "root_gb": 4}))),
            ("direct", json!({"image_source": "file:///var/lib/ferric/i"})),
        ] {
            assert_eq!(said(deploy, info.clone()), Ok(()), "{deploy} {info}");
        }
    }

    #[test]
    fn a_node_that_needs_the_network_says_so_before_it_is_deployed() {
        use InterfaceKind::{Boot, Deploy};
        let secure = json!({"image_source": "file:///i", "capabilities": {"secure_boot": "true"}});
        let mut node = node(&[(Boot, "ipxe"), (Deploy, "direct")], json!({}), secure);
        let port = [Port::new(uuid::Uuid::nil(), node.uuid, "52:54:00:00:00:01")];
        let said = |node: &Node, ports: &[Port]| validate_interface(node, ports, Deploy);
        let missing = format!("Node {} does not have any port associated with it", node.uuid);
        assert_eq!(said(&node, &[]), Err(missing));
        assert_eq!(said(&node, &port), Ok(()));
        node.spec.properties =
            json!({"capabilities": "boot_mode:bios"}).as_object().cloned().unwrap_or_default();
        assert!(said(&node, &port).unwrap_err().contains("conflicts with 'bios'"));
    }

    #[test]
    fn addresses_that_are_none_are_refused() {
        for bad in ["", "ftp://x", "http://", "http:// x"] {
            let node = node(&[(InterfaceKind::Power, "redfish")], json!({"redfish_address": bad}), json!({}));
            assert!(validate_interface(&node, &[], InterfaceKind::Power).is_err(), "{bad}");
        }
    }
}
