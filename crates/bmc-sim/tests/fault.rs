//! Every fault a BMC can be told to have.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is test code outside test functions")]

mod support;

use std::time::Duration;

use ferric_bmc_sim::{Fault, FaultKind, PowerState, ResetType, Simulator};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use support::api::Api;
use support::bmc::Bmc;
use support::{DEADLINE, simulator};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn reset_path(simulator: &Simulator) -> String {
    format!("{}/Actions/ComputerSystem.Reset", simulator.system_path(0))
}

async fn powers_on(simulator: &Simulator) {
    simulator.wait_until(0, DEADLINE, |server| server.power_state == PowerState::On).await.unwrap();
}

/// Waits until the first fault of the first server has struck.
async fn struck(simulator: &Simulator) {
    let struck = async {
        while simulator.server(0).faults[0]["hits"] == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(DEADLINE, struck).await.unwrap();
}

#[tokio::test]
async fn refuse_closes_the_connection_before_or_after_the_act() {
    let simulator = simulator(2);
    let bmc = Bmc::of(&simulator);
    let reset = reset_path(&simulator);
    let on = || bmc.request(Method::POST, &reset).json(&json!({"ResetType": "On"})).send();

    simulator.fault(0, Fault::new(FaultKind::Refuse { after: false }).on("POST").times(2));
    assert_eq!(bmc.get(&simulator.system_path(0)).await["PowerState"], "Off", "reads are spared");
    for _ in 0..2 {
        assert!(on().await.unwrap_err().is_request());
    }
    assert!(simulator.server(0).counters.resets.is_empty());

    simulator.fault(0, Fault::new(FaultKind::Refuse { after: true }));
    assert!(on().await.unwrap_err().is_request());
    powers_on(&simulator).await;
    assert_eq!(simulator.server(0).counters.resets[&ResetType::On], 1);
    simulator.stop().await;
}

#[tokio::test]
async fn hold_keeps_the_request_before_or_after_the_act() {
    let simulator = simulator(2);
    let bmc = Bmc::of(&simulator);
    let reset = reset_path(&simulator);
    let on = || bmc.request(Method::POST, &reset).json(&json!({"ResetType": "On"})).send();
    let held = |server: &ferric_bmc_sim::ServerView| server.held == 1;

    for (target, after, done) in [("On", false, 0), ("On", true, 2), ("POST ComputerSystem.Reset", true, 3)] {
        simulator.fault(0, Fault::new(FaultKind::Hold { after }).on(target));
        let look = async {
            simulator.wait_until(0, DEADLINE, held).await.unwrap();
            let resets = simulator.server(0).counters.resets.get(&ResetType::On).copied().unwrap_or_default();
            simulator.release(0);
            resets
        };
        let (answer, resets) = tokio::join!(on(), look);
        assert_eq!((answer.unwrap().status(), resets), (StatusCode::NO_CONTENT, done));
    }
    simulator.stop().await;
}

#[tokio::test]
async fn what_is_held_is_not_carried_out_for_a_client_that_left() {
    let simulator = simulator(1);
    let bmc = Bmc::of(&simulator);
    let reset = reset_path(&simulator);
    simulator.fault(0, Fault::new(FaultKind::Hold { after: false }).on("On"));
    tokio::select! {
        answer = bmc.request(Method::POST, &reset).json(&json!({"ResetType": "On"})).send() => panic!("{answer:?}"),
        held = simulator.wait_until(0, DEADLINE, |server| server.held == 1) => drop(held.unwrap()),
    }
    simulator.wait_until(0, DEADLINE, |server| server.held == 0).await.unwrap();
    assert!(simulator.server(0).counters.resets.is_empty());
    simulator.stop().await;
}

#[tokio::test]
async fn hang_holds_the_request_until_the_client_leaves() {
    let simulator = simulator(2);
    let bmc = Bmc::of(&simulator);
    let hang = Fault::new(FaultKind::Hang).on("GET /Systems").forever();
    simulator.fault(0, hang);
    let system = simulator.system_path(0);
    let answer = bmc.request(Method::GET, &system).timeout(Duration::from_millis(300)).send().await;
    assert!(answer.unwrap_err().is_timeout());
    bmc.get(&simulator.system_path(1)).await;
    simulator.clear_faults(0);
    bmc.get(&system).await;
    simulator.stop().await;
}

#[tokio::test]
async fn a_hung_request_ends_when_its_client_leaves() {
    let simulator = simulator(1);
    let address = simulator.base_url().strip_prefix("http://").unwrap();
    simulator.fault(0, Fault::new(FaultKind::Hang));
    let mut client = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", simulator.system_path(0));
    client.write_all(request.as_bytes()).await.unwrap();
    struck(&simulator).await;
    client.shutdown().await.unwrap();
    let mut answer = Vec::new();
    let ended = tokio::time::timeout(DEADLINE, client.read_to_end(&mut answer)).await;
    assert_eq!((ended.unwrap().unwrap(), answer.len()), (0, 0));
    simulator.stop().await;
}

#[tokio::test]
async fn a_hung_request_ends_with_the_simulator() {
    let simulator = simulator(1);
    let bmc = Bmc::of(&simulator);
    simulator.fault(0, Fault::new(FaultKind::Hang));
    let request = tokio::spawn(bmc.request(Method::GET, &simulator.system_path(0)).send());
    struck(&simulator).await;
    simulator.stop().await;
    assert!(request.await.unwrap().is_err());
}

#[tokio::test]
async fn statuses_html_and_credentials() {
    let simulator = simulator(1);
    let bmc = Bmc::of(&simulator);
    let system = simulator.system_path(0);
    let fault = FaultKind::Status { status: 503, message: "busy with itself".to_owned() };
    simulator.fault(0, Fault::new(fault).on("PATCH"));
    let (status, error) = bmc.patch(&system, json!({"AssetTag": "a"})).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(error["error"]["message"], "busy with itself");
    assert_eq!(bmc.get(&system).await["AssetTag"], "");

    simulator.fault(0, Fault::new(FaultKind::WrongCredentials));
    let refused = bmc.request(Method::GET, &system).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    bmc.get(&system).await;

    simulator.fault(0, Fault::new(FaultKind::HtmlAnswer));
    let on = bmc.request(Method::POST, &reset_path(&simulator)).json(&json!({"ResetType": "On"}));
    let answer = on.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "text/html");
    powers_on(&simulator).await;
    simulator.stop().await;
}

