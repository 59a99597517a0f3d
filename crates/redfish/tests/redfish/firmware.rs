//! Firmware: what is installed, when the node is rebooted for it, and BMCs and conductors that are lost on the way.

use crate::support::{Answer, Rig, Service, quick, run_step, run_step_losing, secs};
use ferric_bmc_sim::{Fault, FaultKind};
use ferric_hardware::HardwareErrorKind;
use ferric_model::hardware::InterfaceKind;
use ferric_model::power::PowerTarget;
use ferric_model::step::{Repeat, Step, StepKind};
use serde_json::{Value, json};

/// Serves images by the name of their component; the version is 9.9.
async fn images() -> Service {
    Service::start(|request| {
        let component = request.path.trim_start_matches('/').to_owned();
        match component.as_str() {
            "bios" | "bmc" | "nic" => {
                let image = json!({"component": component, "version": "9.9"});
                Answer::status(200, image.to_string().into_bytes())
            }
            _ => Answer::status(404, Vec::new()),
        }
    })
    .await
}

fn update(settings: Value) -> Step {
    let mut step = Step::new(InterfaceKind::Firmware, "update", 0);
    step.args.insert("settings".to_owned(), settings);
    step
}

async fn nic(rig: &Rig) -> String {
    let components = rig.hardware.firmware[0].1.read_components(&rig.task).await.unwrap().unwrap();
    components.into_keys().find(|name| name.starts_with("nic:")).unwrap()
}

#[tokio::test]
async fn versions_are_those_of_system_manager_and_adapters() {
    let rig = Rig::new();
    let components = rig.hardware.firmware[0].1.read_components(&rig.task).await.unwrap().unwrap();
    assert_eq!(components.len(), 3);
    assert!(components.contains_key("bios") && components.contains_key("bmc"));
    assert!(nic(&rig).await.starts_with("nic:NA"));
    assert!(components.values().all(|component| component.current_version.is_some()));
}

#[tokio::test]
async fn components_are_updated_one_after_the_other() {
    let mut rig = Rig::new();
    let images = images().await;
    rig.power(PowerTarget::On, secs(5)).await.unwrap();
    let nic = nic(&rig).await;
    let settings = json!([
        {"component": "bmc", "url": format!("{}/bmc", images.url)},
        {"component": "bios", "url": format!("{}/bios", images.url), "wait": 0},
        {"component": nic, "url": format!("{}/nic", images.url)},
    ]);
    let seen = run_step(&mut rig, StepKind::Service, &update(settings)).await.unwrap();
    let firmware = seen.firmware.unwrap();
    assert!(
        firmware.values().all(|component| component.current_version.as_deref() == Some("9.9")),
        "{firmware:?}"
    );
    let counters = rig.server().counters;
    assert_eq!(json!(counters.firmware_updates), json!({"bmc": 1, "bios": 1, "nic": 1}));
    // At first, for the BIOS, for the adapter; the BMC restarts by itself.
    assert_eq!(counters.boots, 3);
    assert!(!rig.task.node.status.driver_internal_info.contains_key("redfish_firmware"));
}

