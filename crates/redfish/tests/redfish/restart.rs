//! Restarts, which are never sent twice, and power readings of every kind.

use crate::support::tree::RESET;
use crate::support::{Answer, Service, Tree, clients, node, quick, secs, task};
use ferric_hardware::{HardwareErrorKind, TaskView};
use ferric_model::power::{PowerState, PowerTarget};
use serde_json::{Value, json};

fn restartable(service: &Service) -> TaskView {
    let mut task = task(node(json!({"redfish_address": service.url})));
    task.node.spec.disable_power_off = true;
    task
}

#[tokio::test]
async fn a_restart_that_nobody_can_tell_of_is_not_repeated() {
    let mut tree = Tree::new();
    tree.system()["PowerState"] = json!("On");
    let service =
        Service::start(move |seen| if seen.path == RESET { Answer::Close } else { tree.answer(seen) }).await;
    let power = &clients(quick()).power[0].1;
    let error =
        power.set_power_state(&restartable(&service), PowerTarget::Reboot, secs(20)).await.unwrap_err();
    assert_eq!((error.code, error.kind), ("redfish-outcome-unknown", HardwareErrorKind::Unknown));
    assert_eq!(service.count("POST"), 1);
}

#[tokio::test]
async fn a_restart_whose_answer_is_lost_is_known_by_its_time() {
    let mut tree = Tree::new();
    tree.system()["PowerState"] = json!("On");
    tree.system()["LastResetTime"] = json!("2026-01-01T00:00:00Z");
    let service = Service::start(move |seen| {
        if seen.path == RESET {
            tree.system()["LastResetTime"] = json!("2026-01-02T00:00:00Z");
            return Answer::Close;
        }
        tree.answer(seen)
    })
    .await;
    let power = &clients(quick()).power[0].1;
    power.set_power_state(&restartable(&service), PowerTarget::Reboot, secs(20)).await.unwrap();
    let posted: Vec<Value> =
        service.seen().into_iter().filter(|seen| seen.method == "POST").map(|seen| seen.body).collect();
    assert_eq!(posted, [json!({"ResetType": "ForceRestart"})]);
}

#[tokio::test]
async fn a_restart_that_shows_no_sign_is_believed_if_it_was_accepted() {
    let mut tree = Tree::new();
    tree.system()["PowerState"] = json!("On");
    let service = Service::start(move |seen| tree.answer(seen)).await;
    let power = &clients(quick()).power[0].1;
    power.set_power_state(&restartable(&service), PowerTarget::SoftReboot, secs(20)).await.unwrap();
    assert_eq!(service.count("POST"), 1);
}

#[tokio::test]
async fn power_readings_are_mapped_and_what_makes_no_sense_is_nothing() {
    for (word, state) in [
        (json!("On"), Some(PowerState::On)),
        (json!("PoweringOn"), Some(PowerState::On)),
        (json!("Off"), Some(PowerState::Off)),
        (json!("PoweringOff"), Some(PowerState::Off)),
        (json!("Paused"), None),
        (json!(null), None),
        (json!(1), None),
    ] {
        let mut tree = Tree::new();
        tree.system()["PowerState"] = word.clone();
        let service = Service::start(move |seen| tree.answer(seen)).await;
        let power = &clients(quick()).power[0].1;
        let read = power.get_power_state(&node(json!({"redfish_address": service.url}))).await.unwrap();
        assert_eq!(read, state, "{word}");
    }
}

#[tokio::test]
async fn on_its_way_is_not_there_yet() {
    // The third look finds it off; what is said before must not count.
    let mut tree = Tree::new();
    tree.system()["PowerState"] = json!("On");
    let mut looks = 0;
    let service = Service::start(move |seen| {
        if seen.path == RESET {
            tree.system()["PowerState"] = json!("PoweringOff");
        } else if tree.system()["PowerState"] == "PoweringOff" {
            looks += 1;
            if looks == 3 {
                tree.system()["PowerState"] = json!("Off");
            }
        }
        tree.answer(seen)
    })
    .await;
    let power = &clients(quick()).power[0].1;
    let task = task(node(json!({"redfish_address": service.url})));
    power.set_power_state(&task, PowerTarget::Off, secs(20)).await.unwrap();
    assert_eq!(service.count("POST"), 1);
    assert_eq!(service.count("GET /redfish/v1/Systems/1"), 4);
}

#[tokio::test]
async fn only_allowed_resets_are_sent_wherever_the_bmc_lists_them() {
    let mut tree = Tree::new();
    tree.system()["Actions"]["#ComputerSystem.Reset"]["@Redfish.ActionInfo"] = json!({"@odata.id": "/info"});
    tree.put(
        "/info",
        json!({"Parameters": [{"Name": "ResetType", "AllowableValues": ["ForceOn", "ForceOff"]}]}),
    );
    let service = Service::start(move |seen| {
        if seen.path == RESET {
            tree.system()["PowerState"] = json!("On");
        }
        tree.answer(seen)
    })
    .await;
    let power = &clients(quick()).power[0].1;
    let task = task(node(json!({"redfish_address": service.url})));
    power.set_power_state(&task, PowerTarget::On, secs(20)).await.unwrap();
    let sent = service.seen().into_iter().find(|seen| seen.method == "POST").unwrap();
    assert_eq!(sent.body, json!({"ResetType": "ForceOn"}));
    let error = power.set_power_state(&task, PowerTarget::SoftOff, secs(20)).await.unwrap_err();
    assert_eq!(error.kind, HardwareErrorKind::Unsupported);
    assert!(error.evidence.unwrap().contains("ForceOn, ForceOff"));
    assert_eq!(service.count("POST"), 1);
}