#[tokio::test]
async fn stale_etags_are_given_out_or_refused() {
    let simulator = simulator(1);
    let bmc = Bmc::of(&simulator);
    let system = simulator.system_path(0);
    let patch = |etag: String| {
        bmc.request(Method::PATCH, &system).header("If-Match", etag).json(&json!({"AssetTag": "a"})).send()
    };
    let etag = async || bmc.get(&system).await["@odata.etag"].as_str().unwrap().to_owned();
    simulator.fault(0, Fault::new(FaultKind::WrongEtag));
    let stale = etag().await;
    assert_eq!(patch(stale).await.unwrap().status(), StatusCode::PRECONDITION_FAILED);
    simulator.fault(0, Fault::new(FaultKind::WrongEtag).on("PATCH"));
    let good = etag().await;
    assert_eq!(patch(good.clone()).await.unwrap().status(), StatusCode::PRECONDITION_FAILED);
    assert_eq!(patch(good).await.unwrap().status(), StatusCode::NO_CONTENT);
    simulator.stop().await;
}

#[tokio::test]
async fn a_lost_power_action_is_answered_and_forgotten() {
    let simulator = simulator(1);
    let bmc = Bmc::of(&simulator);
    let system = simulator.system_path(0);
    simulator.fault(0, Fault::new(FaultKind::LostPowerAction).on("On"));
    assert_eq!(bmc.reset(&system, "On").await, StatusCode::NO_CONTENT);
    let view = simulator.server(0);
    assert_eq!((view.power_state, view.counters.lost_resets), (PowerState::Off, 1));
    assert_eq!(bmc.reset(&system, "On").await, StatusCode::NO_CONTENT);
    powers_on(&simulator).await;
    assert_eq!(simulator.server(0).counters.resets[&ResetType::On], 1);
    simulator.stop().await;
}

