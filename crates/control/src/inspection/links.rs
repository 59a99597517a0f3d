//! Hooks for what the cards are cabled to.
//!
//! Source: IEEE 802.1AB clause 8 for LLDP; the ramdisk sends each TLV as `[type, hexadecimal value]`.

use super::hooks::Inspected;
use ferric_model::JsonMap;
use ferric_model::port::normalize_mac;
use ferric_model::report::Failure;
use serde_json::{Value, json};
use std::net::IpAddr;

/// Types of TLVs.
const CHASSIS_ID: u64 = 1;
const PORT_ID: u64 = 2;
const TEXTS: [(u64, &str); 3] =
    [(4, "switch_port_description"), (5, "switch_system_name"), (6, "switch_system_description")];

/// Subtypes that say that an identifier is a MAC address.
const CHASSIS_IS_MAC: u8 = 4;
const PORT_IS_MAC: u8 = 3;

/// `parse-lldp`
pub(super) fn parse_lldp(found: &mut Inspected<'_>) -> Result<(), Box<Failure>> {
    let mut parsed = JsonMap::new();
    for interface in found.list("interfaces") {
        let Some(name) = interface.get("name").and_then(Value::as_str) else { continue };
        let told = neighbour(tlvs(&found.plugin_data, interface, name));
        if !told.is_empty() {
            parsed.insert(name.to_owned(), told.into());
        }
    }
    if !parsed.is_empty() {
        found.plugin_data.insert("parsed_lldp".to_owned(), parsed.into());
    }
    Ok(())
}

/// `local-link-connection`: what operators have set is left as it is.
pub(super) fn local_link_connection(found: &mut Inspected<'_>) -> Result<(), Box<Failure>> {
    let mut links: Vec<(String, JsonMap)> = Vec::new();
    for interface in found.list("interfaces") {
        let text = |key: &str| interface.get(key).and_then(Value::as_str);
        let (Some(name), Some(address)) = (text("name"), text("mac_address").and_then(normalize_mac)) else {
            continue;
        };
        let told = neighbour(tlvs(&found.plugin_data, interface, name));
        let mut link = JsonMap::new();
        let rows = [("switch_chassis_id", "switch_id"), ("switch_port_id", "port_id")];
        for (from, to) in rows {
            if let Some(value) = told.get(from) {
                link.insert(to.to_owned(), value.clone());
            }
        }
        if let Some(switch) = told.get("switch_system_name") {
            link.insert("switch_info".to_owned(), switch.clone());
        }
        links.push((address, link));
    }
    for port in &mut found.ports {
        let known = &mut port.detail.local_link_connection;
        if let Some((_, link)) = links.iter().find(|(address, _)| *address == port.address) {
            for (key, value) in link {
                known.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
    }
    Ok(())
}

/// `physical-network`: by the address that a card has; what operators have set is left as it is.
pub(super) fn physical_network(found: &mut Inspected<'_>) -> Result<(), Box<Failure>> {
    let settings = found.settings;
    for port in found.ports.iter_mut().filter(|port| port.physical_network.is_none()) {
        let Some(card) = found.cards.iter().find(|card| card.address == port.address) else { continue };
        let network = card.ips.iter().filter_map(|ip| ip.parse::<IpAddr>().ok()).find_map(|ip| {
            settings.physical_network_cidr_map.iter().find(|(range, _)| contains(range, ip)).map(|row| row.1)
        });
        port.physical_network = network.cloned();
    }
    Ok(())
}

/// Whether an address lies in a range such as `10.0.0.0/16`.
fn contains(range: &str, ip: IpAddr) -> bool {
    let Some((network, length)) = range.split_once('/') else { return false };
    let Ok(length) = length.trim().parse::<u32>() else { return false };
    match (network.trim().parse(), ip) {
        (Ok(IpAddr::V4(network)), IpAddr::V4(ip)) if length <= 32 => {
            let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
            u32::from(network) & mask == u32::from(ip) & mask
        }
        (Ok(IpAddr::V6(network)), IpAddr::V6(ip)) if length <= 128 => {
            let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
            u128::from(network) & mask == u128::from(ip) & mask
        }
        _ => false,
    }
}

/// The TLVs of a card: beside its other data, or collected apart.
fn tlvs<'a>(plugin_data: &'a JsonMap, interface: &'a Value, name: &str) -> &'a [Value] {
    let apart = || plugin_data.get("lldp_raw").and_then(|all| all.get(name)).and_then(Value::as_array);
    interface.get("lldp").and_then(Value::as_array).or_else(apart).map_or(&[], Vec::as_slice)
}

/// What the switch at the other end says of itself.
fn neighbour(tlvs: &[Value]) -> JsonMap {
    let mut told = JsonMap::new();
    for tlv in tlvs {
        let (Some(kind), Some(value)) =
            (tlv.get(0).and_then(Value::as_u64), tlv.get(1).and_then(Value::as_str))
        else {
            continue;
        };
        let Some(bytes) = bytes(value) else { continue };
        let text = match kind {
            CHASSIS_ID => identifier(&bytes, CHASSIS_IS_MAC).map(|id| ("switch_chassis_id", id)),
            PORT_ID => identifier(&bytes, PORT_IS_MAC).map(|id| ("switch_port_id", id)),
            kind => TEXTS
                .iter()
                .find(|row| row.0 == kind)
                .map(|row| (row.1, String::from_utf8_lossy(&bytes).trim_end_matches('\0').to_owned())),
        };
        if let Some((key, text)) = text {
            told.insert(key.to_owned(), json!(text));
        }
    }
    told
}

/// An identifier behind its subtype.
fn identifier(bytes: &[u8], is_mac: u8) -> Option<String> {
    let (subtype, value) = bytes.split_first()?;
    if *subtype == is_mac && value.len() == 6 {
        return Some(value.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":"));
    }
    Some(String::from_utf8_lossy(value).trim_end_matches('\0').to_owned()).filter(|text| !text.is_empty())
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    if !hex.is_ascii() || !hex.len().is_multiple_of(2) {
        return None;
    }
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).ok()).collect()
}
