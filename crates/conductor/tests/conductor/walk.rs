//! Each action on its good way, without a ramdisk.

use crate::hardware::Reaction;
use crate::scene::{Offer, Scene, step, within};
use ferric_hardware::HardwareErrorKind;
use ferric_model::action::Action;
use ferric_model::lifecycle::{Event, ProvisionState, Verb};
use ferric_model::power::{PowerState, PowerTarget};
use ferric_model::step::{Step, StepKind};
use ferric_model::task::{TaskState, params};
use serde_json::{Value, json};

#[tokio::test]
async fn a_new_node_is_verified() {
    within(async {
        let scene = Scene::set(Offer::default()).await;
        let _conductor = scene.start("c1");
        let node = scene.node(ProvisionState::Enroll, &[(Event::Manage, Some(Verb::Manage))]);
        let task = scene.plane.begin(node, Action::Verify, Value::Null).await;
        assert_eq!(scene.plane.ended(task).await.state, TaskState::Succeeded);
        assert_eq!(scene.state_of(node), "manageable");
        assert_eq!(scene.plane.node(node).power_state, Some(PowerState::Off));
        assert!(scene.log.count("observe") == 1);
        let state = scene.plane.state();
        assert_eq!(state.tokens, ["Bearer tell nobody"]);
        assert!(state.members["c1"].drivers_json.contains("scripted"));
    })
    .await;
}

#[tokio::test]
async fn steps_run_by_priority_and_each_is_announced_before_it_acts() {
    within(async {
        let steps = [("late", 10), ("early", 90), ("off", 0), ("dropped", 50)];
        let steps = steps.map(|(name, priority)| (StepKind::Deploy, step(name, priority))).to_vec();
        let scene = Scene::set(Offer { steps, ..Offer::default() }).await;
        let _conductor = scene.start("c1");
        let node = scene.deploying();
        let wishes = vec![step("off", 70), step("dropped", 0)];
        let params = json!(params::Deploy { rebuild: false, steps: wishes });
        let task = scene.plane.begin(node, Action::Deploy, params).await;
        assert_eq!(scene.plane.ended(task).await.state, TaskState::Succeeded);
        assert_eq!(scene.state_of(node), "active");
        assert_eq!(
            scene.log.take(),
            [
                "join",
                "claim deploy",
                "report continues: started early",
                "do early",
                "report continues: started off",
                "do off",
                "report continues: started late",
                "do late",
                "report succeeded done",
            ]
        );
        let node = scene.plane.node(node);
        assert!(node.status.deploy_step.is_empty());
        let seen = json!({"saw_early": true, "saw_off": true, "saw_late": true});
        assert_eq!(Value::from(node.status.driver_internal_info), seen);
    })
    .await;
}

#[tokio::test]
async fn chosen_clean_steps_run_in_their_order_and_end_in_manageable() {
    within(async {
        let steps = vec![(StepKind::Clean, step("a", 1)), (StepKind::Clean, step("b", 2))];
        let scene = Scene::set(Offer { steps, ..Offer::default() }).await;
        let _conductor = scene.start("c1");
        let node = scene.node(ProvisionState::Manageable, &[(Event::Clean, Some(Verb::Clean))]);
        let power = |name: &str| Step::new(ferric_model::hardware::InterfaceKind::Power, name, 0);
        let chosen = vec![step("a", 0), power("power_on"), step("b", 0), power("reboot"), step("a", 0)];
        let params = json!(params::Clean { enabled: true, steps: Some(chosen), disable_ramdisk: false });
        let task = scene.plane.begin(node, Action::Clean, params).await;
        assert_eq!(scene.plane.ended(task).await.state, TaskState::Succeeded);
        assert_eq!(scene.state_of(node), "manageable");
        let done: Vec<_> =
            scene.log.take().into_iter().filter(|line| !line.starts_with("report")).skip(2).collect();
        assert_eq!(done, ["do a", "power on", "do b", "rebooting", "do a"]);
    })
    .await;
}

#[tokio::test]
async fn cleaning_that_is_not_wanted_ends_at_once() {
    within(async {
        let steps = vec![(StepKind::Clean, step("a", 1))];
        let scene = Scene::set(Offer { steps, ramdisk: true, ..Offer::default() }).await;
        let _conductor = scene.start("c1");
        let node = scene.cleaning();
        let task = scene.plane.begin(node, Action::Clean, json!({"enabled": false})).await;
        scene.plane.ended(task).await;
        assert_eq!(scene.state_of(node), "available");
        assert_eq!(scene.log.take(), ["join", "claim clean", "report succeeded done"]);
    })
    .await;
}

