use super::hooks::{HOOKS, Inspected};
use super::settings::{AddPorts, HookNames, InspectionSettings, KeepPorts, PciAlias};
use ferric_model::failure::code;
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Node;
use ferric_model::port::Port;
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

fn inspected<'a>(settings: &'a InspectionSettings, inventory: Value, plugin_data: Value) -> Inspected<'a> {
    Inspected {
        settings,
        out_of_band: false,
        node: Node::new(
            Uuid::from_u128(1),
            "redfish",
            ProvisionState::InspectWait,
            OffsetDateTime::UNIX_EPOCH,
        ),
        inventory: inventory.as_object().unwrap().clone(),
        plugin_data: plugin_data.as_object().unwrap().clone(),
        taken: Vec::new(),
        cards: Vec::new(),
        ports: Vec::new(),
        gone: Vec::new(),
        now: OffsetDateTime::UNIX_EPOCH,
    }
}

fn run(found: &mut Inspected<'_>, names: &[&str]) {
    for name in names {
        let hook = HOOKS.iter().find(|hook| hook.name == *name).unwrap();
        (hook.run)(found).unwrap();
    }
}

fn three_cards() -> Value {
    json!({"interfaces": [
        {"name": "lo", "mac_address": "00:00:00:00:00:00", "ipv4_address": "127.0.0.1"},
        {"name": "eth0", "mac_address": "52:54:00:00:00:0A", "ipv4_address": "10.1.2.3/24"},
        {"name": "eth1", "mac_address": "52:54:00:00:00:0b", "ipv4_address": "192.168.9.9"},
        {"name": "eth2", "mac_address": "52:54:00:00:00:0c"},
        {"name": "ib0", "mac_address": "not one"},
    ]})
}

fn addresses(found: &Inspected<'_>) -> Vec<&str> {
    found.ports.iter().map(|port| &port.address[15..]).collect()
}

#[test]
fn ports_are_made_for_the_cards_that_are_wanted() {
    let booted = json!({"boot_interface": "01-52-54-00-00-00-0b"});
    for (add_ports, plugin_data, made) in [
        (AddPorts::Pxe, booted.clone(), vec!["0b"]),
        (AddPorts::Pxe, json!({}), vec!["0a", "0b"]),
        (AddPorts::Active, booted.clone(), vec!["0a", "0b"]),
        (AddPorts::All, booted.clone(), vec!["0a", "0b", "0c"]),
        (AddPorts::Disabled, booted, vec![]),
    ] {
        let settings = InspectionSettings { add_ports, ..InspectionSettings::default() };
        let mut found = inspected(&settings, three_cards(), plugin_data);
        run(&mut found, &["validate-interfaces", "ports"]);
        assert_eq!(addresses(&found), made, "{add_ports:?}");
        assert_eq!(found.plugin_data["all_interfaces"].as_object().unwrap().len(), 3);
    }
}

#[test]
fn a_bmc_that_tells_no_addresses_gets_ports_for_all_its_cards() {
    let settings = InspectionSettings::default();
    let cards = json!({"interfaces": [{"name": "1", "mac_address": "52:54:00:00:00:01"},
                                      {"name": "2", "mac_address": "52:54:00:00:00:02"}]});
    let mut found = inspected(&settings, cards, json!({}));
    run(&mut found, &["validate-interfaces", "ports"]);
    assert_eq!(addresses(&found), ["01", "02"]);
    assert!(found.ports.iter().all(|port| port.pxe_enabled));
    let mut none = inspected(&settings, json!({"interfaces": []}), json!({}));
    let validate = HOOKS.iter().find(|hook| hook.name == "validate-interfaces").unwrap();
    assert_eq!((validate.run)(&mut none).unwrap_err().code, code::INSPECTION_DATA_UNUSABLE);
    none.out_of_band = true;
    assert!((validate.run)(&mut none).is_ok());
}

#[test]
fn ports_stay_or_go_and_pxe_is_set_anew() {
    let port = |last: &str| Port::new(Uuid::new_v4(), Uuid::from_u128(1), format!("52:54:00:00:00:{last}"));
    for (keep_ports, left) in [
        (KeepPorts::All, vec!["0b", "0c", "ff", "fe"]),
        (KeepPorts::Present, vec!["0b", "0c", "fe"]),
        (KeepPorts::Added, vec!["0b", "fe"]),
    ] {
        let settings = InspectionSettings { keep_ports, ..InspectionSettings::default() };
        let mut found = inspected(&settings, three_cards(), json!({"boot_interface": "52:54:00:00:00:0b"}));
        let mut used = port("fe");
        used.detail.internal_info.insert("tenant_vif_port_id".into(), json!("vif"));
        found.ports = vec![port("0b"), port("0c"), port("ff"), used];
        found.taken = vec!["52:54:00:00:00:0a".into()];
        run(&mut found, &["validate-interfaces", "ports"]);
        assert_eq!(addresses(&found), left, "{keep_ports:?}");
        assert_eq!(found.gone.len(), 4 - left.len());
        let booted: Vec<bool> = found.ports.iter().map(|port| port.pxe_enabled).collect();
        assert_eq!(booted.iter().filter(|pxe| **pxe).count(), 1);
        assert!(booted[0]);
    }
}

