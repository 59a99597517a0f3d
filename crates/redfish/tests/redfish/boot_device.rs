//! The boot device: what is sent, what is fallen back to, and what is remembered.

use crate::support::tree::SYSTEM;
use crate::support::{Answer, Rig, Seen, Service, Tree, clients, node, quick, secs, task};
use ferric_bmc_sim::{Fault, FaultKind};
use ferric_hardware::interface::BootDevice;
use ferric_hardware::{HardwareErrorKind, TaskView};
use ferric_model::power::PowerTarget;
use serde_json::{Value, json};

const PATCH: &str = "PATCH /Systems";

fn patches(service: &Service) -> Vec<Value> {
    service.seen().into_iter().filter(|seen| seen.method == "PATCH").map(|seen| seen.body).collect()
}

fn task_at(service: &Service) -> TaskView {
    task(node(json!({"redfish_address": service.url})))
}

#[tokio::test]
async fn every_device_is_set_and_read_back() {
    let rig = Rig::new();
    let management = &rig.hardware.management[0].1;
    for (device, persistent, target) in [
        ("pxe", false, "Pxe"),
        ("disk", true, "Hdd"),
        ("cdrom", false, "Cd"),
        ("bios", false, "BiosSetup"),
        ("uefihttp", true, "UefiHttp"),
    ] {
        management.set_boot_device(&rig.task, device, persistent).await.unwrap();
        let boot = rig.server().boot;
        let enabled = if persistent { "Continuous" } else { "Once" };
        assert_eq!((boot.target.as_str(), boot.enabled.as_str()), (target, enabled));
        let read = management.get_boot_device(&rig.task).await.unwrap();
        assert_eq!(read, BootDevice { boot_device: Some(device.to_owned()), persistent: Some(persistent) });
    }
    for device in ["safe", "wanboot", "floppy", ""] {
        let error = management.set_boot_device(&rig.task, device, false).await.unwrap_err();
        assert_eq!(error.kind, HardwareErrorKind::InvalidParameter);
        assert_eq!(error.summary, format!("Invalid boot device {device} specified."));
    }
}

#[tokio::test]
async fn what_lives_in_memory_is_fetched_at_every_boot_and_a_ramdisk_only_at_the_next() {
    const URL: &str = "http://127.0.0.1:1/boot/0123456789abcdef0123456789abcdef";
    for refused in [false, true] {
        let mut rig = Rig::new();
        let boot = rig.hardware.boot.iter().find(|row| row.0 == "redfish-https").unwrap().1.clone();
        rig.task.boot_url = Some(URL.to_owned());
        boot.prepare_ramdisk(&rig.task).await.unwrap();
        let shown = |rig: &Rig| {
            let boot = rig.server().boot;
            (boot.target, boot.enabled, boot.http_boot_uri)
        };
        let url = Some(format!("{URL}/boot.iso"));
        assert_eq!(shown(&rig), ("UefiHttp".into(), "Once".into(), url.clone()));

        rig.task.instance_boot_url = Some(URL.to_owned());
        if refused {
            // Twice, for what is refused is asked for once more in full.
            let refusal = FaultKind::Status { status: 400, message: "not in this mode".into() };
            rig.fault(Fault::new(refusal).on(PATCH).times(2));
        }
        let seen = boot.prepare_instance(&rig.task).await.unwrap();
        let (enabled, remembered) =
            if refused { ("Once", json!("uefihttp")) } else { ("Continuous", json!(null)) };
        assert_eq!(shown(&rig), ("UefiHttp".into(), enabled.into(), url));
        assert_eq!(seen.driver_internal_info["redfish_boot_device"], remembered);

        let seen = boot.clean_up_instance(&rig.task).await.unwrap();
        assert_eq!(seen.driver_internal_info["redfish_boot_device"], Value::Null);
        assert_eq!(shown(&rig), ("None".into(), "Disabled".into(), None));
    }
}

