//! Single operations, and the steps of interfaces beside the deploy interface.

use crate::control_plane::Trouble;
use crate::hardware::Reaction;
use crate::scene::{Offer, Scene, within};
use ferric_hardware::HardwareErrorKind;
use ferric_model::action::Action;
use ferric_model::hardware::InterfaceKind::{self, Bios, Raid, Vendor};
use ferric_model::lifecycle::{Event, ProvisionState, Verb};
use ferric_model::step::Step;
use ferric_model::task::{TaskState, params};
use ferric_proto::v1::action_envelope::Work;
use ferric_proto::v1::end_driver_call_request::Outcome;
use ferric_proto::v1::{DriverCall, DriverCallWork};
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn operations_reach_their_interface_and_leave_the_state_alone() {
    within(async {
        let scene = Scene::set(Offer::default()).await;
        let _conductor = scene.start("c1");
        // From `wait call-back` a failure event would be legal; these actions must not cause it.
        let path = [(Event::Deploy, Some(Verb::Active)), (Event::Wait, None)];
        let node = with_vendor(&scene, scene.node(ProvisionState::Available, &path));
        let media = json!({"device_type": "cdrom", "image_url": "http://a", "image_download_source": "http"});
        let bar =
            |bar: &str| json!({"method": "third_method_sync", "http_method": "POST", "args": {"bar": bar}});
        let rows = [
            (Action::SetBootMode, json!({"target": "uefi"}), Some("boot mode uefi"), Value::Null),
            (Action::SetSecureBoot, json!({"target": true}), Some("secure boot true"), Value::Null),
            (Action::InjectNmi, Value::Null, Some("nmi"), Value::Null),
            (Action::AttachVirtualMedia, media, Some("insert cdrom from http://a"), Value::Null),
            (Action::DetachVirtualMedia, Value::Null, Some("eject None"), Value::Null),
            (Action::StartConsole, Value::Null, None, Value::Null),
            (Action::GetConsole, Value::Null, None, json!({})),
            (Action::CallVendorMethod, bar("meow"), None, json!(true)),
            (Action::RunVendorMethod, bar("woof"), None, json!(false)),
        ];
        let mut seen = Vec::new();
        for (action, params, noted, result) in rows {
            let task = scene.plane.begin(node, action, params).await;
            let ended = scene.plane.ended(task).await;
            assert_eq!(ended.state, TaskState::Succeeded, "{action:?}: {:?}", ended.failure);
            assert_eq!(ended.result.unwrap_or_default(), result, "{action:?}");
            if let Some(noted) = noted {
                assert_eq!(scene.log.count(noted), 1, "{action:?}");
            }
            seen.push(ended.observed.into_iter().last().unwrap());
        }
        let told: Vec<_> =
            seen.iter().map(|o| (o.boot_mode.as_deref(), o.secure_boot, o.console_enabled)).collect();
        assert_eq!(told[0], (Some("uefi"), None, None));
        assert_eq!(told[1], (None, Some(true), None));
        assert_eq!(told[5], (None, None, Some(true)));

        scene.script.on("boot mode bios", Reaction::Fail(HardwareErrorKind::Refused));
        let failed = scene.plane.begin(node, Action::SetBootMode, json!({"target": "bios"})).await;
        let failure = scene.plane.ended(failed).await.failure.unwrap();
        assert_eq!(failure.doing, "changing the boot mode to 'bios'");
        let unsupported = scene.plane.begin(node, Action::ListIndicators, Value::Null).await;
        let failure = scene.plane.ended(unsupported).await.failure.unwrap();
        assert_eq!(
            (failure.code.as_str(), failure.summary.as_str()),
            (
                "unsupported",
                "Driver scripted does not support get_supported_indicators (disabled or not implemented)."
            )
        );
        assert_eq!(scene.state_of(node), "wait call-back");
    })
    .await;
}

/// The node with the fake vendor interface.
fn with_vendor(scene: &Scene, node: Uuid) -> Uuid {
    scene.plane.change(|state| {
        state.nodes.get_mut(&node).unwrap().spec.interfaces.insert(Vendor, "fake".to_owned());
    });
    node
}

fn cleaning(scene: &Scene) -> Uuid {
    with_vendor(scene, scene.node(ProvisionState::Manageable, &[(Event::Clean, Some(Verb::Clean))]))
}

