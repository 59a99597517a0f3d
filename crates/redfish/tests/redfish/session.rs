//! Who we are to a BMC: sessions, their renewal, basic authentication, and what is shared between nodes.

use crate::support::tree::SYSTEM;
use crate::support::{Answer, Rig, Seen, Service, Tree, clients, node, quick, secs};
use ferric_bmc_sim::{Fault, FaultKind};
use ferric_hardware::{Generic, HardwareErrorKind, HardwareType};
use ferric_model::node::Node;
use ferric_redfish::{RedfishClients, RedfishConfig, hardware_type};
use futures::future::join_all;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Barrier;

const SESSIONS: &str = "/redfish/v1/door";
const PASSWORD: &str = "calvin-7";

async fn read(hardware: &HardwareType, node: &Node) -> Result<(), ferric_hardware::HardwareError> {
    hardware.power[0].1.get_power_state(node).await.map(drop)
}

fn node_at(service: &Service, more: Value) -> Node {
    let mut node = node(
        json!({"redfish_address": service.url, "redfish_username": "root", "redfish_password": PASSWORD}),
    );
    node.spec.driver_info.extend(more.as_object().cloned().unwrap());
    node
}

/// A service whose sessions lie where only a link leads, and whose only valid token is the last one given out, until
/// somebody raises `expired`.
fn with_sessions(expired: Arc<AtomicUsize>) -> impl FnMut(&Seen) -> Answer + Send {
    let mut tree = Tree::new();
    tree.0.get_mut("/redfish/v1/").unwrap()["Links"] = json!({"Sessions": {"@odata.id": SESSIONS}});
    move |seen| {
        if seen.path == SESSIONS {
            if seen.body != json!({"UserName": "root", "Password": PASSWORD}) {
                return Answer::status(401, "");
            }
            let token = format!("token-{}", expired.load(Ordering::SeqCst));
            return Answer::status(201, "{}").with("x-auth-token", token);
        }
        let valid = format!("token-{}", expired.load(Ordering::SeqCst));
        let known = seen.header("x-auth-token") == Some(&valid) || seen.path == "/redfish/v1/";
        assert!(seen.header("authorization").is_none());
        if known { tree.answer(seen) } else { Answer::status(401, "") }
    }
}

#[tokio::test]
async fn a_session_is_found_by_its_link_shared_by_nodes_and_renewed_once_for_all() {
    let expired = Arc::new(AtomicUsize::new(0));
    let service = Service::start(with_sessions(Arc::clone(&expired))).await;
    let hardware = clients(quick());
    let nodes: Vec<Node> = (0..8).map(|_| node_at(&service, json!({}))).collect();
    let read_all = || async {
        for result in join_all(nodes.iter().map(|node| read(&hardware, node))).await {
            result.unwrap();
        }
    };
    read_all().await;
    assert_eq!(service.count("POST /redfish/v1/door"), 1);
    expired.fetch_add(1, Ordering::SeqCst);
    read_all().await;
    assert_eq!(service.count("POST /redfish/v1/door"), 2);
}

#[tokio::test]
async fn nodes_with_another_password_share_nothing() {
    let service = Service::start(with_sessions(Arc::default())).await;
    let hardware = clients(quick());
    read(&hardware, &node_at(&service, json!({}))).await.unwrap();
    let error =
        read(&hardware, &node_at(&service, json!({"redfish_password": "wrong-9"}))).await.unwrap_err();
    assert_eq!((error.code, error.kind), ("redfish-unauthorized", HardwareErrorKind::Unauthorized));
    assert!(!format!("{error:?}").contains("wrong-9"));
    read(&hardware, &node_at(&service, json!({}))).await.unwrap();
    assert_eq!(service.count("POST /redfish/v1/door"), 2);
}

#[tokio::test]
async fn the_number_of_kept_sessions_is_bounded() {
    let one = Service::start(with_sessions(Arc::default())).await;
    let two = Service::start(with_sessions(Arc::default())).await;
    let hardware = clients(RedfishConfig { cached_bmcs: 1, ..quick() });
    for service in [&one, &one, &two, &one] {
        read(&hardware, &node_at(service, json!({}))).await.unwrap();
    }
    assert_eq!((one.count("POST"), two.count("POST")), (2, 1));
}