#[tokio::test]
async fn a_stale_entity_tag_is_read_again() {
    for target in ["GET /Systems", PATCH] {
        let rig = Rig::new();
        rig.fault(Fault::new(FaultKind::WrongEtag).on(target));
        rig.hardware.management[0].1.set_boot_device(&rig.task, "pxe", false).await.unwrap();
        assert_eq!((rig.hits(), rig.server().boot.target.as_str()), (1, "Pxe"), "{target}");
    }
    let rig = Rig::new();
    rig.fault(Fault::new(FaultKind::WrongEtag).on(PATCH).forever());
    let error = rig.hardware.management[0].1.set_boot_device(&rig.task, "pxe", false).await.unwrap_err();
    assert_eq!(error.code, "redfish-refused");
    assert_eq!(rig.hits(), 2);
}

#[tokio::test]
async fn a_weak_tag_that_is_refused_is_offered_as_a_strong_one() {
    let mut tree = Tree::new();
    let service = Service::start(move |seen| match (seen.method.as_str(), seen.header("if-match")) {
        ("PATCH", Some("\"7\"")) => tree.answer(seen),
        ("PATCH", _) => Answer::status(412, ""),
        _ => tree.answer(seen).with("etag", "W/\"7\""),
    })
    .await;
    clients(quick()).management[0].1.set_boot_device(&task_at(&service), "pxe", false).await.unwrap();
    assert_eq!(patches(&service).len(), 2);
}

#[tokio::test]
async fn a_change_whose_answer_is_lost_is_looked_for() {
    let rig = Rig::new();
    rig.fault(Fault::new(FaultKind::Refuse { after: true }).on(PATCH));
    rig.hardware.management[0].1.set_boot_device(&rig.task, "cdrom", false).await.unwrap();
    assert_eq!((rig.hits(), rig.server().boot.target.as_str()), (1, "Cd"));

    let rig = Rig::new();
    rig.fault(Fault::new(FaultKind::Status { status: 500, message: "no".into() }).on(PATCH).times(2));
    rig.hardware.management[0].1.set_boot_device(&rig.task, "cdrom", false).await.unwrap();
    assert_eq!((rig.hits(), rig.server().boot.target.as_str()), (2, "Cd"));

    let rig = Rig::new();
    rig.fault(Fault::new(FaultKind::HtmlAnswer).on(PATCH));
    rig.hardware.management[0].1.set_boot_device(&rig.task, "cdrom", false).await.unwrap();
    assert_eq!((rig.hits(), rig.server().boot.target.as_str()), (1, "Cd"));
}

#[tokio::test]
async fn a_system_in_its_self_test_is_waited_for() {
    let mut tree = Tree::new();
    let mut refusals = 2;
    let service = Service::start(move |seen| {
        if seen.method == "PATCH" && refusals > 0 {
            refusals -= 1;
            let message =
                r#"{"error":{"@Message.ExtendedInfo":[{"MessageId":"V.1.UnableToModifyDuringSystemPOST"}]}}"#;
            return Answer::status(400, message);
        }
        tree.answer(seen)
    })
    .await;
    clients(quick()).management[0].1.set_boot_device(&task_at(&service), "pxe", false).await.unwrap();
    let body = json!({"Boot": {"BootSourceOverrideTarget": "Pxe", "BootSourceOverrideEnabled": "Once"}});
    assert_eq!(patches(&service), [body.clone(), body.clone(), body]);
}

#[tokio::test]
async fn firmware_that_wants_everything_at_once_gets_it() {
    let mut tree = Tree::new();
    let service = Service::start(move |seen| {
        let whole = seen.body["Boot"]["BootSourceOverrideMode"].is_string();
        if seen.method == "PATCH" && !whole { Answer::status(400, "") } else { tree.answer(seen) }
    })
    .await;
    clients(quick()).management[0].1.set_boot_device(&task_at(&service), "pxe", false).await.unwrap();
    assert_eq!(
        patches(&service).last().unwrap(),
        &json!({"Boot": {"BootSourceOverrideTarget": "Pxe", "BootSourceOverrideEnabled": "Once",
            "BootSourceOverrideMode": "UEFI"}})
    );
}

