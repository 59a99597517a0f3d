//! Hooks for network cards and ports.

use super::hooks::{Card, Inspected};
use super::settings::{AddPorts, KeepPorts};
use crate::commit::new_id;
use ferric_model::port::{Port, normalize_mac};
use ferric_model::report::Failure;
use serde_json::{Value, json};
use std::net::IpAddr;

/// `validate-interfaces`: leaves cards that ports can be made for.
pub(super) fn validate(found: &mut Inspected<'_>) -> Result<(), Box<Failure>> {
    let booted = boot_address(found);
    let all = cards(found.list("interfaces"), booted.as_deref());
    if all.is_empty() && !found.out_of_band {
        return Err(Inspected::unusable("no network interface that was found has a usable MAC address"));
    }
    let named = |cards: &[Card]| -> Value {
        let shown =
            |card: &Card| json!({"mac_address": card.address, "ips": card.ips, "pxe_enabled": card.booted});
        cards.iter().map(|card| (card.name.clone(), shown(card))).collect::<serde_json::Map<_, _>>().into()
    };
    let known_boot = all.iter().any(|card| card.booted);
    // A BMC tells no addresses: whoever has none at all leaves nothing to choose by.
    let addressed = all.iter().any(|card| !card.ips.is_empty());
    let wanted = |card: &Card| match found.settings.add_ports {
        AddPorts::Pxe if known_boot => card.booted,
        AddPorts::Pxe | AddPorts::Active if addressed => !card.ips.is_empty(),
        AddPorts::Pxe | AddPorts::Active | AddPorts::All => true,
        AddPorts::Disabled => false,
    };
    let cards: Vec<Card> = all.iter().filter(|card| wanted(card)).cloned().collect();
    found.plugin_data.insert("all_interfaces".to_owned(), named(&all));
    found.plugin_data.insert("valid_interfaces".to_owned(), named(&cards));
    let macs: Vec<&str> = cards.iter().map(|card| card.address.as_str()).collect();
    found.plugin_data.insert("macs".to_owned(), json!(macs));
    found.cards = cards;
    Ok(())
}

/// `ports`: creates ports, takes those away that should not stay, and sets `pxe_enabled` anew.
pub(super) fn ports(found: &mut Inspected<'_>) -> Result<(), Box<Failure>> {
    let booted = boot_address(found);
    let all = cards(found.list("interfaces"), booted.as_deref());
    for card in &found.cards {
        let known = found.ports.iter().any(|port| port.address == card.address);
        if known || found.taken.contains(&card.address) {
            continue;
        }
        let mut port = Port::new(new_id(), found.node.uuid, card.address.clone());
        port.pxe_enabled = booted.is_none() || card.booted;
        port.created_at = Some(found.now);
        found.ports.push(port);
    }
    let stays = |port: &Port| match found.settings.keep_ports {
        KeepPorts::All => true,
        KeepPorts::Present => all.iter().any(|card| card.address == port.address),
        KeepPorts::Added => found.cards.iter().any(|card| card.address == port.address),
    };
    // What an instance uses is not taken away from it.
    let in_use = |port: &Port| port.detail.internal_info.contains_key("tenant_vif_port_id");
    let gone: Vec<_> =
        found.ports.iter().filter(|port| !stays(port) && !in_use(port)).map(|port| port.uuid).collect();
    found.ports.retain(|port| !gone.contains(&port.uuid));
    found.gone = gone;
    if let (Some(booted), true) = (booted, found.settings.update_pxe_enabled) {
        for port in &mut found.ports {
            port.pxe_enabled = port.address == booted;
        }
    }
    Ok(())
}

/// The address that the ramdisk was booted over.
fn boot_address(found: &Inspected<'_>) -> Option<String> {
    let told = found.plugin_data.get("boot_interface").or_else(|| found.at(["boot", "pxe_interface"]));
    let text = told.and_then(Value::as_str)?.replace('-', ":");
    // PXELINUX puts the type of the hardware in front.
    normalize_mac(&text).or_else(|| normalize_mac(text.get(3..)?))
}

/// The cards with a usable MAC address, each once.
fn cards(interfaces: &[Value], booted: Option<&str>) -> Vec<Card> {
    let mut cards: Vec<Card> = Vec::new();
    for interface in interfaces {
        let text = |key: &str| interface.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let ips: Vec<String> = ["ipv4_address", "ipv6_address"]
            .into_iter()
            .filter_map(text)
            .filter_map(|ip| ip.split(['/', '%']).next())
            .map(str::to_owned)
            .collect();
        let loopback = ips.iter().any(|ip| ip.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()));
        let Some(address) = text("mac_address").and_then(normalize_mac) else { continue };
        let name = text("name").unwrap_or(&address).to_owned();
        if name == "lo" || loopback || cards.iter().any(|card| card.address == address) {
            continue;
        }
        let booted = booted == Some(address.as_str());
        cards.push(Card { name, address, ips, booted });
    }
    cards
}