#[tokio::test]
async fn a_session_is_ended_when_its_bmc_makes_room_or_the_process_leaves() {
    let [one, two] = [Rig::new(), Rig::new()];
    let config = RedfishConfig { cached_bmcs: 1, ..quick() };
    let clients = Arc::new(RedfishClients::new(config).on_host("c1"));
    let hardware = hardware_type(Arc::clone(&clients), Generic::default());
    read(&hardware, &one.task.node).await.unwrap();
    let sessions = one.simulator.sessions();
    assert_eq!(sessions.len(), 1);
    assert!(sessions[0].client.as_ref().unwrap().ends_with("(c1)"), "{sessions:?}");
    read(&hardware, &two.task.node).await.unwrap();
    clients.close(secs(20)).await;
    for rig in [one, two] {
        let counts = rig.simulator.session_counts();
        assert_eq!((counts.opened, counts.logged_out, rig.simulator.sessions().len()), (1, 1, 0));
    }
}

#[tokio::test]
async fn a_session_that_somebody_uses_outlives_its_place_in_the_cache() {
    let [one, two, three] = [Rig::new(), Rig::new(), Rig::new()];
    let clients = Arc::new(RedfishClients::new(RedfishConfig { cached_bmcs: 1, ..quick() }));
    let hardware = hardware_type(Arc::clone(&clients), Generic::default());
    let used = clients.open(&one.task.node).unwrap();
    for rig in [&one, &two, &three] {
        read(&hardware, &rig.task.node).await.unwrap();
    }
    assert_eq!(one.simulator.session_counts().logged_out, 0);
    drop(used);
    clients.close(secs(20)).await;
    assert_eq!(one.simulator.session_counts().logged_out, 1);
}

#[tokio::test]
async fn a_bmc_that_does_not_answer_the_farewell_holds_nobody_up() {
    let rig = Rig::new();
    let clients = Arc::new(RedfishClients::new(quick()));
    let hardware = hardware_type(Arc::clone(&clients), Generic::default());
    read(&hardware, &rig.task.node).await.unwrap();
    rig.simulator.fault_everywhere(Fault::new(FaultKind::Hang).on("DELETE Sessions"));
    clients.close(std::time::Duration::from_millis(50)).await;
    assert_eq!(rig.simulator.sessions().len(), 1);
}

#[tokio::test]
async fn without_a_session_service_basic_serves_unless_a_session_is_wanted() {
    let answer = || {
        let mut tree = Tree::new();
        move |seen: &Seen| match seen.header("authorization") {
            Some("Basic cm9vdDpjYWx2aW4tNw==") => tree.answer(seen),
            _ if seen.path == "/redfish/v1/" => tree.answer(seen),
            _ => Answer::status(401, ""),
        }
    };
    for kind in ["auto", "basic"] {
        let service = Service::start(answer()).await;
        read(&clients(quick()), &node_at(&service, json!({"redfish_auth_type": kind}))).await.unwrap();
    }
    let service = Service::start(answer()).await;
    let error = read(&clients(quick()), &node_at(&service, json!({"redfish_auth_type": "session"})))
        .await
        .unwrap_err();
    assert_eq!(error.code, "redfish-unsupported");
    assert!(error.summary.contains("session service"), "{error}");
}

#[tokio::test]
async fn a_session_service_that_is_full_or_broken_gives_way_to_basic() {
    for status in [400, 405, 501, 503] {
        let mut tree = Tree::new();
        tree.0.get_mut("/redfish/v1/").unwrap()["SessionService"] = json!({"@odata.id": "/redfish/v1/ss"});
        tree.put("/redfish/v1/ss", json!({"Sessions": {"@odata.id": SESSIONS}}));
        let service = Service::start(move |seen| match seen.path.as_str() {
            SESSIONS => Answer::status(status, ""),
            "/redfish/v1/" => tree.answer(seen),
            _ if seen.header("authorization").is_some() => tree.answer(seen),
            _ => Answer::status(401, ""),
        })
        .await;
        read(&clients(quick()), &node_at(&service, json!({}))).await.unwrap();
        assert_eq!(service.count("POST"), 1, "{status}");
    }
}

