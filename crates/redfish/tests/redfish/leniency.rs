//! Answers as firmware really gives them.

use crate::support::tree::SYSTEM;
use crate::support::{Answer, Service, Tree, clients, node, quick};
use ferric_hardware::{HardwareError, HardwareErrorKind};
use ferric_model::power::PowerState;
use serde_json::{Value, json};

async fn power_of(service: &Service, more: Value) -> Result<Option<PowerState>, HardwareError> {
    let mut node = node(json!({"redfish_address": service.url}));
    node.spec.driver_info.extend(more.as_object().cloned().unwrap());
    clients(quick()).power[0].1.get_power_state(&node).await
}

#[tokio::test]
async fn sloppy_collections_and_bodies_are_read() {
    for systems in [
        r#"{"Members":[{"@odata.id":"/redfish/v1/Systems/1"}],"Members@odata.count":"1"}"#,
        r#"{"Members":{"@odata.id":"/redfish/v1/Systems/1"}}"#,
        r#"{"Members":["/redfish/v1/Systems/1",null,{}],"Members@odata.count":null}"#,
        r#"{"Members":[],"Members@odata.nextLink":"/page2"}"#,
        "\u{feff}{\"Members\":[{\"@odata.id\":\"http://bmc.local:81/redfish/v1/Systems/1\"}]}",
    ] {
        let mut tree = Tree::new();
        tree.put("/page2", json!({"Members": [{"@odata.id": SYSTEM}], "Members@odata.nextLink": null}));
        let service = Service::start(move |seen| {
            if seen.path == "/redfish/v1/Systems" { Answer::status(200, systems) } else { tree.answer(seen) }
        })
        .await;
        assert_eq!(power_of(&service, json!({})).await.unwrap(), Some(PowerState::Off), "{systems}");
    }
}

#[tokio::test]
async fn what_cannot_be_understood_is_nonsense_and_says_so() {
    for body in ["<html>login</html>", "", "[]", "\"x\"", "{\"PowerState\":"] {
        let mut tree = Tree::new();
        let service =
            Service::start(
                move |seen| {
                    if seen.path == SYSTEM { Answer::status(200, body) } else { tree.answer(seen) }
                },
            )
            .await;
        let error = power_of(&service, json!({})).await.unwrap_err();
        assert_eq!((error.code, error.kind), ("redfish-nonsense", HardwareErrorKind::Nonsense), "{body}");
        assert_eq!(service.count(&format!("GET {SYSTEM}")), 3, "{body}");
    }
}

#[tokio::test]
async fn a_service_with_several_systems_asks_which_one_and_one_with_none_says_so() {
    let answer = |members: Value| {
        let mut tree = Tree::new();
        tree.put("/redfish/v1/Systems", json!({"Members": members}));
        move |seen: &crate::support::Seen| tree.answer(seen)
    };
    let two = json!([{"@odata.id": "/redfish/v1/Systems/1"}, {"@odata.id": "/redfish/v1/Systems/2"}]);
    let service = Service::start(answer(two.clone())).await;
    let error = power_of(&service, json!({})).await.unwrap_err();
    assert_eq!((error.code, error.kind), ("redfish-system-unclear", HardwareErrorKind::InvalidParameter));
    assert_eq!(error.evidence.as_deref(), Some("/redfish/v1/Systems/1, /redfish/v1/Systems/2"));
    // Told which one, neither root nor collection is needed.
    power_of(&service, json!({"redfish_system_id": SYSTEM})).await.unwrap();
    assert_eq!(service.count("GET /redfish/v1/Systems"), 2);
    let service = Service::start(answer(json!([]))).await;
    assert_eq!(power_of(&service, json!({})).await.unwrap_err().code, "redfish-unsupported");
}

#[tokio::test]
async fn a_prefix_in_front_of_the_service_is_kept() {
    let mut tree = Tree::new();
    let root = tree.0.remove("/redfish/v1/").unwrap();
    tree.put("/site/7/redfish/v1/", root);
    let service = Service::start(move |seen| tree.answer(seen)).await;
    let address = format!("{}/site/7/redfish/v1", service.url);
    assert_eq!(power_of(&service, json!({"redfish_address": address})).await.unwrap(), Some(PowerState::Off));
}

#[tokio::test]
async fn what_was_learned_of_a_service_is_forgotten_when_it_no_longer_holds() {
    let mut tree = Tree::new();
    let mut moved = false;
    let service = Service::start(move |seen| {
        if seen.path == SYSTEM && !moved {
            moved = true;
            let answer = tree.answer(seen);
            let system = tree.0.remove(SYSTEM).unwrap();
            tree.put("/redfish/v1/Systems/new", system);
            tree.put("/redfish/v1/Systems", json!({"Members": [{"@odata.id": "/redfish/v1/Systems/new"}]}));
            return answer;
        }
        tree.answer(seen)
    })
    .await;
    let hardware = clients(quick());
    let node = node(json!({"redfish_address": service.url}));
    let read = || hardware.power[0].1.get_power_state(&node);
    assert_eq!(read().await.unwrap(), Some(PowerState::Off));
    assert_eq!(read().await.unwrap_err().code, "redfish-not-found");
    assert_eq!(read().await.unwrap(), Some(PowerState::Off));
}