#[tokio::test]
async fn a_slow_reset_becomes_a_task() {
    let simulator = simulator(1);
    let bmc = Bmc::of(&simulator);
    let slow = || Fault::new(FaultKind::SlowTask { delay: Some(Duration::from_millis(300)) });
    simulator.fault(0, slow().on("On"));
    simulator.fault(0, slow().on("ForceRestart"));
    let start = async |kind: &str| {
        let reset = bmc.request(Method::POST, &reset_path(&simulator)).json(&json!({"ResetType": kind}));
        let accepted = reset.send().await.unwrap();
        assert_eq!(accepted.status(), StatusCode::ACCEPTED);
        let monitor = accepted.headers()["location"].to_str().unwrap().to_owned();
        let task: Value = accepted.json().await.unwrap();
        (monitor, task)
    };
    let finish = async |monitor: &str| {
        let poll = async {
            loop {
                let answer = bmc.request(Method::GET, monitor).send().await.unwrap();
                if answer.status() != StatusCode::ACCEPTED {
                    return answer.status();
                }
            }
        };
        tokio::time::timeout(DEADLINE, poll).await.unwrap()
    };
    let (monitor, task) = start("On").await;
    assert_eq!(task["TaskState"], "Running");
    assert_eq!(finish(&monitor).await, StatusCode::NO_CONTENT);
    assert_eq!(bmc.get(task["@odata.id"].as_str().unwrap()).await["TaskState"], "Completed");
    powers_on(&simulator).await;

    bmc.reset(&simulator.system_path(0), "ForceOff").await;
    let (monitor, task) = start("ForceRestart").await;
    simulator.wait_until(0, DEADLINE, |server| server.power_state == PowerState::Off).await.unwrap();
    assert_eq!(finish(&monitor).await, StatusCode::CONFLICT);
    assert_eq!(bmc.get(task["@odata.id"].as_str().unwrap()).await["TaskState"], "Exception");
    simulator.stop().await;
}

#[tokio::test]
async fn images_are_rejected_on_request() {
    let (simulator, api) = (simulator(1), Api::start());
    let bmc = Bmc::of(&simulator);
    let url = api.serve("boot.iso", "anything");
    let kind = FaultKind::ImageRejected { status: 500, message: "share not mounted".to_owned() };
    simulator.fault(0, Fault::new(kind).on("Cd"));
    let (status, error) = bmc.insert(&simulator.system_path(0), &url).await;
    assert_eq!(
        (status, &error["error"]["message"]),
        (StatusCode::INTERNAL_SERVER_ERROR, &json!("share not mounted"))
    );
    assert_eq!(bmc.insert(&simulator.system_path(0), &url).await.0, StatusCode::NO_CONTENT);
    simulator.stop().await;
    api.stop().await;
}

#[tokio::test]
async fn faults_are_planted_seen_and_cleared_over_http() {
    let simulator = simulator(2);
    let bmc = Bmc::of(&simulator);
    let (by_index, by_id) =
        ("/sim/servers/1/faults".to_owned(), format!("/sim/servers/{}", simulator.server(1).uuid));
    let fault =
        json!({"kind": "status_502", "target": "GET /Systems", "count": 2, "params": {"message": "no"}});
    assert_eq!(bmc.post(&by_index, fault).await.0, StatusCode::CREATED);
    let read = |index: usize| bmc.request(Method::GET, &simulator.system_path(index)).send();
    assert_eq!(read(1).await.unwrap().status(), StatusCode::BAD_GATEWAY);
    assert_eq!(read(0).await.unwrap().status(), StatusCode::OK);
    let view = bmc.get(&by_id).await;
    assert_eq!((&view["faults"][0]["hits"], &view["power_state"]), (&json!(1), &json!("Off")));
    let cleared = bmc.request(Method::DELETE, &by_index).send().await.unwrap();
    assert_eq!(cleared.status(), StatusCode::NO_CONTENT);
    assert_eq!(read(1).await.unwrap().status(), StatusCode::OK);

    assert_eq!(
        bmc.post("/sim/faults", json!({"kind": "refuse", "target": "Sessions"})).await.0,
        StatusCode::CREATED
    );
    let login = bmc.request(Method::POST, "/redfish/v1/SessionService/Sessions").send().await;
    assert!(login.unwrap_err().is_request());
    assert_eq!(bmc.post(&by_index, json!({"kind": "explode"})).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(bmc.post("/sim/servers/2/faults", json!({"kind": "hang"})).await.0, StatusCode::NOT_FOUND);
    assert_eq!(bmc.get("/sim/servers").await["servers"].as_array().unwrap().len(), 2);
    simulator.stop().await;
}