#[tokio::test]
async fn tearing_down_goes_over_into_cleaning() {
    within(async {
        let scene =
            Scene::set(Offer { steps: vec![(StepKind::Clean, step("a", 1))], ..Offer::default() }).await;
        let _conductor = scene.start("c1");
        let node = scene.node(ProvisionState::Active, &[(Event::Delete, Some(Verb::Deleted))]);
        let task = scene.plane.begin(node, Action::TearDown, json!({"enabled": true})).await;
        scene.plane.ended(task).await;
        assert_eq!(scene.state_of(node), "available");
        assert_eq!(
            scene.log.take()[2..],
            [
                "tear down",
                "disconnect vifs",
                "report continues clean",
                "report continues: started a",
                "do a",
                "report succeeded done"
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn aborting_does_what_it_can() {
    within(async {
        let scene = Scene::set(Offer::default()).await;
        scene.script.on("clean up ramdisk", Reaction::Fail(HardwareErrorKind::Unreachable));
        let _conductor = scene.start("c1");
        let path =
            [(Event::Deploy, Some(Verb::Active)), (Event::Wait, None), (Event::Abort, Some(Verb::Abort))];
        let node = scene.node(ProvisionState::Available, &path);
        let aborted = json!(params::Abort { aborted: "deploy".into(), ..params::Abort::default() });
        let task = scene.plane.begin(node, Action::Abort, aborted).await;
        assert_eq!(scene.plane.ended(task).await.state, TaskState::Succeeded);
        assert_eq!(scene.state_of(node), "deploy failed");
        let expected = ["clean up ramdisk", "leave provisioning", "power off", "report succeeded"];
        assert_eq!(scene.log.take()[2..], expected);
    })
    .await;
}

#[tokio::test]
async fn power_changes_and_boot_devices_leave_the_state_alone() {
    within(async {
        let scene = Scene::set(Offer::default()).await;
        let _conductor = scene.start("c1");
        // From `wait call-back` a failure event would be legal; these actions must not cause it.
        let path = [(Event::Deploy, Some(Verb::Active)), (Event::Wait, None)];
        let node = scene.node(ProvisionState::Available, &path);
        let plane = &scene.plane;
        let power = |target| json!(params::Power { target, timeout_secs: None });

        let on = plane.begin(node, Action::Power, power(PowerTarget::On)).await;
        plane.ended(on).await;
        assert_eq!(plane.node(node).power_state, Some(PowerState::On));
        let soft = plane.begin(node, Action::Power, power(PowerTarget::SoftOff)).await;
        plane.ended(soft).await;
        assert_eq!(scene.log.count("soft power off within 600 s"), 1);
        let unsupported = plane.begin(node, Action::Power, power(PowerTarget::SoftReboot)).await;
        assert_eq!(plane.ended(unsupported).await.failure.unwrap().code, "unsupported");

        let read = plane.begin(node, Action::GetBootDevice, Value::Null).await;
        let result = plane.ended(read).await.result.unwrap();
        assert_eq!(result, json!({"boot_device": "disk", "persistent": true}));
        let device = json!(params::BootDevice { boot_device: "pxe".into(), persistent: false });
        let set = plane.begin(node, Action::SetBootDevice, device.clone()).await;
        assert_eq!(plane.ended(set).await.result, Some(json!({})));
        scene.script.on("boot device pxe false", Reaction::Fail(HardwareErrorKind::Refused));
        let failed = plane.begin(node, Action::SetBootDevice, device).await;
        let failure = plane.ended(failed).await.failure.unwrap();
        assert_eq!(failure.doing, "setting the boot device to 'pxe'");
        assert_eq!(scene.state_of(node), "wait call-back");
    })
    .await;
}

#[tokio::test]
async fn inspection_out_of_band_ends_at_once() {
    within(async {
        let scene = Scene::set(Offer::default()).await;
        let _conductor = scene.start("c1");
        let node = scene.node(ProvisionState::Manageable, &[(Event::Inspect, Some(Verb::Inspect))]);
        let task = scene.plane.begin(node, Action::Inspect, Value::Null).await;
        scene.plane.ended(task).await;
        assert_eq!(scene.state_of(node), "manageable");
        assert_eq!(scene.log.take()[2..], ["inspect", "report succeeded done"]);
    })
    .await;
}

#[tokio::test]
async fn attaching_a_vif_reports_what_changes_in_the_ports() {
    within(async {
        let scene = Scene::set(Offer::default()).await;
        let _conductor = scene.start("c1");
        let node = scene.node(ProvisionState::Available, &[]);
        let plane = &scene.plane;
        let vif = json!(params::AttachVif { vif: "v".into(), ..params::AttachVif::default() });
        let attached = plane.begin(node, Action::AttachVif, vif).await;
        let ended = plane.ended(attached).await;
        assert_eq!(ended.result, Some(json!({})));
        let changes = &ended.observed.last().unwrap().port_changes;
        assert_eq!(json!(changes[0].internal_info), json!({"vif": "v"}));
        scene.script.on("detach v", Reaction::Fail(HardwareErrorKind::Refused));
        let vif = json!(params::DetachVif { vif: "v".into() });
        let failed = plane.begin(node, Action::DetachVif, vif).await;
        assert_eq!(plane.ended(failed).await.failure.unwrap().doing, "detaching VIF v");
    })
    .await;
}
