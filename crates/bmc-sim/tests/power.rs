//! Power, boot override and virtual media.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is test code outside test functions")]

mod support;

use ferric_bmc_sim::{PowerState, ResetType, Running, ServerView, Simulator, SimulatorConfig};
use reqwest::StatusCode;
use serde_json::{Value, json};
use support::api::Api;
use support::bmc::Bmc;
use support::{DEADLINE, iso, simulator};

/// Reads the power state until it is the wanted one.
async fn poll_power(bmc: &Bmc, system: &str, wanted: &str) {
    let poll = async { while bmc.get(system).await["PowerState"] != wanted {} };
    assert!(tokio::time::timeout(DEADLINE, poll).await.is_ok(), "never {wanted}");
}

#[tokio::test]
async fn transitional_power_states_can_be_seen() {
    let an_hour = 3_600_000;
    let config = SimulatorConfig { power_delay_ms: an_hour..=an_hour, ..support::config(1) };
    let simulator = Simulator::start(config).unwrap();
    let bmc = Bmc::of(&simulator);
    let system = simulator.system_path(0);
    for (kind, state) in [("On", "PoweringOn"), ("ForceOff", "PoweringOff"), ("On", "PoweringOff")] {
        assert_eq!(bmc.reset(&system, kind).await, StatusCode::NO_CONTENT);
        assert_eq!(bmc.get(&system).await["PowerState"], state, "{kind}");
    }
    simulator.stop().await;
}

#[tokio::test]
async fn power_changes_arrive() {
    let simulator = simulator(2);
    let bmc = Bmc::of(&simulator);
    let system = simulator.system_path(0);
    for (kind, boots, state) in [
        ("On", 1, PowerState::On),
        ("ForceOff", 1, PowerState::Off),
        ("PushPowerButton", 2, PowerState::On),
        ("ForceRestart", 3, PowerState::On),
        ("PowerCycle", 4, PowerState::On),
        ("GracefulShutdown", 4, PowerState::Off),
    ] {
        assert_eq!(bmc.reset(&system, kind).await, StatusCode::NO_CONTENT, "{kind}");
        let arrived = |server: &ServerView| server.power_state == state && server.counters.boots == boots;
        simulator.wait_until(0, DEADLINE, arrived).await.unwrap();
    }
    assert_eq!(simulator.server(0).counters.resets[&ResetType::ForceRestart], 1);
    assert_eq!(simulator.server(1).power_state, PowerState::Off, "neighbors are left alone");
    simulator.stop().await;
}

#[tokio::test]
async fn on_while_powering_off_comes_on_again() {
    let simulator = simulator(1);
    let bmc = Bmc::of(&simulator);
    let system = simulator.system_path(0);
    bmc.reset(&system, "On").await;
    poll_power(&bmc, &system, "On").await;
    for kind in ["ForceOff", "On"] {
        assert_eq!(bmc.reset(&system, kind).await, StatusCode::NO_CONTENT);
    }
    simulator
        .wait_until(0, DEADLINE, |server| server.counters.boots == 2 && server.power_state == PowerState::On)
        .await
        .unwrap();
    simulator.stop().await;
}

#[tokio::test]
async fn a_one_time_override_is_used_up_by_one_boot() {
    let (simulator, api) = (simulator(1), Api::start());
    let bmc = Bmc::of(&simulator);
    let system = simulator.system_path(0);
    let live = iso::build(["boot", "grub", "grub.cfg"], &iso::grub("quiet"), iso::Names::RockRidge);
    bmc.boot_iso(&system, &api.serve("live.iso", live)).await;
    simulator.wait_until(0, DEADLINE, |server| server.running == Running::LiveImage).await.unwrap();
    let boot = bmc.get(&system).await["Boot"].clone();
    assert_eq!(
        (&boot["BootSourceOverrideEnabled"], &boot["BootSourceOverrideTarget"]),
        (&json!("Disabled"), &json!("None"))
    );

    bmc.reset(&system, "ForceRestart").await;
    let view = simulator.wait_until(0, DEADLINE, |server| server.boot_failure.is_some()).await.unwrap();
    assert_eq!((view.running, view.counters.boots), (Running::Nothing, 2));

    let always =
        json!({"Boot": {"BootSourceOverrideTarget": "Cd", "BootSourceOverrideEnabled": "Continuous"}});
    bmc.patch(&system, always).await;
    for boots in 3..5 {
        bmc.reset(&system, "ForceRestart").await;
        simulator
            .wait_until(0, DEADLINE, |server| {
                server.counters.boots == boots && server.running == Running::LiveImage
            })
            .await
            .unwrap();
    }
    assert_eq!(simulator.server(0).boot.enabled, "Continuous");
    simulator.stop().await;
    api.stop().await;
}

#[tokio::test]
async fn inserting_media_reads_the_image() {
    let (simulator, api) = (simulator(1), Api::start());
    let bmc = Bmc::of(&simulator);
    let system = simulator.system_path(0);
    let (status, error) = bmc.insert(&system, &format!("{}/files/none.iso", api.url)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(error["error"]["message"].as_str().unwrap().contains("404"));
    assert_eq!(bmc.insert(&system, "http://127.0.0.1:1/boot.iso").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(bmc.insert(&system, "ftp://127.0.0.1/boot.iso").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(bmc.slot(&system, "CD").await["Inserted"], false);

    let url = api.serve("boot.iso", "anything");
    // A server that has neither HEAD nor ranges will do.
    api.with(|seen| seen.plain = true);
    assert_eq!(bmc.insert(&system, &url).await.0, StatusCode::NO_CONTENT);
    let slot = bmc.slot(&system, "CD").await;
    assert_eq!(
        (&slot["Inserted"], &slot["Image"], &slot["ImageName"]),
        (&json!(true), &json!(url), &json!("boot.iso"))
    );
    assert_eq!(bmc.insert(&system, &url).await.0, StatusCode::CONFLICT);

    let eject = slot["Actions"]["#VirtualMedia.EjectMedia"]["target"].as_str().unwrap();
    assert_eq!(bmc.post(eject, json!({})).await.0, StatusCode::NO_CONTENT);
    let slot = bmc.slot(&system, "CD").await;
    assert_eq!((&slot["Inserted"], &slot["Image"]), (&json!(false), &Value::Null));
    let counters = simulator.server(0).counters;
    assert_eq!((counters.inserts, counters.ejects), (1, 1));
    simulator.stop().await;
    api.stop().await;
}

#[tokio::test]
async fn an_unreadable_boot_image_leads_nowhere() {
    let (simulator, api) = (simulator(1), Api::start());
    let bmc = Bmc::of(&simulator);
    bmc.boot_iso(&simulator.system_path(0), &api.serve("boot.iso", vec![7; 100_000])).await;
    let view = simulator.wait_until(0, DEADLINE, |server| server.boot_failure.is_some()).await.unwrap();
    assert!(view.boot_failure.unwrap().contains("ISO 9660"));
    assert_eq!(view.running, Running::Nothing);
    simulator.stop().await;
    api.stop().await;
}
