//! What has to be changed, or will be different.

use super::inventory::{Inventory, label};
use super::requests::Secrets;
use ferric_model::hardware::{InterfaceKind, find_hardware_type, find_removed_interface, find_removed_type};
use ferric_model::redact::MASK;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The node cannot move before.
    Must,
    /// It moves, and then lacks something.
    Should,
    /// Good to know.
    Note,
}

/// One thing that somebody should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// Whom it is about.
    pub resource: String,
    /// The node's UUID, if it is about one.
    pub node: Option<String>,
    /// What was found.
    pub what: String,
    /// What to do.
    pub advice: String,
}

/// States in which a node can be left by one service and taken up by the other, with the verbs from `enroll` to there.
///
/// Source: `contract: state-machine`; a node in use is adopted.
const RESTING: [(&str, &str); 6] = [
    ("enroll", ""),
    ("manageable", "manage"),
    ("available", "manage, provide"),
    ("active", "manage, adopt"),
    ("rescue", "manage, adopt; unrescue it before the move"),
    ("deploy failed", "manage, provide"),
];

/// Keys of `driver_info` that are not read here, with what to do.
const UNREAD_DRIVER_INFO: [(&str, &str); 6] = [
    ("pxe_template", "templates of nodes are refused as insecure: use kernel_append_params"),
    (
        "deploy_forces_oob_reboot",
        "the ramdisk is always ended softly first, and by the BMC if that does not help",
    ),
    ("ipmi_force_boot_device", "the boot device is always set before a boot"),
    ("agent_verify_ca", "the certificate comes with the agent's heartbeat"),
    ("force_persistent_boot_device", "devices are persistent where the BMC keeps them"),
    ("enable_vmedia_without_port", "virtual media need no port"),
];

/// Keys of `instance_info` that are not read here.
const UNREAD_INSTANCE_INFO: [(&str, &str); 2] = [
    ("image_download_source", "images are always fetched by the agent"),
    ("boot_option", "instances boot from their disk, unless the deploy interface is ramdisk or anaconda"),
];

/// Everything that was found, what matters most first.
pub fn find(inventory: &Inventory, secrets: &Secrets) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for node in &inventory.nodes {
        about_node(node, secrets, &mut found);
    }
    if !inventory.allocations.is_empty() {
        found.push(Finding {
            severity: Severity::Note,
            resource: "allocations".to_owned(),
            node: None,
            what: format!("{} are bound to nodes and do not move", inventory.allocations.len()),
            advice: "create those of nodes that were adopted again, with the field node".to_owned(),
        });
    }
    found.sort_by_key(|finding| finding.severity);
    found
}

/// Nodes that cannot move before something is changed.
pub fn blocked_nodes(findings: &[Finding]) -> BTreeSet<String> {
    let musts = findings.iter().filter(|finding| finding.severity == Severity::Must);
    musts.filter_map(|finding| finding.node.clone()).collect()
}

/// As text for people.
pub fn to_text(inventory: &Inventory, findings: &[Finding]) -> String {
    let mut text = format!("Ironic API {}:", inventory.version);
    for (what, count) in inventory.counts().into_iter().filter(|(_, count)| *count > 0) {
        text.push_str(&format!(" {count} {what},"));
    }
    text = text.trim_end_matches([',', ':']).to_owned() + "\n";
    for (severity, title) in [
        (Severity::Must, "Has to be changed before the move"),
        (Severity::Should, "Will be missing after the move"),
        (Severity::Note, "Good to know"),
    ] {
        let rows: Vec<_> = findings.iter().filter(|finding| finding.severity == severity).collect();
        if !rows.is_empty() {
            text.push_str(&format!("\n{title} ({}):\n", rows.len()));
            rows.iter().for_each(|finding| text.push_str(&format!("- {finding}\n")));
        }
    }
    if findings.is_empty() {
        text.push_str("Nothing has to be changed.\n");
    }
    text
}

/// As JSON for programs.
pub fn to_json(inventory: &Inventory, findings: &[Finding]) -> Value {
    let rows: Vec<Value> = findings
        .iter()
        .map(|finding| {
            let severity = match finding.severity {
                Severity::Must => "must",
                Severity::Should => "should",
                Severity::Note => "note",
            };
            json!({"severity": severity, "resource": finding.resource, "node": finding.node, "what": finding.what,
                "advice": finding.advice})
        })
        .collect();
    let counts: serde_json::Map<String, Value> =
        inventory.counts().into_iter().map(|(what, count)| (what.to_owned(), count.into())).collect();
    json!({"ironic_api_version": inventory.version, "counts": counts, "findings": rows})
}

