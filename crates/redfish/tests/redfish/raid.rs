//! RAID volumes: layouts that are made and taken apart, at once and at the next boot, and conductors that are lost.

use crate::support::{Rig, quick, run_step, run_step_losing};
use ferric_bmc_sim::{Fault, FaultKind};
use ferric_hardware::{HardwareErrorKind, StepOutcome};
use ferric_model::JsonMap;
use ferric_model::hardware::InterfaceKind;
use ferric_model::step::{Repeat, Step, StepKind};
use serde_json::{Value, json};

/// The server whose controller makes volumes at once, and the one that makes them at the next boot.
const AT_ONCE: usize = 0;
const AT_BOOT: usize = 1;

fn step(name: &str, args: Value) -> Step {
    let args = args.as_object().cloned().unwrap_or_default();
    Step { args, ..Step::new(InterfaceKind::Raid, name, 0) }
}

fn rig(server: usize, logical_disks: Value) -> Rig {
    let mut rig = Rig::at(server, quick());
    let config = json!({ "logical_disks": logical_disks });
    rig.task.node.spec.target_raid_config = config.as_object().cloned().unwrap();
    rig
}

fn levels(config: &JsonMap) -> Vec<String> {
    let disks = config["logical_disks"].as_array().unwrap();
    disks.iter().map(|disk| disk["raid_level"].as_str().unwrap().to_owned()).collect()
}

fn two_volumes() -> Value {
    json!([
        {"raid_level": "5", "size_gb": 20_000, "disk_type": "hdd", "volume_name": "data"},
        {"raid_level": "0", "size_gb": 100, "disk_type": "ssd", "is_root_volume": true},
    ])
}

#[tokio::test]
async fn a_volume_is_made_at_once_where_the_controller_can() {
    let mut rig = rig(AT_ONCE, json!([{"raid_level": "1", "size_gb": 500, "volume_name": "system"}]));
    let seen = run_step(&mut rig, StepKind::Clean, &step("create_configuration", json!({}))).await.unwrap();
    let config = seen.raid_config.unwrap();
    let disk = &config["logical_disks"][0];
    assert_eq!(
        (&disk["raid_level"], &disk["size_gb"], &disk["volume_name"]),
        (&json!("1"), &json!(500), &json!("system"))
    );
    assert_eq!(disk["physical_disks"].as_array().map(Vec::len), Some(2));
    assert_eq!((rig.server().counters.volumes_created, rig.resets()), (1, json!({})), "no reboot was needed");
    assert!(
        !rig.task.node.status.driver_internal_info.contains_key("redfish_raid"),
        "nothing is left behind"
    );

    // Once more: the first one goes before the second comes.
    run_step(&mut rig, StepKind::Clean, &step("create_configuration", json!({}))).await.unwrap();
    let counters = rig.server().counters;
    assert_eq!((counters.volumes_created, counters.volumes_deleted), (2, 1));

    let seen = run_step(&mut rig, StepKind::Clean, &step("delete_configuration", json!({}))).await.unwrap();
    assert_eq!(Value::from(seen.raid_config.unwrap()), json!({"logical_disks": []}));
}

#[tokio::test]
async fn volumes_that_need_a_boot_get_one_each_and_the_root_volume_comes_first() {
    let mut rig = rig(AT_BOOT, two_volumes());
    let seen = run_step(&mut rig, StepKind::Clean, &step("create_configuration", json!({}))).await.unwrap();
    let config = seen.raid_config.unwrap();
    assert_eq!(levels(&config), ["0", "5"]);
    assert_eq!(config["logical_disks"][0]["is_root_volume"], true);
    assert_eq!(config["logical_disks"][1]["volume_name"], "data");
    assert_eq!(rig.server().counters.boots, 2);

    let only_root = json!({"create_nonroot_volumes": false});
    let seen = run_step(&mut rig, StepKind::Clean, &step("create_configuration", only_root)).await.unwrap();
    assert_eq!(levels(&seen.raid_config.unwrap()), ["0"]);
    let kept = json!({"delete_existing": false, "raid_config": {"logical_disks": [{"raid_level": "6", "size_gb": "MAX"}]}});
    let seen = run_step(&mut rig, StepKind::Deploy, &step("apply_configuration", kept)).await.unwrap();
    assert_eq!(levels(&seen.raid_config.unwrap()), ["0", "6"]);
}