fn step(interface: InterfaceKind, name: &str, args: Value) -> Step {
    Step { args: args.as_object().cloned().unwrap(), ..Step::new(interface, name, 0) }
}

fn chosen(steps: Vec<Step>) -> Value {
    json!(params::Clean { enabled: true, steps: Some(steps), disable_ramdisk: false })
}

#[tokio::test]
async fn steps_of_every_interface_can_be_chosen_and_tell_what_they_changed() {
    within(async {
        let scene = Scene::set(Offer::default()).await;
        let _conductor = scene.start("c1");
        let node = cleaning(&scene);
        let layout = json!({"logical_disks": [{"size_gb": 1}]}).as_object().cloned().unwrap();
        scene.plane.change(|state| {
            state.nodes.get_mut(&node).unwrap().spec.target_raid_config = layout.clone();
        });
        let settings = json!({"settings": [{"name": "virt", "value": "on"}, {"name": "cores", "value": 4}]});
        let steps = vec![
            step(Bios, "apply_configuration", settings),
            step(Raid, "create_configuration", json!({})),
            step(Vendor, "log_passthrough", json!({})),
        ];
        let task = scene.plane.begin(node, Action::Clean, chosen(steps)).await;
        let ended = scene.plane.ended(task).await;
        assert_eq!(ended.state, TaskState::Succeeded, "{:?}", ended.failure);
        assert_eq!(scene.state_of(node), "manageable");
        let raid: Vec<_> = ended.observed.iter().filter_map(|seen| seen.raid_config.clone()).collect();
        assert_eq!(raid, [layout]);
        let bios = ended.observed.iter().find_map(|seen| seen.bios.as_ref()).unwrap();
        let values: Vec<_> = bios.iter().map(|(n, s)| (n.as_str(), s.value.as_deref().unwrap())).collect();
        assert_eq!(values, [("cores", "4"), ("virt", "on")]);
    })
    .await;
}

#[tokio::test]
async fn arguments_that_a_step_does_not_take_are_refused_before_anything_is_done() {
    within(async {
        let scene = Scene::set(Offer::default()).await;
        let _conductor = scene.start("c1");
        let missing = step(Bios, "apply_configuration", json!({}));
        let unknown = step(Bios, "factory_reset", json!({"really": true}));
        for (wrong, word) in [(missing, "needs the argument 'settings'"), (unknown, "no argument 'really'")] {
            let steps = vec![step(Vendor, "log_passthrough", json!({})), wrong];
            let task = scene.plane.begin(cleaning(&scene), Action::Clean, chosen(steps)).await;
            let failure = scene.plane.ended(task).await.failure.unwrap();
            assert_eq!(failure.code, "invalid-parameter");
            assert!(failure.summary.contains(word), "{}", failure.summary);
        }
        assert_eq!(scene.log.count("report continues: started log_passthrough"), 0);
    })
    .await;
}

#[tokio::test]
async fn a_call_for_no_node_is_taken_once_and_answered_whatever_happens() {
    within(async {
        let scene = Scene::set(Offer::default()).await;
        let _conductor = scene.start("c1");
        let call = |interface: &str| DriverCall {
            driver: "scripted".to_owned(),
            interface: interface.to_owned(),
            method: "greet".to_owned(),
            http_method: "GET".to_owned(),
            args_json: "{}".to_owned(),
        };
        scene.plane.change(|state| {
            state.driver_calls.insert("a".to_owned(), call("fake"));
            state.driver_calls.insert("b".to_owned(), call("nowhere"));
            state.trouble.insert("end_driver_call", [Trouble::AnswerLost].into());
        });
        for id in ["a", "b", "gone"] {
            let work = DriverCallWork { call_id: id.to_owned(), ..DriverCallWork::default() };
            scene.plane.publish(Work::DriverCall(work)).await;
        }
        scene.plane.wait_until(|state| state.ended_calls.len() == 2).await;
        let codes = scene.plane.change(|state| {
            state
                .ended_calls
                .values()
                .map(|outcome| match outcome {
                    Outcome::Failed(failed) => failed.code.clone(),
                    Outcome::ResultJson(json) => json.clone(),
                })
                .collect::<Vec<_>>()
        });
        assert_eq!(codes, ["unsupported", "driver-not-enabled"]);
    })
    .await;
}
