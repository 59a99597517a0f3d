//! Fields of nodes.

use super::shapes::{
    FLAG, FLAG_OR_NULL, LINKS, OBJECT, TEXT, TEXT_OR_NULL, TEXTS, TIME, TIME_OR_NULL, UUID, UUID_OR_NULL,
};
use super::{Field, Shown};
use crate::rest::json::{Masked, Members, Stamp, Written, put};
use crate::rest::link;
use ferric_control::NodeSight;
use ferric_model::JsonMap;
use ferric_model::hardware::InterfaceKind;
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Node;
use time::OffsetDateTime;

/// A node as one request sees it.
#[derive(Debug)]
pub(crate) struct NodeView {
    /// The node.
    pub node: Node,
    /// How much of it the caller sees.
    pub sight: NodeSight,
    /// The conductor that stands for it.
    pub conductor: Option<String>,
    /// Base of links.
    pub base: String,
    /// Minor number of the microversion.
    pub minor: u16,
}

type F = Field<NodeView>;

/// Fields of a list that is asked for nothing else, in the order that links to the next page name them.
pub(crate) const SUMMARY: [&str; 6] =
    ["instance_uuid", "maintenance", "power_state", "provision_state", "uuid", "name"];

/// Fields that lists cannot be sorted by.
pub(crate) const UNSORTABLE: [&str; 12] = [
    "properties",
    "driver_info",
    "extra",
    "instance_info",
    "driver_internal_info",
    "clean_step",
    "deploy_step",
    "raid_config",
    "target_raid_config",
    "traits",
    "network_data",
    "service_step",
];

// What stands in place of fields that only some may see.
const DRIVER_INFO: &str = "** Redacted - requires baremetal:node:get:driver_info permission. **";
const DRIVER_INTERNAL_INFO: &str =
    "** Redacted - Requires baremetal:node:get:driver_internal_info permission. **";
const LAST_ERROR: &str = "** Value Redacted - Requires baremetal:node:get:last_error permission. **";
const RESERVATION: &str = "** Redacted - requires baremetal:node:get:reservation permission. **";

