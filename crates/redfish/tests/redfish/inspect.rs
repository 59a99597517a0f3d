//! Inspection out of band.

use crate::support::tree::SYSTEM;
use crate::support::{Answer, Rig, Service, Tree, clients, node, quick, run_inspect, task};
use ferric_hardware::HardwareErrorKind;
use serde_json::{Value, json};

#[tokio::test]
async fn a_simulated_server_is_described_in_the_shape_of_the_agent() {
    let rig = Rig::new();
    let observed = run_inspect(&rig.hardware, &rig.task).await.unwrap();
    // The simulator's first model: 1 × 32 cores, 128 GiB, the smaller disk 960,197,124,096 bytes.
    assert_eq!(observed.properties["cpus"], 64);
    assert_eq!(observed.properties["cpu_arch"], "x86_64");
    assert_eq!(observed.properties["memory_mb"], 131_072);
    assert_eq!(observed.properties["local_gb"], 893);
    assert!(observed.properties["vendor"].is_string());
    assert_eq!(observed.boot_mode.as_deref(), Some("uefi"));
    let found: Vec<String> = observed.mac_addresses.iter().map(|port| port.address.clone()).collect();
    assert_eq!(found, rig.simulator.mac_addresses(0));
    assert!(observed.mac_addresses.iter().all(|port| port.pxe_enabled));

    let inventory = observed.inventory.unwrap();
    assert_eq!(inventory.plugin_data["unread"], json!([]));
    let inventory = Value::Object(inventory.inventory);
    for key in ["interfaces", "cpu", "disks", "memory", "system_vendor", "boot", "bmc_address", "hostname"] {
        assert!(!inventory[key].is_null(), "{key}: {inventory}");
    }
    assert_eq!(inventory["memory"], json!({"total": 137_438_953_472_u64, "physical_mb": 131_072}));
    assert_eq!(inventory["cpu"]["architecture"], "x86_64");
    assert_eq!(inventory["cpu"]["socket_count"], 1);
    assert_eq!(inventory["disks"].as_array().unwrap().len(), 2);
    assert_eq!(inventory["interfaces"][0]["mac_address"], json!(found[0]));
    assert_eq!(inventory["bmc_address"], "127.0.0.1");
    assert_eq!(rig.resets(), json!({}));
}

#[tokio::test]
async fn what_is_missing_is_noted_and_the_rest_is_told() {
    let mut tree = Tree::new();
    let system = tree.system();
    system["Memory"] = json!({"@odata.id": "/mem"});
    system["SimpleStorage"] = json!({"@odata.id": "/simple"});
    system["Processors"] = json!({"@odata.id": "/broken"});
    system["ProcessorSummary"] = json!({"Count": "2", "Model": " Old CPU "});
    system["EthernetInterfaces"] = json!({"@odata.id": "/nics"});
    tree.put(
        "/mem",
        json!({"Members": [{"@odata.id": "/mem/1"}, {"@odata.id": "/mem/2"}, {"@odata.id": "/mem/3"}]}),
    );
    tree.put("/mem/1", json!({"CapacityMiB": "16384", "MemoryType": "DRAM"}));
    tree.put("/mem/2", json!({"CapacityMiB": 16384, "Status": {"State": "Absent"}}));
    tree.put("/simple", json!({"Members": [{"@odata.id": "/simple/1"}]}));
    tree.put(
        "/simple/1",
        json!({"Devices": [{"Name": "stick", "CapacityBytes": 4_294_967_295_u64},
            {"Name": "a", "CapacityBytes": 500_107_862_016_u64}, {"Name": "b", "CapacityBytes": "1000204886016"},
            {"Name": "empty", "CapacityBytes": null}]}),
    );
    tree.put(
        "/nics",
        json!({"Members": [{"@odata.id": "/n/1"}, {"@odata.id": "/n/2"}, {"@odata.id": "/n/3"}, {"@odata.id": "/n/4"}]}),
    );
    tree.put("/n/1", json!({"MACAddress": "52-54-00-AA-BB-01", "LinkStatus": "LinkUp"}));
    tree.put("/n/2", json!({"MACAddress": null, "PermanentMACAddress": "52:54:00:AA:BB:01"}));
    tree.put("/n/3", json!({"MACAddress": "52:54:00:aa:bb:03", "InterfaceEnabled": false}));
    tree.put("/n/4", json!({"MACAddress": "not an address"}));
    let service =
        Service::start(
            move |seen| {
                if seen.path == "/broken" { Answer::status(500, "") } else { tree.answer(seen) }
            },
        )
        .await;
    let task = task(node(json!({"redfish_address": service.url})));
    let observed = run_inspect(&clients(quick()), &task).await.unwrap();
    assert_eq!(json!(observed.properties), json!({"cpus": 2, "memory_mb": 16384, "local_gb": 464}));
    assert_eq!(observed.mac_addresses.len(), 1);
    assert_eq!(observed.mac_addresses[0].address, "52:54:00:aa:bb:01");
    let inventory = observed.inventory.unwrap();
    assert_eq!(inventory.inventory["cpu"]["model_name"], "Old CPU");
    assert_eq!(inventory.inventory["disks"].as_array().unwrap().len(), 3);
    let unread = inventory.plugin_data["unread"].to_string();
    for part in [
        "Processors: /broken cannot be read",
        "Memory: /mem/3 cannot be read",
        "Storage: the system has no link",
    ] {
        assert!(unread.contains(part), "{part}: {unread}");
    }
}

#[tokio::test]
async fn a_bmc_that_tells_nothing_of_use_fails_with_what_was_missing() {
    let mut tree = Tree::new();
    let service = Service::start(move |seen| tree.answer(seen)).await;
    let task = task(node(json!({"redfish_address": service.url, "redfish_system_id": SYSTEM})));
    let error = run_inspect(&clients(quick()), &task).await.unwrap_err();
    assert_eq!((error.code, error.kind), ("redfish-inventory-empty", HardwareErrorKind::Nonsense));
    let evidence = error.evidence.unwrap();
    for part in ["Processors", "Memory", "Storage"] {
        assert!(evidence.contains(part), "{part}: {evidence}");
    }
}
