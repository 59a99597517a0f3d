//! Fields of nodes.

use super::node_view::NodeView;
use super::shapes::{
    FLAG, FLAG_OR_NULL, LINKS, OBJECT, TEXT, TEXT_OR_NULL, TEXTS, TIME, TIME_OR_NULL, UUID, UUID_OR_NULL,
};
use super::{Field, Shown};
use crate::rest::json::{Members, Stamp, Written, put};
use crate::rest::masked_text::put_masked;
use ferric_model::node::NodeColumns;
use time::OffsetDateTime;

// What stands in documents where nothing was written.
const NULL: &str = "null";
const FALSE: &str = "false";
const EMPTY: &str = "{}";

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
    F::new("uuid", 1, |v, o| put(o, &v.node.key.uuid)).of(&UUID),
    F::new("created_at", 1, |v, o| time(o, v.node.others.created_at)).of(&TIME),
    F::new("updated_at", 1, |v, o| time(o, v.node.others.updated_at)).of(&TIME_OR_NULL),
    F::new("automated_clean", 47, |v, o| v.spec("automated_clean", NULL, o)).of(&FLAG_OR_NULL),
    F::new("bios_interface", 40, |v, o| v.interface("bios", o)).of(&TEXT_OR_NULL),
    F::new("boot_interface", 31, |v, o| v.interface("boot", o)).of(&TEXT_OR_NULL),
    F::new("boot_mode", 75, |v, o| v.status("boot_mode", NULL, o)).of(&TEXT_OR_NULL),
    F::new("clean_step", 7, |v, o| v.step("clean_step", o)).of(&OBJECT),
    F::new("conductor_group", 46, |v, o| put(o, &v.node.key.conductor_group)).of(&TEXT),
    F::new("console_enabled", 1, |v, o| v.status("console_enabled", FALSE, o)).of(&FLAG),
    F::new("console_interface", 31, |v, o| v.interface("console", o)).of(&TEXT_OR_NULL),
    F::new("disable_power_off", 95, |v, o| v.spec("disable_power_off", FALSE, o)).of(&FLAG),
    F::new("deploy_interface", 31, |v, o| v.interface("deploy", o)).of(&TEXT_OR_NULL),
    F::new("deploy_step", 44, |v, o| v.step("deploy_step", o)).of(&OBJECT),
    F::new("description", 51, |v, o| put(o, &v.node.others.description)).of(&TEXT_OR_NULL),
    F::new("driver", 1, |v, o| put(o, &v.node.key.driver)).of(&TEXT),
    F::new("driver_info", 1, |v, o| match v.sight.driver_info {
        true => put_masked(o, v.spec_of("driver_info"), &[], v.sight.passwords),
        false => put_note(o, DRIVER_INFO),
    })
    .of(&OBJECT),
    F::new("driver_internal_info", 3, |v, o| match v.sight.driver_internal_info {
        true => put_masked(o, v.status_of("driver_internal_info"), &[], v.sight.passwords),
        false => put_note(o, DRIVER_INTERNAL_INFO),
    })
    .of(&OBJECT),
    F::new("extra", 1, |v, o| v.spec("extra", EMPTY, o)).of(&OBJECT),
    F::new("fault", 42, |v, o| put(o, &v.node.others.fault)).of(&TEXT_OR_NULL),
    F::new("firmware_interface", 86, |v, o| v.interface("firmware", o)).of(&TEXT_OR_NULL),
    F::new("health", 109, |v, o| v.status("health", NULL, o)).of(&TEXT_OR_NULL),
    F::new("inspection_finished_at", 6, |v, o| v.status_time("inspection_finished_at", o)).of(&TIME_OR_NULL),
    F::new("inspection_started_at", 6, |v, o| time(o, v.node.others.inspection_started_at)).of(&TIME_OR_NULL),
    F::new("inspect_interface", 31, |v, o| v.interface("inspect", o)).of(&TEXT_OR_NULL),
    F::new("instance_info", 1, |v, o| {
        put_masked(o, v.spec_of("instance_info"), &["configdrive", "image_url"], v.sight.instance_secrets)
    })
    .of(&OBJECT),
    F::new("instance_name", 104, |v, o| put(o, &v.node.others.instance_name)).of(&TEXT_OR_NULL),
    F::new("instance_uuid", 1, |v, o| put(o, &v.node.instance_uuid)).of(&UUID_OR_NULL),
    F::new("last_error", 1, |v, o| match v.sight.last_error {
        true => v.status("last_error", NULL, o),
        false => put(o, LAST_ERROR),
    })
    .of(&TEXT_OR_NULL),
    F::new("lessee", 65, |v, o| put(o, &v.node.key.lessee)).of(&TEXT_OR_NULL),
    F::new("maintenance", 1, |v, o| put(o, &v.node.maintenance)).of(&FLAG),
    F::new("maintenance_reason", 1, |v, o| v.spec("maintenance_reason", NULL, o)).of(&TEXT_OR_NULL),
    F::new("management_interface", 31, |v, o| v.interface("management", o)).of(&TEXT_OR_NULL),
    F::new("name", 5, |v, o| put(o, &v.node.name)).of(&TEXT_OR_NULL),
    F::new("network_data", 66, |v, o| v.spec("network_data", EMPTY, o)).of(&OBJECT),
    F::new("network_interface", 20, |v, o| v.interface("network", o)).of(&TEXT_OR_NULL),
    F::new("owner", 50, |v, o| put(o, &v.node.key.owner)).of(&TEXT_OR_NULL),
    F::new("parent_node", 83, |v, o| put(o, &v.node.others.parent_node)).of(&UUID_OR_NULL),
    F::new("power_interface", 31, |v, o| v.interface("power", o)).of(&TEXT_OR_NULL),
    F::new("power_state", 1, |v, o| put(o, &v.node.power_state)).of(&TEXT_OR_NULL),
    F::new("properties", 1, |v, o| v.spec("properties", EMPTY, o)).of(&OBJECT),
    F::new("protected", 48, |v, o| v.spec("protected", FALSE, o)).of(&FLAG),
    F::new("protected_reason", 48, |v, o| v.spec("protected_reason", NULL, o)).of(&TEXT_OR_NULL),
    F::new("provision_state", 1, |v, o| put(o, &v.provision_state())).of(&TEXT_OR_NULL),
    F::new("provision_updated_at", 1, |v, o| time(o, v.node.others.provision_updated_at)).of(&TIME_OR_NULL),
    F::new("raid_config", 12, |v, o| v.status("raid_config", EMPTY, o)).of(&OBJECT),
    F::new("raid_interface", 31, |v, o| v.interface("raid", o)).of(&TEXT_OR_NULL),
    F::new("rescue_interface", 38, |v, o| v.interface("rescue", o)).of(&TEXT_OR_NULL),
    F::new("reservation", 1, |v, o| match v.sight.reservation {
        true => put(o, &v.node.others.reservation),
        false => put(o, RESERVATION),
    })
    .of(&TEXT_OR_NULL),
    F::new("resource_class", 21, |v, o| put(o, &v.node.others.resource_class)).of(&TEXT_OR_NULL),
    F::new("retired", 61, |v, o| put(o, &v.node.others.retired)).of(&FLAG),
    F::new("retired_reason", 61, |v, o| v.spec("retired_reason", NULL, o)).of(&TEXT_OR_NULL),
    F::new("secure_boot", 75, |v, o| v.status("secure_boot", NULL, o)).of(&FLAG_OR_NULL),
    F::new("service_step", 87, |v, o| v.step("service_step", o)).of(&OBJECT),
    F::new("shard", 82, |v, o| put(o, &v.node.others.shard)).of(&TEXT_OR_NULL),
    F::new("storage_interface", 33, |v, o| v.interface("storage", o)).of(&TEXT_OR_NULL),
    F::new("target_power_state", 1, |v, o| put(o, &v.node.others.target_power_state)).of(&TEXT_OR_NULL),
    F::new("target_provision_state", 1, |v, o| put(o, &v.node.others.target_provision_state))
        .of(&TEXT_OR_NULL),
    F::new("target_raid_config", 12, |v, o| v.spec("target_raid_config", EMPTY, o)).of(&OBJECT),
    F::new("traits", 37, |v, o| v.traits(o)).of(&TEXTS),
    F::new("vendor_interface", 31, |v, o| v.interface("vendor", o)).of(&TEXT_OR_NULL),
    F::new("links", 1, |v, o| v.links("", o)).shown(Shown::Always).of(&LINKS),
    F::new("conductor", 49, |v, o| put(o, &v.conductor)).of(&TEXT_OR_NULL),
    F::new("allocation_uuid", 52, |v, o| put(o, &v.node.others.allocation_uuid)).of(&UUID_OR_NULL),
    F::new("chassis_uuid", 1, |v, o| put(o, &v.node.others.chassis_uuid)).of(&UUID_OR_NULL),
    F::new("ports", 1, |v, o| v.links("/ports", o)).shown(Shown::Whole).of(&LINKS),
    F::new("states", 14, |v, o| v.links("/states", o)).shown(Shown::Whole).of(&LINKS),
    F::new("portgroups", 24, |v, o| v.links("/portgroups", o)).shown(Shown::Whole).of(&LINKS),
    F::new("volume", 32, |v, o| v.links("/volume", o)).shown(Shown::Whole).of(&LINKS),
];