/// Every field.
pub(crate) static FIELDS: [F; 69] = [
    F::new("uuid", 1, |v, o| put(o, &v.node.uuid)).of(&UUID),
    F::new("created_at", 1, |v, o| put(o, &Stamp(v.node.created_at))).of(&TIME),
    F::new("updated_at", 1, |v, o| time(o, v.node.updated_at)).of(&TIME_OR_NULL),
    F::new("automated_clean", 47, |v, o| put(o, &v.node.spec.automated_clean)).of(&FLAG_OR_NULL),
    F::new("bios_interface", 40, |v, o| v.interface(InterfaceKind::Bios, o)).of(&TEXT_OR_NULL),
    F::new("boot_interface", 31, |v, o| v.interface(InterfaceKind::Boot, o)).of(&TEXT_OR_NULL),
    F::new("boot_mode", 75, |v, o| put(o, &v.node.status.boot_mode)).of(&TEXT_OR_NULL),
    F::new("clean_step", 7, |v, o| put(o, &Masked { map: &v.node.status.clean_step, also: &[] })).of(&OBJECT),
    F::new("conductor_group", 46, |v, o| put(o, &v.node.conductor_group)).of(&TEXT),
    F::new("console_enabled", 1, |v, o| put(o, &v.node.status.console_enabled)).of(&FLAG),
    F::new("console_interface", 31, |v, o| v.interface(InterfaceKind::Console, o)).of(&TEXT_OR_NULL),
    F::new("disable_power_off", 95, |v, o| put(o, &v.node.spec.disable_power_off)).of(&FLAG),
    F::new("deploy_interface", 31, |v, o| v.interface(InterfaceKind::Deploy, o)).of(&TEXT_OR_NULL),
    F::new("deploy_step", 44, |v, o| put(o, &Masked { map: &v.node.status.deploy_step, also: &[] }))
        .of(&OBJECT),
    F::new("description", 51, |v, o| put(o, &v.node.description)).of(&TEXT_OR_NULL),
    F::new("driver", 1, |v, o| put(o, &v.node.driver)).of(&TEXT),
    F::new("driver_info", 1, |v, o| match v.sight.driver_info {
        true => put_masked(o, &v.node.spec.driver_info, &[], v.sight.passwords),
        false => put_note(o, DRIVER_INFO),
    })
    .of(&OBJECT),
    F::new("driver_internal_info", 3, |v, o| match v.sight.driver_internal_info {
        true => put_masked(o, &v.node.status.driver_internal_info, &[], v.sight.passwords),
        false => put_note(o, DRIVER_INTERNAL_INFO),
    })
    .of(&OBJECT),
    F::new("extra", 1, |v, o| put(o, &v.node.spec.extra)).of(&OBJECT),
    F::new("fault", 42, |v, o| put(o, &v.node.fault)).of(&TEXT_OR_NULL),
    F::new("firmware_interface", 86, |v, o| v.interface(InterfaceKind::Firmware, o)).of(&TEXT_OR_NULL),
    F::new("health", 109, |v, o| put(o, &v.node.status.health)).of(&TEXT_OR_NULL),
    F::new("inspection_finished_at", 6, |v, o| time(o, v.node.status.inspection_finished_at))
        .of(&TIME_OR_NULL),
    F::new("inspection_started_at", 6, |v, o| time(o, v.node.inspection_started_at)).of(&TIME_OR_NULL),
    F::new("inspect_interface", 31, |v, o| v.interface(InterfaceKind::Inspect, o)).of(&TEXT_OR_NULL),
    F::new("instance_info", 1, |v, o| {
        put_masked(o, &v.node.spec.instance_info, &["configdrive", "image_url"], v.sight.instance_secrets)
    })
    .of(&OBJECT),
    F::new("instance_name", 104, |v, o| put(o, &v.node.instance_name)).of(&TEXT_OR_NULL),
    F::new("instance_uuid", 1, |v, o| put(o, &v.node.instance_uuid)).of(&UUID_OR_NULL),
    F::new("last_error", 1, |v, o| match v.sight.last_error {
        true => put(o, &v.node.status.last_error),
        false => put(o, LAST_ERROR),
    })
    .of(&TEXT_OR_NULL),
    F::new("lessee", 65, |v, o| put(o, &v.node.lessee)).of(&TEXT_OR_NULL),
    F::new("maintenance", 1, |v, o| put(o, &v.node.maintenance)).of(&FLAG),
    F::new("maintenance_reason", 1, |v, o| put(o, &v.node.spec.maintenance_reason)).of(&TEXT_OR_NULL),
    F::new("management_interface", 31, |v, o| v.interface(InterfaceKind::Management, o)).of(&TEXT_OR_NULL),
    F::new("name", 5, |v, o| put(o, &v.node.name)).of(&TEXT_OR_NULL),
    F::new("network_data", 66, |v, o| put(o, &v.node.spec.network_data)).of(&OBJECT),
    F::new("network_interface", 20, |v, o| v.interface(InterfaceKind::Network, o)).of(&TEXT_OR_NULL),
    F::new("owner", 50, |v, o| put(o, &v.node.owner)).of(&TEXT_OR_NULL),
    F::new("parent_node", 83, |v, o| put(o, &v.node.parent_node)).of(&UUID_OR_NULL),
    F::new("power_interface", 31, |v, o| v.interface(InterfaceKind::Power, o)).of(&TEXT_OR_NULL),
    F::new("power_state", 1, |v, o| put(o, &v.node.power_state)).of(&TEXT_OR_NULL),
    F::new("properties", 1, |v, o| put(o, &v.node.spec.properties)).of(&OBJECT),
    F::new("protected", 48, |v, o| put(o, &v.node.spec.protected)).of(&FLAG),
    F::new("protected_reason", 48, |v, o| put(o, &v.node.spec.protected_reason)).of(&TEXT_OR_NULL),
    F::new("provision_state", 1, |v, o| put(o, &v.provision_state())).of(&TEXT_OR_NULL),
    F::new("provision_updated_at", 1, |v, o| time(o, v.node.provision_updated_at)).of(&TIME_OR_NULL),
    F::new("raid_config", 12, |v, o| put(o, &v.node.status.raid_config)).of(&OBJECT),
    F::new("raid_interface", 31, |v, o| v.interface(InterfaceKind::Raid, o)).of(&TEXT_OR_NULL),
    F::new("rescue_interface", 38, |v, o| v.interface(InterfaceKind::Rescue, o)).of(&TEXT_OR_NULL),
    F::new("reservation", 1, |v, o| match v.sight.reservation {
        true => put(o, &v.node.reservation),
        false => put(o, RESERVATION),
    })
    .of(&TEXT_OR_NULL),
    F::new("resource_class", 21, |v, o| put(o, &v.node.resource_class)).of(&TEXT_OR_NULL),
    F::new("retired", 61, |v, o| put(o, &v.node.retired)).of(&FLAG),
    F::new("retired_reason", 61, |v, o| put(o, &v.node.spec.retired_reason)).of(&TEXT_OR_NULL),
    F::new("secure_boot", 75, |v, o| put(o, &v.node.status.secure_boot)).of(&FLAG_OR_NULL),
    F::new("service_step", 87, |v, o| put(o, &Masked { map: &v.node.status.service_step, also: &[] }))
        .of(&OBJECT),
    F::new("shard", 82, |v, o| put(o, &v.node.shard)).of(&TEXT_OR_NULL),
    F::new("storage_interface", 33, |v, o| v.interface(InterfaceKind::Storage, o)).of(&TEXT_OR_NULL),
    F::new("target_power_state", 1, |v, o| put(o, &v.node.target_power_state)).of(&TEXT_OR_NULL),
    F::new("target_provision_state", 1, |v, o| put(o, &v.node.provision.target())).of(&TEXT_OR_NULL),
    F::new("target_raid_config", 12, |v, o| put(o, &v.node.spec.target_raid_config)).of(&OBJECT),
    F::new("traits", 37, |v, o| put(o, &v.node.traits)).of(&TEXTS),
    F::new("vendor_interface", 31, |v, o| v.interface(InterfaceKind::Vendor, o)).of(&TEXT_OR_NULL),
    F::new("links", 1, |v, o| v.links("", o)).of(&LINKS).shown(Shown::Always),
    F::new("conductor", 49, |v, o| put(o, &v.conductor)).of(&TEXT_OR_NULL),
    F::new("allocation_uuid", 52, |v, o| put(o, &v.node.allocation_uuid)).of(&UUID_OR_NULL),
    F::new("chassis_uuid", 1, |v, o| put(o, &v.node.chassis_uuid)).of(&UUID_OR_NULL),
    F::new("ports", 1, |v, o| v.links("/ports", o)).of(&LINKS).shown(Shown::Whole),
    F::new("states", 14, |v, o| v.links("/states", o)).of(&LINKS).shown(Shown::Whole),
    F::new("portgroups", 24, |v, o| v.links("/portgroups", o)).of(&LINKS).shown(Shown::Whole),
    F::new("volume", 32, |v, o| v.links("/volume", o)).of(&LINKS).shown(Shown::Whole),
];