fn about_node(node: &Value, secrets: &Secrets, found: &mut Vec<Finding>) {
    let uuid = node["uuid"].as_str().unwrap_or_default();
    let mut say = |severity, what: String, advice: &str| {
        found.push(Finding {
            severity,
            resource: label(node),
            node: Some(uuid.to_owned()),
            what,
            advice: advice.to_owned(),
        });
    };
    about_driver(node, &mut say);
    about_state(node, &mut say);
    for path in secrets.missing(node) {
        say(
            Severity::Should,
            format!("{path} is masked by the Ironic and cannot be read"),
            "name it in the file of --secrets, or set it after the move",
        );
    }
    for (document, rows) in
        [("driver_info", &UNREAD_DRIVER_INFO[..]), ("instance_info", &UNREAD_INSTANCE_INFO[..])]
    {
        for (key, advice) in rows.iter().filter(|(key, _)| node[document].get(key).is_some()) {
            say(Severity::Note, format!("{document}/{key} is not read"), advice);
        }
    }
    let source = node["instance_info"]["image_source"].as_str().unwrap_or_default();
    let bare = !source.is_empty() && !source.contains("://");
    if bare || source.starts_with("glance://") {
        say(
            Severity::Should,
            "its image is in Glance".to_owned(),
            "publish it on an http or https server before the next deployment, with its checksum in instance_info",
        );
    }
}

fn about_driver(node: &Value, say: &mut impl FnMut(Severity, String, &str)) {
    let driver = node["driver"].as_str().unwrap_or_default();
    let Some(row) = find_hardware_type(driver) else {
        let removed = find_removed_type(driver).map(|row| row.advice);
        let advice =
            removed.unwrap_or("this version does not have it: use redfish, ipmi or manual-management");
        return say(Severity::Must, format!("hardware type {driver} is not available"), advice);
    };
    for kind in InterfaceKind::ALL {
        let field = format!("{kind}_interface");
        let Some(name) = node[field.as_str()].as_str() else { continue };
        if row.supported(kind).contains(&name) {
            continue;
        }
        let advice = match find_removed_interface(kind, name) {
            Some(removed) => removed.advice.to_owned(),
            None => format!("available for {driver}: {}", row.supported(kind).join(", ")),
        };
        say(Severity::Must, format!("{field} {name} is not available for {driver}"), &advice);
    }
}

fn about_state(node: &Value, say: &mut impl FnMut(Severity, String, &str)) {
    let state = node["provision_state"].as_str().unwrap_or("available");
    match RESTING.iter().find(|(known, _)| *known == state) {
        Some((_, "")) => {}
        Some((_, verbs)) => {
            say(Severity::Note, format!("it is {state} and arrives in enroll"), &format!("then: {verbs}"))
        }
        None => say(
            Severity::Must,
            format!("it is {state}: somebody works on it, or has to"),
            "bring it to rest first: manageable, available or active",
        ),
    }
    if let Some(host) = node["reservation"].as_str() {
        say(Severity::Must, format!("it is locked by {host}"), "wait until it is not");
    }
    if node["maintenance"] == json!(true) {
        say(Severity::Note, "it is in maintenance, and stays in it".to_owned(), "end it after the move");
    }
}

/// Paths below a document whose values are masked.
pub fn masked_paths(document: &Value, at: &str) -> Vec<String> {
    match document {
        Value::String(text) if text == MASK => vec![at.to_owned()],
        Value::Object(map) => {
            map.iter().flat_map(|(key, value)| masked_paths(value, &format!("{at}/{key}"))).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(node: Value) -> Vec<(Severity, String)> {
        let inventory = Inventory { nodes: vec![node], ..Inventory::default() };
        find(&inventory, &Secrets::default())
            .iter()
            .map(|finding| (finding.severity, finding.to_string()))
            .collect()
    }

    fn node(more: Value) -> Value {
        let mut node = json!({"uuid": "1", "name": "n1", "driver": "redfish", "provision_state": "enroll", "driver_info": {},
            "instance_info": {}});
        node.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        node
    }

    #[test]
    fn a_node_that_moves_as_it_is_has_no_findings() {
        assert_eq!(said(node(json!({"deploy_interface": "direct", "boot_interface": null}))), []);
    }

    #[test]
    fn what_has_to_be_changed_comes_with_the_way() {
        for (more, severity, words) in [
            (json!({"deploy_interface": "iscsi"}), Severity::Must, "use direct"),
            (json!({"driver": "pxe_ipmitool"}), Severity::Must, "classic driver"),
            (json!({"driver": "irmc"}), Severity::Must, "use redfish"),
            (json!({"driver": "homegrown"}), Severity::Must, "does not have it"),
            (json!({"storage_interface": "cinder"}), Severity::Must, "available for redfish: noop"),
            (json!({"inspect_interface": "inspector"}), Severity::Must, "use agent"),
            (json!({"provision_state": "clean wait"}), Severity::Must, "bring it to rest"),
            (json!({"reservation": "host-1"}), Severity::Must, "locked by host-1"),
            (
                json!({"driver_info": {"redfish_password": "******"}}),
                Severity::Should,
                "driver_info/redfish_password",
            ),
            (
                json!({"instance_info": {"image_source": "1be26c0b-03f2-4d2e-ae87-c02d7f33c123"}}),
                Severity::Should,
                "Glance",
            ),
            (json!({"provision_state": "active"}), Severity::Note, "manage, adopt"),
            (json!({"maintenance": true}), Severity::Note, "maintenance"),
            (json!({"driver_info": {"pxe_template": "x"}}), Severity::Note, "refused as insecure"),
            (json!({"instance_info": {"image_download_source": "swift"}}), Severity::Note, "by the agent"),
        ] {
            let found = said(node(more.clone()));
            assert_eq!(found.len(), 1, "{more}: {found:?}");
            assert!(found[0].0 == severity && found[0].1.contains(words), "{more}: {found:?}");
        }
    }
}
