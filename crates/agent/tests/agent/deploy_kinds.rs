//! The other deploy interfaces: which steps they have, and what they need.

use crate::fake_node::{deploy, instance, interfaces, settle, task};
use ferric_agent::deploy_interfaces;
use ferric_artifacts::image::{ImageConfig, Images};
use ferric_artifacts::source::SourceConfig;
use ferric_hardware::HardwareErrorKind;
use ferric_model::power::PowerState::{Off, On};
use ferric_model::step::StepKind;
use serde_json::json;

#[test]
fn each_interface_has_its_steps() {
    let node = task("").node;
    let names = |interface: &str| -> Vec<(String, i64)> {
        let steps = deploy(interface, ImageConfig::default()).steps(StepKind::Deploy, &node);
        steps.into_iter().map(|step| (step.step, step.priority)).collect()
    };
    let row = |name: &str, priority: i64| (name.to_owned(), priority);
    assert_eq!(names("ramdisk"), [row("deploy", 100)]);
    assert_eq!(
        names("custom-agent"),
        [
            row("deploy", 100),
            row("prepare_instance_boot", 60),
            row("tear_down_agent", 40),
            row("switch_to_tenant_network", 30),
            row("boot_instance", 20)
        ]
    );
    let bootc = names("bootc");
    assert!(
        bootc.contains(&row("execute_bootc_install", 80)) && bootc.contains(&row("set_boot_to_disk", 60)),
        "{bootc:?}"
    );
    let images = Images::new(SourceConfig::default(), ImageConfig::default()).unwrap();
    let all: Vec<_> =
        deploy_interfaces(&crate::fake_node::agents(), &images).into_iter().map(|(name, _)| name).collect();
    assert_eq!(all, ["direct", "ramdisk", "bootc", "custom-agent", "autodetect"]);
}

#[test]
fn each_interface_names_what_it_needs() {
    for (interface, values, word) in [
        ("ramdisk", json!({"kernel": "http://h/k"}), "boot_iso"),
        ("bootc", json!({"image_source": "http://h/a"}), "oci://"),
        ("bootc", json!({"image_source": "oci://h/a", "configdrive": "a b"}), "configdrive"),
        ("custom-agent", json!({"configdrive": 5}), "configdrive"),
        ("autodetect", json!({}), "image_source"),
    ] {
        let mut task = task("");
        instance(&mut task, values);
        let error = deploy(interface, ImageConfig::default()).validate(&task.node).unwrap_err();
        assert_eq!(error.kind, HardwareErrorKind::InvalidParameter, "{interface}: {error}");
        assert!(error.summary.contains(word), "{interface}: {error}");
    }
    for (interface, values) in [
        ("ramdisk", json!({"boot_iso": "http://h/a.iso"})),
        ("ramdisk", json!({"kernel": "http://h/k", "ramdisk": "http://h/r"})),
        ("bootc", json!({"image_source": "oci://h/a"})),
        ("custom-agent", json!({})),
        ("autodetect", json!({"boot_iso": "http://h/a.iso", "ironic_ramdisk_deploy": "true"})),
    ] {
        let mut task = task("");
        instance(&mut task, values);
        deploy(interface, ImageConfig::default()).validate(&task.node).unwrap();
    }
}

#[tokio::test]
async fn a_ramdisk_deployment_writes_nothing_and_boots_what_the_user_named() {
    let mut task = task("");
    instance(&mut task, json!({"boot_iso": "http://h/a.iso"}));
    let (interfaces, log) = interfaces(&task.node, &[On]);
    let ramdisk = deploy("ramdisk", ImageConfig::default());
    let step = ramdisk.steps(StepKind::Deploy, &task.node).remove(0);
    for taken_over in [false, true] {
        let outcome = match taken_over {
            false => ramdisk.execute(&task, &interfaces, StepKind::Deploy, &step).await.unwrap(),
            true => ramdisk.resume(&task, &interfaces, StepKind::Deploy, &step).await.unwrap(),
        };
        assert_eq!(settle(&mut task, &outcome), "done");
        assert_eq!(log.take(), ["set power off", "prepare_instance", "set power on"]);
        assert_eq!(task.node.power_state, Some(On));
    }
    let observed = ramdisk.tear_down(&task, &interfaces).await.unwrap();
    assert_eq!(
        (observed.power_state, log.take()),
        (Some(Off), vec!["set power off".to_owned(), "clean_up_instance".to_owned()])
    );
}