#[tokio::test]
async fn a_conductor_that_is_lost_at_any_moment_installs_nothing_twice() {
    let images = images().await;
    for component in ["bmc", "bios"] {
        for lost_at in 0..8 {
            let mut rig = Rig::new();
            rig.power(PowerTarget::On, secs(5)).await.unwrap();
            let settings = json!([{"component": component, "url": format!("{}/{component}", images.url)}]);
            run_step_losing(&mut rig, StepKind::Service, &update(settings), lost_at).await.unwrap();
            let updates = rig.server().counters.firmware_updates;
            assert_eq!(json!(updates), json!({component: 1}), "lost at move {lost_at}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_is_found_out() {
    let mut rig = Rig::new();
    let images = images().await;
    rig.simulator.fault_everywhere(Fault::new(FaultKind::Refuse { after: true }).on("POST SimpleUpdate"));
    let settings = json!([{"component": "bios", "url": format!("{}/bios", images.url)}]);
    run_step(&mut rig, StepKind::Service, &update(settings)).await.unwrap();
    assert_eq!(json!(rig.server().counters.firmware_updates), json!({"bios": 1}));
}

#[tokio::test]
async fn what_the_bmc_cannot_install_fails_the_step() {
    let mut rig = Rig::new();
    let images = images().await;
    let settings = json!([{"component": "bios", "url": format!("{}/nothing", images.url)}]);
    let error = run_step(&mut rig, StepKind::Service, &update(settings)).await.unwrap_err();
    assert_eq!(error.code, "redfish-task-failed");
    assert!(error.evidence.unwrap().contains("cannot be read"));
    for wrong in [
        json!([]),
        json!([{"component": "psu", "url": "http://images/1"}]),
        json!([{"component": "bios", "url": "ftp://images/1"}]),
        json!([{"component": "bios", "url": "http://images/1", "wait": "long"}]),
        json!([{"component": "bios"}]),
    ] {
        let error = run_step(&mut rig, StepKind::Service, &update(wrong.clone())).await.unwrap_err();
        assert_eq!(error.kind, HardwareErrorKind::InvalidParameter, "{wrong}: {error}");
    }
    assert!(rig.server().counters.firmware_updates.is_empty());
}

#[tokio::test]
async fn images_of_nobody_knows_what_are_installed_with_a_reboot_in_between() {
    let mut rig = Rig::new();
    let images = images().await;
    rig.power(PowerTarget::On, secs(5)).await.unwrap();
    let image =
        |name: &str, checksum: &str| json!({"url": format!("{}/{name}", images.url), "checksum": checksum});
    let mut step = Step::new(InterfaceKind::Management, "update_firmware", 0);
    step.args.insert(
        "firmware_images".to_owned(),
        json!([image("bmc", &"a".repeat(40)), image("bmc", &"b".repeat(64))]),
    );
    let seen = run_step(&mut rig, StepKind::Clean, &step).await.unwrap();
    assert_eq!(seen.firmware.unwrap()["bmc"].current_version.as_deref(), Some("9.9"));
    let counters = rig.server().counters;
    assert_eq!((counters.firmware_updates["bmc"], counters.boots), (2, 2));
    for wrong in [json!([image("bmc", "short")]), json!([{"url": "http://x/1"}]), json!("all")] {
        step.args.insert("firmware_images".to_owned(), wrong);
        let error = run_step(&mut rig, StepKind::Clean, &step).await.unwrap_err();
        assert_eq!(error.kind, HardwareErrorKind::InvalidParameter);
    }
}

#[tokio::test]
async fn keys_of_secure_boot_and_the_clock_are_set_in_steps() {
    let mut rig = Rig::new();
    let step = |name: &str| Step::new(InterfaceKind::Management, name, 0);
    run_step(&mut rig, StepKind::Clean, &step("clear_secure_boot_keys")).await.unwrap();
    assert!(!rig.server().secure_boot_keys);
    run_step(&mut rig, StepKind::Deploy, &step("reset_secure_boot_keys_to_default")).await.unwrap();
    assert!(rig.server().secure_boot_keys);
    let mut clock = step("set_bmc_clock");
    clock.args.insert("target_datetime".to_owned(), json!("2026-11-30T03:00:00+00:00"));
    run_step(&mut rig, StepKind::Clean, &clock).await.unwrap();
    assert_eq!(rig.server().bmc_clock.as_deref(), Some("2026-11-30T03:00:00+00:00"));
    clock.args.insert("target_datetime".to_owned(), json!("tomorrow"));
    let error = run_step(&mut rig, StepKind::Clean, &clock).await.unwrap_err();
    assert_eq!(error.kind, HardwareErrorKind::InvalidParameter);
}

#[test]
fn the_steps_are_those_of_the_table() {
    let rig = Rig::with(quick());
    let of = |steps: Vec<Step>| {
        let mut rows: Vec<_> = steps
            .into_iter()
            .map(|step| (step.step, step.priority, step.requires_ramdisk, step.repeat == Repeat::Once))
            .collect();
        rows.sort();
        rows
    };
    let firmware = &rig.hardware.firmware[0].1;
    for (kind, needs_ramdisk) in
        [(StepKind::Clean, true), (StepKind::Deploy, false), (StepKind::Service, false)]
    {
        let steps = of(firmware.steps(kind, &rig.task.node));
        assert_eq!(steps, [("update".to_owned(), 0, needs_ramdisk, true)], "{kind:?}");
    }
    assert!(firmware.steps(StepKind::Verify, &rig.task.node).is_empty());
    let management = &rig.hardware.management[0].1;
    let names =
        |kind| of(management.steps(kind, &rig.task.node)).into_iter().map(|row| row.0).collect::<Vec<_>>();
    let keys = ["clear_secure_boot_keys", "reset_secure_boot_keys_to_default"];
    assert_eq!(names(StepKind::Deploy), keys);
    assert_eq!(names(StepKind::Clean), [&keys[..], &["set_bmc_clock", "update_firmware"][..]].concat());
    assert_eq!(names(StepKind::Service), ["update_firmware"]);
}
