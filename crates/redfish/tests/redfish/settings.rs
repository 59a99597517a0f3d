//! BIOS, boot settings, indicators, interrupts and media for users, against the simulator.

use crate::support::{Answer, Rig, Service, quick, run_step, run_step_losing, secs};
use ferric_bmc_sim::{Fault, FaultKind};
use ferric_hardware::{HardwareErrorKind, StepOutcome};
use ferric_model::hardware::InterfaceKind;
use ferric_model::power::PowerTarget;
use ferric_model::step::{Step, StepKind};
use ferric_model::task::params::AttachVirtualMedia;
use ferric_redfish::RedfishConfig;
use serde_json::{Value, json};

fn step(name: &str, settings: Value) -> Step {
    let mut step = Step::new(InterfaceKind::Bios, name, 0);
    if !settings.is_null() {
        step.args.insert("settings".to_owned(), settings);
    }
    step
}

#[tokio::test]
async fn bios_settings_are_read_with_what_the_registry_says() {
    let rig = Rig::new();
    let settings = rig.hardware.bios[0].1.read_settings(&rig.task).await.unwrap().unwrap();
    let smt = &settings["SmtControl"];
    assert_eq!((smt.value.as_deref(), smt.attribute_type.as_deref()), (Some("Enabled"), Some("Enumeration")));
    assert_eq!(smt.allowable_values.as_deref(), Some(&["Enabled".to_owned(), "Disabled".to_owned()][..]));
    assert_eq!(smt.read_only, Some(false));
}

#[tokio::test]
async fn bios_settings_are_in_force_when_their_step_ends() {
    let mut rig = Rig::new();
    rig.power(PowerTarget::On, secs(5)).await.unwrap();
    let apply = step("apply_configuration", json!([{"name": "SmtControl", "value": "Disabled"}]));
    let seen = run_step(&mut rig, StepKind::Clean, &apply).await.unwrap();
    assert_eq!(seen.bios.unwrap()["SmtControl"].value.as_deref(), Some("Disabled"));
    assert_eq!(rig.server().counters.boots, 2);
    assert!(!rig.task.node.status.driver_internal_info.contains_key("redfish_bios"));

    // They are in force: nothing is asked for and nothing is rebooted.
    run_step(&mut rig, StepKind::Deploy, &apply).await.unwrap();
    assert_eq!(rig.server().counters.boots, 2);

    let seen = run_step(&mut rig, StepKind::Service, &step("factory_reset", Value::Null)).await.unwrap();
    assert_eq!(seen.bios.unwrap()["SmtControl"].value.as_deref(), Some("Enabled"));

    for wrong in [
        json!([{"name": "NoSuch", "value": "1"}]),
        json!([{"name": "SmtControl"}]),
        json!([{"name": "SmtControl", "value": "Perhaps"}]),
        json!([]),
    ] {
        let refused = run_step(&mut rig, StepKind::Clean, &step("apply_configuration", wrong)).await;
        assert_eq!(refused.unwrap_err().kind, HardwareErrorKind::InvalidParameter);
    }
    assert_eq!(rig.server().counters.boots, 3);
}

#[tokio::test]
async fn bios_settings_that_the_firmware_drops_are_a_failure() {
    let mut rig = Rig::with(RedfishConfig { bios_timeout_secs: 0, ..quick() });
    rig.fault(Fault::new(FaultKind::LostPowerAction).on("PATCH /BIOS/Settings"));
    let apply = step("apply_configuration", json!([{"name": "SmtControl", "value": "Disabled"}]));
    let error = run_step(&mut rig, StepKind::Clean, &apply).await.unwrap_err();
    assert_eq!((error.code, rig.hits()), ("bios-settings-not-applied", 1));
    assert!(error.summary.contains("SmtControl"), "{error}");
}

#[tokio::test]
async fn bios_settings_survive_conductors_that_are_lost() {
    let apply = step("apply_configuration", json!([{"name": "SmtControl", "value": "Disabled"}]));
    for lost_at in 0..4 {
        let mut rig = Rig::new();
        let seen = run_step_losing(&mut rig, StepKind::Clean, &apply, lost_at).await.unwrap();
        assert_eq!(seen.bios.unwrap()["SmtControl"].value.as_deref(), Some("Disabled"), "lost at {lost_at}");
    }
}