/// Knows `Once` only, and uses it up at power on.
fn forgetful() -> impl FnMut(&Seen) -> Answer + Send {
    let mut tree = Tree::new();
    move |seen| {
        if seen.body["Boot"]["BootSourceOverrideEnabled"] == "Continuous" {
            return Answer::status(400, r#"{"error":{"message":"Continuous is not supported"}}"#);
        }
        if seen.method == "POST" {
            tree.system()["PowerState"] = json!("On");
            tree.system()["Boot"]["BootSourceOverrideEnabled"] = json!("Disabled");
        }
        tree.answer(seen)
    }
}

#[tokio::test]
async fn a_device_that_cannot_last_is_remembered_and_set_again_before_each_boot() {
    let service = Service::start(forgetful()).await;
    let hardware = clients(quick());
    let mut task = task_at(&service);
    let observed = hardware.boot[0].1.prepare_instance(&task).await.unwrap();
    assert_eq!(observed.driver_internal_info.get("redfish_boot_device"), Some(&json!("disk")));
    task.node.status.driver_internal_info.extend(observed.driver_internal_info);

    // Still pending from `prepare_instance`: nothing to do.
    let before = patches(&service).len();
    hardware.power[0].1.set_power_state(&task, PowerTarget::On, secs(20)).await.unwrap();
    assert_eq!(patches(&service).len(), before);

    // Used up by that boot: set again.
    hardware.power[0].1.set_power_state(&task, PowerTarget::On, secs(20)).await.unwrap();
    let sent = patches(&service);
    assert_eq!(sent.len(), before + 1);
    assert_eq!(sent[before]["Boot"]["BootSourceOverrideTarget"], "Hdd");
    assert_eq!(sent[before]["Boot"]["BootSourceOverrideEnabled"], "Once");
}

#[tokio::test]
async fn what_is_set_for_one_boot_ends_what_was_remembered() {
    let mut tree = Tree::new().with_slots(&[("/slot", json!({"MediaTypes": ["CD"], "Inserted": false}))]);
    let service = Service::start(move |seen| tree.answer(seen)).await;
    let mut task = task_at(&service);
    task.boot_url = Some("http://10.0.0.1/boot/0123456789abcdef".to_owned());
    let observed = clients(quick()).boot[0].1.prepare_ramdisk(&task).await.unwrap();
    assert_eq!(observed.driver_internal_info.get("redfish_boot_device"), Some(&json!(null)));
}

#[tokio::test]
async fn an_observation_leaves_out_what_cannot_be_read() {
    let rig = Rig::new();
    let mut task = rig.task.clone();
    let observed = rig.hardware.management[0].1.observe(&task).await.unwrap();
    assert_eq!(observed.health.as_deref(), Some("OK"));
    assert_eq!(observed.boot_mode.as_deref(), Some("uefi"));
    assert!(observed.secure_boot.is_some());
    assert!(observed.properties["vendor"].is_string(), "{observed:?}");
    task.node.spec.properties.insert("vendor".into(), json!("mine"));
    let observed = rig.hardware.management[0].1.observe(&task).await.unwrap();
    assert!(observed.properties.is_empty());

    let mut tree = Tree::new();
    tree.system()["SecureBoot"] = json!({"@odata.id": format!("{SYSTEM}/SecureBoot")});
    tree.system()["Boot"] = json!(null);
    tree.system()["Status"] = json!({"Health": "Splendid"});
    let service = Service::start(move |seen| {
        if seen.path.ends_with("SecureBoot") { Answer::status(500, "") } else { tree.answer(seen) }
    })
    .await;
    let observed = clients(quick()).management[0].1.observe(&task_at(&service)).await.unwrap();
    assert_eq!((observed.boot_mode, observed.secure_boot, observed.health), (None, None, None));
}