#[tokio::test]
async fn a_conductor_that_is_lost_at_any_moment_makes_no_volume_twice() {
    for server in [AT_ONCE, AT_BOOT] {
        let wanted = match server {
            AT_ONCE => json!([{"raid_level": "1", "size_gb": 100, "share_physical_disks": true},
                {"raid_level": "1", "size_gb": 200, "share_physical_disks": true}]),
            _ => two_volumes(),
        };
        for lost_at in 0..12 {
            let mut rig = rig(server, wanted.clone());
            let create = step("create_configuration", json!({}));
            let seen = run_step_losing(&mut rig, StepKind::Clean, &create, lost_at).await.unwrap();
            assert_eq!(seen.raid_config.unwrap()["logical_disks"].as_array().map(Vec::len), Some(2));
            assert_eq!(rig.server().counters.volumes_created, 2, "server {server}, lost at move {lost_at}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_is_found_out() {
    for server in [AT_ONCE, AT_BOOT] {
        let mut rig = rig(server, json!([{"raid_level": "0", "size_gb": 100}]));
        rig.fault(Fault::new(FaultKind::Refuse { after: true }).on("POST /Volumes"));
        run_step(&mut rig, StepKind::Clean, &step("create_configuration", json!({}))).await.unwrap();
        assert_eq!((rig.server().counters.volumes_created, rig.hits()), (1, 1));
    }
    let mut rig = rig(AT_ONCE, json!([{"raid_level": "0", "size_gb": 100}]));
    rig.fault(Fault::new(FaultKind::SlowTask { delay: None }).on("POST /Volumes"));
    run_step(&mut rig, StepKind::Clean, &step("create_configuration", json!({}))).await.unwrap();
    assert_eq!(rig.server().counters.volumes_created, 1);
}

#[tokio::test]
async fn where_the_ramdisk_runs_it_is_booted_again() {
    let mut rig = rig(AT_BOOT, json!([{"raid_level": "1", "size_gb": 100}]));
    let create = step("create_configuration", json!({}));
    rig.task.node.status.driver_internal_info.insert("agent_url".to_owned(), "https://10.0.0.9:9999".into());
    let interfaces = rig.interfaces();
    let mut outcome = interfaces.execute(&rig.task, StepKind::Clean, &create).await.unwrap();
    while let StepOutcome::Again(seen) = outcome {
        rig.store(seen);
        outcome = interfaces.resume(&rig.task, StepKind::Clean, &create).await.unwrap();
    }
    assert!(matches!(outcome, StepOutcome::RebootAndResume(_)), "{outcome:?}");
    assert_eq!(rig.resets(), json!({}), "the engine restarts the node");
}

#[tokio::test]
async fn a_layout_that_cannot_be_made_changes_nothing() {
    let mut rig = rig(AT_ONCE, json!([{"raid_level": "1", "size_gb": 100}]));
    run_step(&mut rig, StepKind::Clean, &step("create_configuration", json!({}))).await.unwrap();
    for layout in [
        json!([{"raid_level": "5", "size_gb": 100}]),
        json!([{"raid_level": "1", "size_gb": 100_000}]),
        json!([{"raid_level": "1", "size_gb": 1, "controller": "nobody"}]),
    ] {
        let args = json!({"raid_config": {"logical_disks": layout}});
        let error =
            run_step(&mut rig, StepKind::Deploy, &step("apply_configuration", args)).await.unwrap_err();
        assert_eq!(error.kind, HardwareErrorKind::InvalidParameter, "{error}");
    }
    rig.task.node.spec.target_raid_config.clear();
    let error =
        run_step(&mut rig, StepKind::Clean, &step("create_configuration", json!({}))).await.unwrap_err();
    assert!(error.summary.contains("no target RAID configuration"), "{error}");
    assert_eq!(rig.server().counters.volumes_deleted, 0);
}

#[test]
fn steps_that_make_volumes_are_not_repeated_and_need_the_ramdisk() {
    let rig = Rig::at(AT_ONCE, quick());
    let raid = &rig.hardware.raid[0].1;
    let of = |kind| {
        let mut names: Vec<String> =
            raid.steps(kind, &rig.task.node).into_iter().map(|step| step.step).collect();
        names.sort();
        names
    };
    assert_eq!(of(StepKind::Clean), ["create_configuration", "delete_configuration"]);
    assert_eq!(of(StepKind::Deploy), ["apply_configuration", "delete_configuration"]);
    assert_eq!(of(StepKind::Service), ["apply_configuration", "delete_configuration"]);
    let steps = raid.steps(StepKind::Clean, &rig.task.node);
    assert!(steps.iter().all(|step| step.priority == 0 && step.requires_ramdisk));
    assert_eq!(steps[0].repeat, Repeat::Once);
}