#[tokio::test]
async fn a_running_ramdisk_is_booted_again_after_a_change() {
    let mut rig = Rig::new();
    let internal = &mut rig.task.node.status.driver_internal_info;
    internal.insert("agent_url".to_owned(), "https://10.0.0.9:9999".into());
    let apply = step("apply_configuration", json!([{"name": "SmtControl", "value": "Disabled"}]));
    let interfaces = rig.interfaces();
    let outcome = interfaces.execute(&rig.task, StepKind::Clean, &apply).await.unwrap();
    let StepOutcome::Again(seen) = outcome else { panic!("{outcome:?}") };
    rig.store(seen);
    let outcome = interfaces.resume(&rig.task, StepKind::Clean, &apply).await.unwrap();
    let StepOutcome::RebootAndResume(seen) = outcome else { panic!("{outcome:?}") };
    assert_eq!(rig.resets(), json!({}), "the engine restarts the node");
    rig.store(seen);
    rig.power(PowerTarget::Reboot, secs(5)).await.unwrap();
    let outcome = interfaces.resume(&rig.task, StepKind::Clean, &apply).await.unwrap();
    assert!(matches!(outcome, StepOutcome::Done(_)), "{outcome:?}");
}

#[tokio::test]
async fn boot_mode_and_secure_boot_are_set_and_confirmed() {
    let rig = Rig::new();
    let management = &rig.hardware.management[0].1;
    for (mode, word) in [("bios", "Legacy"), ("uefi", "UEFI"), ("uefi", "UEFI")] {
        let seen = management.set_boot_mode(&rig.task, mode).await.unwrap();
        assert_eq!((seen.boot_mode.as_deref(), rig.server().boot.mode.as_str()), (Some(mode), word));
    }
    let error = management.set_boot_mode(&rig.task, "dos").await.unwrap_err();
    assert_eq!(error.kind, HardwareErrorKind::InvalidParameter);
    for on in [true, false] {
        let seen = management.set_secure_boot(&rig.task, on).await.unwrap();
        assert_eq!(seen.secure_boot, Some(on));
    }
}

#[tokio::test]
async fn an_interrupt_is_a_reset_of_its_own_type() {
    let rig = Rig::new();
    let management = &rig.hardware.management[0].1;
    rig.power(PowerTarget::On, secs(5)).await.unwrap();
    management.inject_nmi(&rig.task).await.unwrap();
    assert_eq!(rig.resets()["Nmi"], 1);
}

#[tokio::test]
async fn indicators_are_listed_read_and_set() {
    let rig = Rig::new();
    let management = &rig.hardware.management[0].1;
    let all = management.list_indicators(&rig.task).await.unwrap();
    let lamp = all.iter().find(|lamp| lamp.component == "system").unwrap();
    for state in ["on", "blinking", "off"] {
        management.set_indicator(&rig.task, "system", &lamp.name, state).await.unwrap();
        assert_eq!(management.get_indicator(&rig.task, "system", &lamp.name).await.unwrap(), state);
    }
    for (name, state) in [("nobody", "on"), (lamp.name.as_str(), "pink")] {
        let error = management.set_indicator(&rig.task, "system", name, state).await.unwrap_err();
        assert_eq!(error.kind, HardwareErrorKind::InvalidParameter);
    }
}

#[tokio::test]
async fn media_are_attached_by_kind_listed_and_detached() {
    let rig = Rig::new();
    let images = Service::start(|_| Answer::status(200, vec![0; 4096])).await;
    let management = &rig.hardware.management[0].1;
    let media = |device: &str, source: &str| AttachVirtualMedia {
        device_type: device.to_owned(),
        image_url: format!("{}/{device}.img", images.url),
        image_download_source: source.to_owned(),
    };
    management.attach_virtual_media(&rig.task, &media("cdrom", "http")).await.unwrap();
    management.attach_virtual_media(&rig.task, &media("disk", "local")).await.unwrap();
    let inserted = async || {
        let slots = management.get_virtual_media(&rig.task).await.unwrap();
        slots.iter().filter(|slot| slot.inserted).map(|slot| slot.media_types[0].clone()).collect::<Vec<_>>()
    };
    assert_eq!(inserted().await, ["CD", "USBStick"]);
    management.detach_virtual_media(&rig.task, Some(&["cdrom".to_owned()])).await.unwrap();
    assert_eq!(inserted().await, ["USBStick"]);
    management.detach_virtual_media(&rig.task, None).await.unwrap();
    assert!(inserted().await.is_empty());
    for wrong in [media("tape", "http"), media("cdrom", "swift")] {
        let error = management.attach_virtual_media(&rig.task, &wrong).await.unwrap_err();
        assert_eq!(error.kind, HardwareErrorKind::InvalidParameter);
    }
}
