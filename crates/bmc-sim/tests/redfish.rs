//! The Redfish service as a client walks it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "this is test code outside test functions")]

mod support;

use std::collections::{BTreeSet, VecDeque};

use ferric_bmc_sim::PowerState;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use support::bmc::{Bmc, link};
use support::simulator;

fn links(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (name, inner) in object {
                match inner {
                    Value::String(path) if name == "@odata.id" || name == "Uri" => found.push(path.clone()),
                    inner => links(inner, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| links(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn every_link_leads_to_a_resource_that_knows_its_own_path() {
    let simulator = simulator(2);
    let bmc = Bmc::of(&simulator);
    let mut known = BTreeSet::new();
    let mut todo = VecDeque::from(["/redfish/v1".to_owned()]);
    while let Some(path) = todo.pop_front() {
        if path.contains('#') || !known.insert(path.clone()) {
            continue;
        }
        let response = bmc.request(Method::GET, &path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let etag = response.headers()["etag"].to_str().unwrap().to_owned();
        let body: Value = response.json().await.unwrap();
        assert_eq!(
            (body["@odata.id"].as_str(), body["@odata.etag"].as_str()),
            (Some(path.as_str()), Some(&*etag))
        );
        assert!(body["@odata.type"].as_str().unwrap().starts_with('#'), "{path}");
        assert!(body["Name"].is_string(), "{path}");
        let mut next = Vec::new();
        links(&body, &mut next);
        todo.extend(next);
    }
    for index in 0..2 {
        assert!(
            known.contains(&simulator.system_path(index)) && known.contains(&simulator.manager_path(index))
        );
    }
    assert!(known.len() > 60, "only {} resources", known.len());
    simulator.stop().await;
}

#[tokio::test]
async fn sessions_are_opened_used_and_closed() {
    let simulator = simulator(1);
    let bmc = Bmc::of(&simulator);
    let system = simulator.system_path(0);
    let anonymous = |path: &str| bmc.http.get(format!("{}{path}", bmc.base));

    assert_eq!(anonymous("/redfish/v1/").send().await.unwrap().status(), StatusCode::OK);
    let refused = anonymous(&system).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let body: Value = refused.json().await.unwrap();
    assert!(body["error"]["@Message.ExtendedInfo"][0]["MessageId"].as_str().unwrap().starts_with("Base."));
    let wrong = anonymous(&system).basic_auth("admin", Some("guess")).send().await.unwrap();
    assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED);

    let root: Value = anonymous("/redfish/v1").send().await.unwrap().json().await.unwrap();
    let sessions = format!("{}{}", bmc.base, link(&root["Links"]["Sessions"]));
    let login = |password: &str| {
        bmc.http.post(&sessions).json(&json!({"UserName": "admin", "Password": password})).send()
    };
    assert_eq!(login("guess").await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let opened = login("password").await.unwrap();
    assert_eq!(opened.status(), StatusCode::CREATED);
    let token = opened.headers()["x-auth-token"].to_str().unwrap().to_owned();
    let location = opened.headers()["location"].to_str().unwrap().to_owned();
    let with_token = |method, path: &str| {
        bmc.http.request(method, format!("{}{path}", bmc.base)).header("X-Auth-Token", &token).send()
    };
    assert_eq!(with_token(Method::GET, &system).await.unwrap().status(), StatusCode::OK);
    let control: Value = anonymous("/sim/sessions").send().await.unwrap().json().await.unwrap();
    assert_eq!((&control["open"][0]["username"], &control["counts"]["opened"]), (&json!("admin"), &json!(1)));
    assert_eq!(with_token(Method::DELETE, &location).await.unwrap().status(), StatusCode::NO_CONTENT);
    assert_eq!(with_token(Method::GET, &system).await.unwrap().status(), StatusCode::UNAUTHORIZED);
    assert!(simulator.sessions().is_empty());
    assert_eq!(simulator.session_counts().logged_out, 1);
    simulator.stop().await;
}

#[tokio::test]
async fn a_change_needs_the_present_etag_if_it_names_one() {
    let simulator = simulator(1);
    let bmc = Bmc::of(&simulator);
    let system = simulator.system_path(0);
    let etag = bmc.get(&system).await["@odata.etag"].as_str().unwrap().to_owned();
    let patch = |etag: &str, tag: &str| {
        bmc.request(Method::PATCH, &system).header("If-Match", etag).json(&json!({"AssetTag": tag})).send()
    };
    let first = patch(&etag, "a").await.unwrap();
    assert_eq!(first.status(), StatusCode::NO_CONTENT);
    assert_eq!(patch(&etag, "b").await.unwrap().status(), StatusCode::PRECONDITION_FAILED);
    let newer = first.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(patch(&newer, "c").await.unwrap().status(), StatusCode::NO_CONTENT);
    assert_eq!(patch("*", "d").await.unwrap().status(), StatusCode::NO_CONTENT);
    let body = bmc.get(&system).await;
    assert_eq!(body["AssetTag"], "d");
    let unchanged = bmc
        .request(Method::GET, &system)
        .header("If-None-Match", body["@odata.etag"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(unchanged.status(), StatusCode::NOT_MODIFIED);
    simulator.stop().await;
}

#[tokio::test]
async fn wrong_requests_get_redfish_errors_and_change_nothing() {
    let simulator = simulator(1);
    let bmc = Bmc::of(&simulator);
    let system = simulator.system_path(0);
    let reset = format!("{system}/Actions/ComputerSystem.Reset");
    let before = bmc.get(&system).await;
    let cases = [
        (Method::PATCH, system.clone(), json!({"Boot": {"BootSourceOverrideTarget": "Tape"}}), 400),
        (Method::PATCH, system.clone(), json!({"Boot": {"BootSourceOverrideEnabled": 1}}), 400),
        (Method::PATCH, system.clone(), json!({"Boot": "Cd"}), 400),
        (Method::PATCH, system.clone(), json!({"PowerState": "On"}), 400),
        (Method::PATCH, system.clone(), json!({"AssetTag": "x", "Color": "red"}), 400),
        (Method::PATCH, system.clone(), json!([1]), 400),
        (Method::PATCH, format!("{system}/BIOS/Settings"), json!({"Attributes": {"Nope": 1}}), 400),
        (Method::POST, reset.clone(), json!({}), 400),
        (Method::POST, reset.clone(), json!({"ResetType": "Explode"}), 400),
        (Method::POST, reset.clone(), json!({"ResetType": "ForceRestart"}), 409),
        (Method::DELETE, system.clone(), json!({}), 405),
        (Method::GET, "/redfish/v1/Systems/1".to_owned(), json!({}), 404),
        (Method::GET, simulator.manager_path(0).replace("Managers", "Systems"), json!({}), 404),
        (Method::GET, "/redfish/v1/Nothing".to_owned(), json!({}), 404),
        (Method::GET, format!("{system}?$expand=."), json!({}), 501),
    ];
    for (method, path, body, status) in cases {
        let response = bmc.request(method.clone(), &path).json(&body).send().await.unwrap();
        assert_eq!(response.status(), status, "{method} {path} {body}");
        let error: Value = response.json().await.unwrap();
        assert!(error["error"]["@Message.ExtendedInfo"][0]["Message"].is_string(), "{method} {path}");
    }
    assert_eq!(bmc.get(&system).await, before);
    assert!(simulator.server(0).counters.resets.is_empty());
    simulator.stop().await;
}

#[tokio::test]
async fn long_collections_come_in_pages() {
    let simulator = simulator(230);
    let bmc = Bmc::of(&simulator);
    let mut found = Vec::new();
    let mut path = Some("/redfish/v1/Systems".to_owned());
    while let Some(at) = path {
        let page = bmc.get(&at).await;
        assert_eq!(page["Members@odata.count"], 230);
        found.extend(page["Members"].as_array().unwrap().iter().map(|member| link(member).to_owned()));
        path = page["Members@odata.nextLink"].as_str().map(str::to_owned);
    }
    assert_eq!(found, (0..230).map(|index| simulator.system_path(index)).collect::<Vec<_>>());
    simulator.stop().await;
}

#[tokio::test]
async fn firmware_settings_wait_for_the_next_boot() {
    let simulator = simulator(1);
    let bmc = Bmc::of(&simulator);
    let system = simulator.system_path(0);
    let bios = link(&bmc.get(&system).await["Bios"]).to_owned();
    let current = bmc.get(&bios).await;
    let settings = link(&current["@Redfish.Settings"]["SettingsObject"]).to_owned();
    let wanted = json!({"Attributes": {"SmtControl": "Disabled", "BootRetryCount": 5}});
    assert_eq!(bmc.patch(&settings, wanted).await.0, StatusCode::NO_CONTENT);
    assert_eq!(bmc.get(&bios).await["Attributes"]["SmtControl"], "Enabled");
    assert_eq!(bmc.reset(&system, "On").await, StatusCode::NO_CONTENT);
    simulator.wait_until(0, support::DEADLINE, |server| server.counters.boots == 1).await.unwrap();
    let after = bmc.get(&bios).await;
    assert_eq!(
        (&after["Attributes"]["SmtControl"], &after["Attributes"]["BootRetryCount"]),
        (&json!("Disabled"), &json!(5))
    );
    assert_eq!(bmc.get(&settings).await["Attributes"], json!({}));
    simulator.stop().await;
}

#[tokio::test]
async fn sensors_differ_from_server_to_server_and_with_the_power() {
    let simulator = simulator(2);
    let bmc = Bmc::of(&simulator);
    let read = async |index: usize| {
        let system = bmc.get(&simulator.system_path(index)).await;
        let chassis = bmc.get(link(&system["Links"]["Chassis"][0])).await;
        (bmc.get(link(&chassis["Thermal"])).await, bmc.get(link(&chassis["Power"])).await)
    };
    let of_contexts = |thermal: &Value| -> Vec<(String, u64)> {
        let all = thermal["Temperatures"].as_array().unwrap().iter();
        let context = |part: &Value| part["PhysicalContext"].as_str().unwrap().to_owned();
        all.map(|part| (context(part), part["ReadingCelsius"].as_u64().unwrap())).collect()
    };
    let temperatures = |list: &[(&str, u64)]| -> Vec<(String, u64)> {
        list.iter().map(|(context, celsius)| ((*context).to_owned(), *celsius)).collect()
    };
    let (thermal, power) = read(0).await;
    assert_eq!(of_contexts(&thermal), temperatures(&[("Intake", 18), ("Exhaust", 18), ("CPU", 18)]));
    assert_eq!(thermal["Fans"][3]["Reading"], 0);
    assert_eq!(power["PowerSupplies"][0]["LastPowerOutputWatts"], 9);
    assert_eq!(bmc.reset(&simulator.system_path(0), "On").await, StatusCode::NO_CONTENT);
    simulator.wait_until(0, support::DEADLINE, |server| server.power_state == PowerState::On).await.unwrap();
    let (thermal, power) = read(0).await;
    assert_eq!(of_contexts(&thermal), temperatures(&[("Intake", 18), ("Exhaust", 29), ("CPU", 40)]));
    assert_eq!(thermal["Fans"][3]["Reading"], 5260);
    assert_eq!(power["PowerSupplies"][1]["LastPowerOutputWatts"], 140);
    // The second model has two sockets.
    let (other, _) = read(1).await;
    let cold = [("Intake", 19), ("Exhaust", 19), ("CPU", 19), ("CPU", 21)];
    assert_eq!(of_contexts(&other), temperatures(&cold));
    simulator.stop().await;
}