#[tokio::test]
async fn a_password_that_the_login_refuses_is_not_tried_in_another_way() {
    let service = Service::start(with_sessions(Arc::default())).await;
    let error = read(&clients(quick()), &node_at(&service, json!({"redfish_password": "wrong-9"})))
        .await
        .unwrap_err();
    assert_eq!(error.code, "redfish-unauthorized");
    let lines: Vec<String> = service.seen().iter().map(Seen::line).collect();
    assert_eq!(lines, ["GET /redfish/v1/", "POST /redfish/v1/door"]);
}

#[tokio::test]
async fn neither_token_nor_action_leaves_for_another_host_or_turns_into_a_read() {
    let other = Service::start(|_| Answer::status(200, "{}")).await;
    let elsewhere = format!("{}/redfish/v1/Systems/1", other.url);
    let mut tree = Tree::new();
    let service = Service::start(move |seen| match (seen.method.as_str(), seen.path.as_str()) {
        ("GET", "/redfish/v1/Systems/old") => Answer::status(308, "").with("location", elsewhere.clone()),
        ("POST", _) => Answer::status(302, "").with("location", "/redfish/v1/Systems/1"),
        _ => tree.answer(seen),
    })
    .await;
    let hardware = clients(quick());
    let node = node_at(
        &service,
        json!({"redfish_system_id": "/redfish/v1/Systems/old", "redfish_auth_type": "basic"}),
    );
    read(&hardware, &node).await.unwrap();
    assert!(other.seen().is_empty());
    let task = crate::support::task(node);
    let target = ferric_model::power::PowerTarget::On;
    let error =
        hardware.power[0].1.set_power_state(&task, target, crate::support::secs(20)).await.unwrap_err();
    assert_eq!(error.code, "redfish-refused");
    assert_eq!(service.count("POST"), 1);
}

#[tokio::test]
async fn the_simulator_accepts_renewed_sessions_and_its_refusals_are_understood() {
    let rig = Rig::new();
    rig.power_state().await.unwrap();
    rig.simulator.expire_sessions();
    rig.simulator.fault_everywhere(Fault::new(FaultKind::Refuse { after: true }).on("POST Sessions"));
    rig.power_state().await.unwrap();
    rig.fault(Fault::new(FaultKind::WrongCredentials).forever());
    let error = rig.power_state().await.unwrap_err();
    assert_eq!((error.code, error.kind), ("redfish-unauthorized", HardwareErrorKind::Unauthorized));
    assert!(error.advice.contains("redfish_username"));
    // The refused read, and the one after the renewal.
    assert_eq!(rig.hits(), 2);
}

#[tokio::test]
async fn one_bmc_is_not_asked_more_at_once_than_its_budget() {
    // Nobody is answered alone: with a smaller budget nothing would ever be answered, with a larger one more than two
    // would be seen at once.
    let pair = Arc::new(Barrier::new(2));
    let mut tree = Tree::new();
    let service =
        Service::start(move |seen| Answer::After(Arc::clone(&pair), Box::new(tree.answer(seen)))).await;
    let hardware = clients(RedfishConfig { requests_per_bmc: 2, ..quick() });
    // Different users have different sessions and share the budget of the address all the same.
    let nodes: Vec<Node> = (0..8)
        .map(|user| {
            node_at(
                &service,
                json!({"redfish_username": format!("user{user}"),
            "redfish_auth_type": "basic", "redfish_system_id": SYSTEM}),
            )
        })
        .collect();
    for result in join_all(nodes.iter().map(|node| read(&hardware, node))).await {
        result.unwrap();
    }
    assert_eq!((service.most_at_once(), service.seen().len()), (2, 8));
}