/// Fields of `GET states`.
pub(crate) const STATES: [&str; 11] = [
    "console_enabled",
    "last_error",
    "power_state",
    "provision_state",
    "target_power_state",
    "target_provision_state",
    "provision_updated_at",
    "raid_config",
    "target_raid_config",
    "boot_mode",
    "secure_boot",
];

/// Fields of a node that its ramdisk is told.
pub(crate) const LOOKUP: [&str; 4] = ["uuid", "properties", "instance_info", "driver_internal_info"];

impl NodeView {
    fn interface(&self, kind: InterfaceKind, out: &mut Vec<u8>) -> Written {
        put(out, &self.node.spec.interfaces.get(&kind))
    }

    fn links(&self, below: &str, out: &mut Vec<u8>) -> Written {
        link::put_pair(out, &self.base, &format!("nodes/{}{below}", self.node.uuid))
    }

    /// The state in words that the microversion knows.
    fn provision_state(&self) -> Option<ProvisionState> {
        match self.node.state() {
            ProvisionState::Available if self.minor < 2 => None,
            ProvisionState::InspectWait if self.minor < 39 => Some(ProvisionState::Inspecting),
            state => Some(state),
        }
    }
}

/// Writes a dictionary, with its secrets if they may be seen.
fn put_masked(out: &mut Vec<u8>, map: &JsonMap, also: &[&str], secrets: bool) -> Written {
    if secrets { put(out, map) } else { put(out, &Masked { map, also }) }
}