#[test]
fn properties_and_capabilities_are_completed() {
    let settings = InspectionSettings {
        pci_device_alias: vec![PciAlias {
            name: "nic".into(),
            vendor_id: "8086".into(),
            product_id: "1583".into(),
        }],
        ..InspectionSettings::default()
    };
    let inventory = json!({
        "cpu": {"architecture": "x86_64", "count": 8, "flags": ["aes", "vmx", "x"]},
        "memory": {"physical_mb": 4096},
        "boot": {"current_boot_mode": "uefi"},
        "disks": [{"name": "/dev/sda", "size": 107_374_182_400_u64, "serial": "A"},
                  {"name": "/dev/sdb", "size": 214_748_364_800_u64, "serial": "B", "rotational": false}],
    });
    let plugin_data = json!({
        "pci_devices": [{"vendor_id": "10de", "product_id": "1eb8", "bus": "0000:3b:00.0"},
                        {"vendor_id": "8086", "product_id": "1583"}, {"vendor_id": "0x8086", "product_id": "1583"}],
        "data": [["cpu", "logical", "number", 8], ["disk", "sda", "size", 100], "x"],
    });
    let mut found = inspected(&settings, inventory, plugin_data);
    let properties = &mut found.node.spec.properties;
    properties.insert("capabilities".into(), json!("boot_mode:bios,keep:yes"));
    properties.insert("root_device".into(), json!({"rotational": "false", "size": 200}));
    properties.insert("block_devices".into(), json!({"serials": ["A"]}));
    run(
        &mut found,
        &[
            "architecture",
            "cpus",
            "memory",
            "boot-mode",
            "cpu-capabilities",
            "root-device",
            "accelerators",
            "pci-devices",
            "extra-hardware",
        ],
    );
    let properties = &found.node.spec.properties;
    for (name, value) in [
        ("cpu_arch", json!("x86_64")),
        ("cpus", json!(8)),
        ("memory_mb", json!(4096)),
        ("local_gb", json!(199)),
        ("capabilities", json!("boot_mode:uefi,keep:yes,cpu_aes:true,cpu_vt:true,nic:2")),
    ] {
        assert_eq!(properties[name], value, "{name}");
    }
    assert_eq!(properties["accel"][0]["device_info"], "NVIDIA Tesla T4");
    assert_eq!(
        found.plugin_data["extra"],
        json!({"cpu": {"logical": {"number": 8}}, "disk": {"sda": {"size": 100}}})
    );
    assert!(!found.plugin_data.contains_key("data"));
    assert_eq!(found.plugin_data["root_disk"]["name"], "/dev/sdb");

    found.node.spec.properties.insert("root_device".into(), json!({"serial": "Z"}));
    let hook = HOOKS.iter().find(|hook| hook.name == "root-device").unwrap();
    assert!((hook.run)(&mut found).unwrap_err().summary.contains("no disk"));
    found.node.spec.properties.remove("root_device");
    run(&mut found, &["raid-device"]);
    assert_eq!(found.node.spec.properties["root_device"], json!({"serial": "B"}));
    assert_eq!(found.node.spec.properties["block_devices"], json!({"serials": ["A", "B"]}));
}

#[test]
fn links_are_read_from_lldp_and_from_addresses() {
    let settings = InspectionSettings {
        add_ports: AddPorts::All,
        physical_network_cidr_map: [("10.1.0.0/16".to_owned(), "physnet1".to_owned())].into(),
        ..InspectionSettings::default()
    };
    let mut inventory = three_cards();
    inventory["interfaces"][1]["lldp"] =
        json!([[1, "0408cc34aabbcc"], [2, "0545746831"], [5, "7377312d7261636b33"], [127, "00"], [4, "zz"]]);
    let mut found = inspected(&settings, inventory, json!({}));
    run(
        &mut found,
        &["validate-interfaces", "ports", "parse-lldp", "local-link-connection", "physical-network"],
    );
    let link = &found.ports[0].detail.local_link_connection;
    assert_eq!(
        json!(link),
        json!({"switch_id": "08:cc:34:aa:bb:cc", "port_id": "Eth1", "switch_info": "sw1-rack3"})
    );
    assert_eq!(found.ports[0].physical_network.as_deref(), Some("physnet1"));
    assert_eq!(found.ports[1].physical_network, None);
    assert_eq!(found.plugin_data["parsed_lldp"]["eth0"]["switch_port_id"], "Eth1");
}

#[test]
fn a_ramdisk_that_failed_fails_the_inspection() {
    let settings = InspectionSettings::default();
    let mut found = inspected(&settings, json!({}), json!({"error": "no disks: /dev is empty"}));
    let failure = (HOOKS[0].run)(&mut found).unwrap_err();
    assert_eq!(
        (failure.code.as_str(), failure.evidence.as_deref()),
        (code::RAMDISK_REPORTED_ERROR, Some("no disks: /dev is empty"))
    );
    found.plugin_data.insert("error".into(), Value::Null);
    assert!((HOOKS[0].run)(&mut found).is_ok());
}

#[test]
fn hooks_of_the_configuration_are_known_and_in_order() {
    let read =
        |names: &[&str]| HookNames::try_from(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    assert!(read(&["validate-interfaces", "ports", "memory"]).is_ok());
    assert!(read(&["nope"]).unwrap_err().contains("ramdisk-error, validate-interfaces"));
    assert!(read(&["ports"]).unwrap_err().contains("must stand after 'validate-interfaces'"));
}