/// Fields that every list reads.
const BRIEF: [&str; 16] = [
    "uuid",
    "name",
    "provision_state",
    "power_state",
    "maintenance",
    "instance_uuid",
    "driver",
    "conductor_group",
    "owner",
    "lessee",
    "conductor",
    "links",
    "ports",
    "states",
    "portgroups",
    "volume",
];

/// Fields from the document that operators write, interfaces aside.
const SPEC: [&str; 12] = [
    "automated_clean",
    "disable_power_off",
    "driver_info",
    "extra",
    "instance_info",
    "maintenance_reason",
    "network_data",
    "properties",
    "protected",
    "protected_reason",
    "retired_reason",
    "target_raid_config",
];

/// Fields from the document that conductors write.
const STATUS: [&str; 11] = [
    "boot_mode",
    "clean_step",
    "console_enabled",
    "deploy_step",
    "driver_internal_info",
    "health",
    "inspection_finished_at",
    "last_error",
    "raid_config",
    "secure_boot",
    "service_step",
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

/// What must be read of nodes to write these fields.
pub(crate) fn columns(selection: &[&F]) -> NodeColumns {
    let of = |field: &&F| match field.name {
        name if BRIEF.contains(&name) => NodeColumns::BRIEF,
        name if SPEC.contains(&name) || name.ends_with("_interface") => {
            NodeColumns { spec: true, ..NodeColumns::BRIEF }
        }
        name if STATUS.contains(&name) => NodeColumns { status: true, ..NodeColumns::BRIEF },
        _ => NodeColumns { others: true, ..NodeColumns::BRIEF },
    };
    selection.iter().map(of).fold(NodeColumns::BRIEF, NodeColumns::and)
}

#[cfg(test)]
mod tests {
    use super::super::{put_resource, select};
    use super::*;
    use crate::rest::microversion::Microversion;
    use ferric_control::NodeSight;
    use ferric_model::hardware::InterfaceKind;
    use ferric_model::lifecycle::{Provision, ProvisionState};
    use ferric_model::node::{Fault, Node, NodeOthers, NodeSheet};
    use ferric_model::power::PowerState;
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
        seen_of(&node, sight, minor, None, asked)
    }

    fn seen_of(
        node: &Node,
        sight: NodeSight,
        minor: u16,
        conductor: Option<String>,
        asked: Option<&[String]>,
    ) -> Value {
        let sheet = NodeSheet::of(node).unwrap();
        let view = NodeView::new(sheet, sight, conductor, "http://h".into(), minor).unwrap();
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

    /// A node in which every field has a value.
    fn full() -> Node {
        let now = OffsetDateTime::UNIX_EPOCH;
        let mut node = Node::new(Uuid::from_u128(1), "d", ProvisionState::Enroll, now);
        node.provision = Provision::from_stored("wait call-back", Some("active")).unwrap();
        (node.power_state, node.target_power_state) = (Some(PowerState::On), Some(PowerState::Off));
        (node.maintenance, node.retired) = (true, true);
        node.fault = Some(Fault::Clean);
        for time in [&mut node.provision_updated_at, &mut node.inspection_started_at, &mut node.updated_at] {
            *time = Some(now);
        }
        for uuid in [
            &mut node.instance_uuid,
            &mut node.allocation_uuid,
            &mut node.parent_node,
            &mut node.chassis_uuid,
        ] {
            *uuid = Some(Uuid::from_u128(2));
        }
        for text in [
            &mut node.name,
            &mut node.reservation,
            &mut node.instance_name,
            &mut node.resource_class,
            &mut node.owner,
            &mut node.lessee,
            &mut node.shard,
            &mut node.description,
            &mut node.spec.protected_reason,
            &mut node.spec.retired_reason,
            &mut node.spec.maintenance_reason,
            &mut node.status.last_error,
            &mut node.status.boot_mode,
            &mut node.status.health,
        ] {
            *text = Some("t".to_owned());
        }
        let object = json!({"k": [1.5, {"n": null}]}).as_object().unwrap().clone();
        let (spec, status) = (&mut node.spec, &mut node.status);
        for document in [
            &mut spec.driver_info,
            &mut spec.properties,
            &mut spec.extra,
            &mut spec.instance_info,
            &mut spec.network_data,
            &mut spec.target_raid_config,
            &mut status.driver_internal_info,
            &mut status.clean_step,
            &mut status.deploy_step,
            &mut status.service_step,
            &mut status.raid_config,
        ] {
            document.clone_from(&object);
        }
        spec.interfaces = InterfaceKind::ALL.into_iter().map(|kind| (kind, format!("{kind}-x"))).collect();
        (spec.automated_clean, spec.protected, spec.disable_power_off) = (Some(true), true, true);
        (status.secure_boot, status.console_enabled) = (Some(true), true);
        status.inspection_finished_at = Some(now);
        node.traits = vec!["CUSTOM_A".to_owned()];
        node.conductor_group = "g".to_owned();
        node
    }

    /// What a query for these columns reads.
    fn read(whole: NodeSheet, columns: NodeColumns) -> NodeSheet {
        NodeSheet {
            others: if columns.others { whole.others } else { NodeOthers::default() },
            spec: whole.spec.filter(|_| columns.spec),
            status: whole.status.filter(|_| columns.status),
            ..whole
        }
    }

    #[test]
    fn each_field_is_written_from_the_columns_that_are_read_for_it() {
        let whole = NodeSheet::of(&full()).unwrap();
        let empty = json!([null, false, {}, [], ""]);
        for field in &FIELDS {
            let asked = [field.name.to_owned()];
            let selection = match field.shown {
                Shown::Whole => vec![field],
                _ => select(&FIELDS, Microversion(115), Some(&asked)),
            };
            let written = |sheet: NodeSheet| {
                let host = Some("h".to_owned());
                let view = NodeView::new(sheet, WHOLE, host, "http://h".into(), 115).unwrap();
                let mut out = Vec::new();
                put_resource(&mut out, &view, &selection).unwrap();
                serde_json::from_slice::<Value>(&out).unwrap()
            };
            let all = written(whole.clone());
            assert!(!empty.as_array().unwrap().contains(&all[field.name]), "{} has no value", field.name);
            assert_eq!(written(read(whole.clone(), columns(&selection))), all, "{}", field.name);
        }
    }

    #[test]
    fn a_node_is_written_as_the_model_has_it() {
        let node = full();
        let shown = seen_of(&node, WHOLE, 115, None, None);
        for (name, value) in [
            ("extra", json!(node.spec.extra)),
            ("traits", json!(node.traits)),
            ("power_state", json!(node.power_state)),
            ("target_power_state", json!(node.target_power_state)),
            ("fault", json!(node.fault)),
            ("target_provision_state", json!(node.provision.target())),
            ("bios_interface", json!("bios-x")),
            ("inspection_finished_at", json!("1970-01-01T00:00:00+00:00")),
            ("instance_uuid", json!(node.instance_uuid)),
        ] {
            assert_eq!(shown[name], value, "{name}");
        }
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