/// Writes a dictionary that says why it is empty.
fn put_note(out: &mut Vec<u8>, text: &str) -> Written {
    let mut members = Members::open(out);
    members.put("content", text)?;
    members.close();
    Ok(())
}

fn time(out: &mut Vec<u8>, at: Option<OffsetDateTime>) -> Written {
    put(out, &at.map(Stamp))
}

#[cfg(test)]
mod tests {
    use super::super::{put_resource, select};
    use super::*;
    use crate::rest::microversion::Microversion;
    use serde_json::{Value, json};
    use uuid::Uuid;

    const WHOLE: NodeSight = NodeSight {
        driver_info: true,
        driver_internal_info: true,
        last_error: true,
        reservation: true,
        passwords: false,
        instance_secrets: false,
    };

    fn shown(minor: u16, asked: Option<&[String]>, state: ProvisionState) -> Value {
        seen(WHOLE, minor, asked, state)
    }

    fn seen(sight: NodeSight, minor: u16, asked: Option<&[String]>, state: ProvisionState) -> Value {
        let mut node = Node::new(Uuid::nil(), "d", state, OffsetDateTime::UNIX_EPOCH);
        node.spec.driver_info = json!({"redfish_password": "x"}).as_object().unwrap().clone();
        node.spec.instance_info =
            json!({"image_url": "x", "configdrive": {"a": 1}}).as_object().unwrap().clone();
        let view = NodeView { node, sight, conductor: None, base: "http://h".into(), minor };
        let mut out = Vec::new();
        put_resource(&mut out, &view, &select(&FIELDS, Microversion(minor), asked)).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn each_microversion_shows_its_fields() {
        let count = |minor| shown(minor, None, ProvisionState::Enroll).as_object().unwrap().len();
        assert_eq!((count(1), count(2), count(3), count(5), count(115)), (22, 22, 23, 24, FIELDS.len()));
        let mut names: Vec<&str> = FIELDS.iter().map(|field| field.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FIELDS.len());
    }

    #[test]
    fn secrets_are_never_shown() {
        let node = shown(115, None, ProvisionState::Enroll);
        assert_eq!(node["driver_info"]["redfish_password"], "******");
        assert_eq!(node["instance_info"], json!({"image_url": "******", "configdrive": "******"}));
    }

    #[test]
    fn what_a_caller_may_not_see_is_a_note() {
        let lessee = NodeSight {
            driver_info: false,
            driver_internal_info: false,
            last_error: false,
            reservation: false,
            ..WHOLE
        };
        let node = seen(lessee, 115, None, ProvisionState::Enroll);
        assert_eq!(node["driver_info"], json!({"content": DRIVER_INFO}));
        assert_eq!(node["driver_internal_info"], json!({"content": DRIVER_INTERNAL_INFO}));
        assert_eq!((&node["last_error"], &node["reservation"]), (&json!(LAST_ERROR), &json!(RESERVATION)));
        let trusted = NodeSight { passwords: true, instance_secrets: true, ..WHOLE };
        let node = seen(trusted, 115, None, ProvisionState::Enroll);
        assert_eq!(node["driver_info"]["redfish_password"], "x");
        assert_eq!(node["instance_info"], json!({"image_url": "x", "configdrive": {"a": 1}}));
    }

    #[test]
    fn states_have_the_words_of_their_time() {
        assert_eq!(shown(1, None, ProvisionState::Available)["provision_state"], Value::Null);
        assert_eq!(shown(2, None, ProvisionState::Available)["provision_state"], "available");
        assert_eq!(shown(38, None, ProvisionState::InspectWait)["provision_state"], "inspecting");
        assert_eq!(shown(39, None, ProvisionState::InspectWait)["provision_state"], "inspect wait");
    }

    #[test]
    fn what_is_asked_for_comes_with_links() {
        let asked = ["uuid".to_owned(), "ports".to_owned()];
        let node = shown(115, Some(&asked), ProvisionState::Enroll);
        let names: Vec<&str> = node.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["links", "uuid"]);
        assert_eq!(node["links"][1]["href"], "http://h/nodes/00000000-0000-0000-0000-000000000000");
    }
}
