//! The simulated agent, against a fake API.

#![allow(clippy::unwrap_used, reason = "this is test code outside test functions")]

mod support;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ferric_bmc_sim::{Fault, FaultKind, PowerState, ResetType, Running, Simulator};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use support::api::{Api, NODE, TOKEN};
use support::bmc::Bmc;
use support::{DEADLINE, iso, simulator};

/// SHA-256 of `an image`.
const SHA256: &str = "a5df3fde7b200c3fa2791144c7e05c5c2bced4c6ad863d3a4cf76c972c1712f9";

struct Rig {
    simulator: Simulator,
    api: Api,
    bmc: Bmc,
}

impl Rig {
    fn start() -> Self {
        let simulator = simulator(1);
        let bmc = Bmc::of(&simulator);
        Self { simulator, api: Api::start(), bmc }
    }

    fn parameters(&self) -> String {
        format!("ipa-api-url={} ipa-agent-token={TOKEN} BOOTIF=52:54:00:00:00:00", self.api.url)
    }

    /// Boots a ramdisk with these kernel parameters.
    async fn boot(&self, parameters: &str) {
        let image = iso::build(["EFI", "BOOT", "grub.cfg"], &iso::grub(parameters), iso::Names::Plain);
        let url = self.api.serve("boot.iso", image);
        self.bmc.boot_iso(&self.simulator.system_path(0), &url).await;
    }

    /// Boots an agent and waits for its first heartbeat.
    async fn boot_agent(&self) {
        self.boot(&self.parameters()).await;
        self.api.until("a heartbeat", |seen| !seen.heartbeats.is_empty()).await;
    }

    fn callback(&self) -> String {
        format!("/agent/{}", self.simulator.server(0).uuid)
    }

    async fn command(&self, name: &str, params: Value, wait: bool) -> (StatusCode, Value) {
        let path = format!("{}/v1/commands/?wait={wait}&agent_token={TOKEN}", self.callback());
        self.bmc.post(&path, json!({"name": name, "params": params})).await
    }

    async fn commands(&self) -> Vec<Value> {
        let path = format!("{}/v1/commands/?agent_token={TOKEN}", self.callback());
        self.bmc.get(&path).await["commands"].as_array().unwrap().clone()
    }

    /// Runs a deploy step to its end and returns the command.
    async fn write_image(&self, image_info: Value) -> Value {
        let step = json!({"interface": "deploy", "step": "write_image", "args": {
            "image_info": image_info,
            "configdrive": STANDARD.encode([0x1f, 0x8b, 8, 0, 1, 2, 3]),
        }});
        let params = json!({"step": step, "node": {}, "ports": [], "deploy_version": {"SimulatedHardwareManager": "1.0"}});
        let (status, record) = self.command("deploy.execute_deploy_step", params, true).await;
        assert_eq!(status, StatusCode::OK);
        record
    }

    async fn stop(self) {
        self.simulator.stop().await;
        self.api.stop().await;
    }
}

#[tokio::test]
async fn a_ramdisk_boots_from_the_served_iso_and_reports_itself() {
    let rig = Rig::start();
    rig.api.with(|seen| seen.inspection_refusals = vec![503, 409, 404]);
    let callback = format!("{}/v1/continue_inspection", rig.api.url);
    rig.boot(&format!("{} ipa-inspection-callback-url={callback}", rig.parameters())).await;
    rig.api.until("two heartbeats", |seen| seen.heartbeats.len() >= 2).await;

    rig.api.with(|seen| {
        let calls: Vec<&String> =
            seen.requests.iter().filter(|request| !request.contains("/files/")).collect();
        assert_eq!(calls[..4], ["POST /v1/continue_inspection"; 4]);
        assert_eq!(calls[4..6], ["GET /", "GET /v1/lookup"]);
        let report = &seen.inspections[0];
        assert_eq!(report["boot_interface"], "52:54:00:00:00:00");
        let inventory = &report["inventory"];
        let macs: Vec<&str> = inventory["interfaces"]
            .as_array()
            .unwrap()
            .iter()
            .map(|nic| nic["mac_address"].as_str().unwrap())
            .collect();
        assert_eq!(macs, rig.simulator.mac_addresses(0));
        assert_eq!(inventory["memory"]["physical_mb"], 128 * 1024);
        assert_eq!(report["root_disk"]["name"], "/dev/nvme0n1");
        assert!(
            seen.lookups[0].contains("addresses=52%3A54%3A00%3A00%3A00%3A00%2C52%3A54%3A00%3A00%3A00%3A01")
        );
        assert!(seen.lookups[0].contains(&format!("node_uuid={NODE}")));
        assert_eq!(seen.versions[..2], ["1.62", "1.68"]);
        let beat = &seen.heartbeats[0];
        assert_eq!(beat["agent_token"], TOKEN);
        assert_eq!(beat["callback_url"], format!("{}{}", rig.bmc.base, rig.callback()));
        assert!(seen.bytes_served < 1 << 20, "{} bytes of the image were read", seen.bytes_served);
    });
    let view = rig.simulator.server(0);
    assert_eq!((view.running, view.counters.inspections), (Running::Ramdisk, 1));
    assert_eq!(view.agent.unwrap().node_uuid, NODE);
    assert_eq!(view.boot_progress, "OSRunning");
    rig.stop().await;
}

#[tokio::test]
async fn an_image_is_written_verified_and_booted() {
    let rig = Rig::start();
    rig.boot_agent().await;
    let url = rig.api.serve("disk.img", "an image");
    let record = rig
        .write_image(json!({"id": "img", "urls": [url], "os_hash_algo": "sha256", "os_hash_value": SHA256}))
        .await;
    assert_eq!(
        (&record["command_status"], &record["command_name"]),
        (&json!("SUCCEEDED"), &json!("execute_deploy_step")),
        "{record}"
    );
    assert_eq!(record["command_result"]["deploy_step"]["step"], "write_image");
    let disk = rig.simulator.server(0).disk.unwrap();
    assert_eq!((disk.image_id.as_str(), disk.size_bytes, disk.configdrive_bytes), ("img", 8, Some(7)));

    let (_, record) = rig.command("standby.get_partition_uuids", json!({}), true).await;
    assert!(record["command_result"]["disk identifier"].is_string());
    let (_, record) = rig.command("image.install_bootloader", json!({"root_uuid": "x"}), true).await;
    assert_eq!(record["command_status"], "SUCCEEDED");
    let (_, record) = rig.command("log.collect_system_logs", json!({}), true).await;
    let logs = STANDARD.decode(record["command_result"]["system_logs"].as_str().unwrap()).unwrap();
    assert_eq!(logs[..2], [0x1f, 0x8b]);
    assert_eq!(rig.commands().await.len(), 4);

    let (status, record) = rig.command("standby.run_image", json!({}), false).await;
    assert_eq!((status, &record["command_status"]), (StatusCode::OK, &json!("RUNNING")));
    let view =
        rig.simulator.wait_until(0, DEADLINE, |server| server.running == Running::Instance).await.unwrap();
    assert_eq!((view.boot_progress.as_str(), view.counters.os_power_changes), ("OSRunning", 1));
    assert_eq!((view.counters.boots, view.counters.max_agents_alive, view.counters.agents_alive), (2, 1, 0));
    assert_eq!(view.counters.steps["write_image"], 1);
    rig.stop().await;
}

#[tokio::test]
async fn bad_images_fail_with_a_reason() {
    let rig = Rig::start();
    rig.boot_agent().await;
    let url = rig.api.serve("disk.img", "another image");
    let missing = format!("{}/files/none.img", rig.api.url);
    let cases = [
        (json!({"id": "i", "urls": [url], "checksum": SHA256}), "ImageChecksumError"),
        (json!({"id": "i", "urls": [missing], "checksum": SHA256}), "404"),
        (json!({"id": "i", "urls": [url], "os_hash_algo": "crc", "os_hash_value": "1"}), "not supported"),
        (json!({"id": "i", "urls": [url]}), "checksum"),
        (json!({"id": "i", "urls": [], "checksum": SHA256}), "urls"),
    ];
    for (image_info, reason) in cases {
        let record = rig.write_image(image_info).await;
        assert_eq!(record["command_status"], "FAILED");
        assert_eq!(record["command_error"]["type"], "DeploymentError");
        let details = record["command_error"]["details"].as_str().unwrap();
        assert!(details.contains(reason), "{details}");
    }
    let view = rig.simulator.server(0);
    assert_eq!((view.disk, view.counters.failed_steps["write_image"]), (None, 5));
    let (_, record) = rig.command("image.install_bootloader", json!({}), true).await;
    assert_eq!(record["command_status"], "FAILED");
    rig.stop().await;
}

#[tokio::test]
async fn steps_are_listed_run_and_told_to_fail() {
    let rig = Rig::start();
    rig.boot_agent().await;
    let (_, record) = rig.command("clean.get_clean_steps", json!({"node": {}, "ports": []}), true).await;
    let steps = record["command_result"]["clean_steps"]["SimulatedHardwareManager"].as_array().unwrap();
    let priorities: Vec<(&str, u64)> = steps
        .iter()
        .map(|step| (step["step"].as_str().unwrap(), step["priority"].as_u64().unwrap()))
        .collect();
    assert_eq!(priorities[..3], [("erase_devices_metadata", 99), ("erase_devices", 10), ("burnin_cpu", 0)]);
    let version = record["command_result"]["hardware_manager_version"].clone();

    let fault = FaultKind::AgentStepFails { message: "disk is on fire".to_owned() };
    rig.simulator.fault(0, Fault::new(fault).on("erase_devices"));
    let run = async |step: &str, version: &Value| {
        let params = json!({"step": {"interface": "deploy", "step": step}, "clean_version": version});
        let (status, record) = rig.command("clean.execute_clean_step", params, true).await;
        assert_eq!(status, StatusCode::OK);
        record
    };
    assert_eq!(run("erase_devices_metadata", &version).await["command_status"], "SUCCEEDED");
    let failed = run("erase_devices", &version).await;
    assert_eq!(
        (&failed["command_status"], &failed["command_error"]["type"]),
        (&json!("FAILED"), &json!("CleaningError"))
    );
    assert_eq!(failed["command_error"]["details"], "disk is on fire");
    assert_eq!(run("erase_devices", &version).await["command_status"], "SUCCEEDED");
    assert_eq!(
        run("erase_devices", &json!({"Other": "2"})).await["command_status"],
        "CLEAN_VERSION_MISMATCH"
    );
    assert_eq!(run("polish", &version).await["command_status"], "FAILED");
    let counters = rig.simulator.server(0).counters;
    assert_eq!((counters.steps["erase_devices"], counters.failed_steps["erase_devices"]), (2, 1));
    rig.stop().await;
}

#[tokio::test]
async fn the_command_api_guards_itself() {
    let config = ferric_bmc_sim::SimulatorConfig { step_delay: DEADLINE, ..support::config(1) };
    let simulator = Simulator::start(config).unwrap();
    let rig = Rig { bmc: Bmc::of(&simulator), simulator, api: Api::start() };
    rig.boot_agent().await;
    for query in ["", "?agent_token=wrong"] {
        let path = format!("{}/v1/commands/{query}", rig.callback());
        let (status, body) = rig.bmc.post(&path, json!({"name": "standby.sync", "params": {}})).await;
        assert_eq!((status, &body["faultstring"]), (StatusCode::UNAUTHORIZED, &json!("Token invalid.")));
        assert_eq!(
            rig.bmc.request(Method::GET, &path).send().await.unwrap().status(),
            StatusCode::UNAUTHORIZED
        );
    }
    assert_eq!(rig.command("clean.polish", json!({}), true).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(rig.command("polish.it", json!({}), true).await.0, StatusCode::NOT_FOUND);
    assert_eq!(rig.command("standby.sync", json!([]), true).await.0, StatusCode::BAD_REQUEST);

    let step = json!({"step": {"interface": "deploy", "step": "burnin_cpu"}});
    let (_, record) = rig.command("clean.execute_clean_step", step.clone(), false).await;
    assert_eq!(record["command_status"], "RUNNING");
    let (status, body) = rig.command("clean.execute_clean_step", step, false).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(body["faultstring"].as_str().unwrap().to_lowercase().contains("agent is busy"));
    assert_eq!(rig.simulator.server(0).agent.unwrap().busy_with.as_deref(), Some("execute_clean_step"));
    assert_eq!(rig.commands().await.len(), 1);

    // The step would take a minute; the power does not wait for it, and nobody answers afterwards.
    rig.bmc.reset(&rig.simulator.system_path(0), "ForceOff").await;
    let gone = rig.bmc.request(Method::GET, &rig.callback()).send().await;
    assert!(gone.unwrap_err().is_request());
    let view =
        rig.simulator.wait_until(0, DEADLINE, |server| server.counters.agents_alive == 0).await.unwrap();
    assert_eq!((view.running, view.agent.is_none()), (Running::Nothing, true));
    rig.stop().await;
}

#[tokio::test]
async fn a_finished_command_brings_a_heartbeat_at_once() {
    let config = ferric_bmc_sim::SimulatorConfig { heartbeat_interval: DEADLINE * 60, ..support::config(1) };
    let simulator = Simulator::start(config).unwrap();
    let rig = Rig { bmc: Bmc::of(&simulator), simulator, api: Api::start() };
    rig.boot_agent().await;
    let step = json!({"step": {"interface": "deploy", "step": "burnin_cpu"}});
    rig.command("clean.execute_clean_step", step, false).await;
    rig.api.until("the early heartbeat", |seen| seen.heartbeats.len() == 2).await;
    assert_eq!(rig.commands().await[0]["command_status"], "SUCCEEDED");
    rig.stop().await;
}

#[tokio::test]
async fn the_agent_powers_its_server_off_and_a_restart_never_doubles_it() {
    let rig = Rig::start();
    rig.boot_agent().await;
    let system = rig.simulator.system_path(0);
    let again =
        json!({"Boot": {"BootSourceOverrideTarget": "Cd", "BootSourceOverrideEnabled": "Continuous"}});
    rig.bmc.patch(&system, again).await;
    for boots in 2..5 {
        assert_eq!(rig.bmc.reset(&system, "ForceRestart").await, StatusCode::NO_CONTENT);
        rig.simulator
            .wait_until(0, DEADLINE, |server| server.counters.boots == boots && server.agent.is_some())
            .await
            .unwrap();
    }
    rig.command("standby.power_off", json!({}), false).await;
    let view =
        rig.simulator.wait_until(0, DEADLINE, |server| server.power_state == PowerState::Off).await.unwrap();
    assert_eq!((view.counters.os_power_changes, view.counters.max_agents_alive), (1, 1));
    assert!(!view.counters.resets.contains_key(&ResetType::GracefulShutdown));
    rig.stop().await;
}

#[tokio::test]
async fn lockdown_and_rescue_end_the_agent_but_not_the_server() {
    for (name, params) in [
        ("system.lockdown", json!({})),
        ("rescue.finalize_rescue", json!({"rescue_password": "$6$x", "hashed": true})),
    ] {
        let rig = Rig::start();
        rig.boot_agent().await;
        let (status, record) = rig.command(name, params, true).await;
        assert_eq!((status, &record["command_status"]), (StatusCode::OK, &json!("SUCCEEDED")), "{name}");
        let view =
            rig.simulator.wait_until(0, DEADLINE, |server| server.counters.agents_alive == 0).await.unwrap();
        assert_eq!((view.power_state, view.running), (PowerState::On, Running::LiveImage));
        assert!(rig.bmc.request(Method::GET, &rig.callback()).send().await.unwrap_err().is_request());
        rig.stop().await;
    }
}

#[tokio::test]
async fn tokens_come_from_lookup_when_the_image_has_none() {
    let rig = Rig::start();
    rig.api.with(|seen| seen.token = Some(TOKEN.to_owned()));
    rig.boot(&format!("ipa-api-url=http://127.0.0.1:1,{}", rig.api.url)).await;
    rig.api.until("a heartbeat", |seen| !seen.heartbeats.is_empty()).await;
    rig.api.with(|seen| assert_eq!(seen.heartbeats[0]["agent_token"], TOKEN));
    rig.stop().await;

    let rig = Rig::start();
    rig.boot(&format!("ipa-api-url={}", rig.api.url)).await;
    let view = rig.simulator.wait_until(0, DEADLINE, |server| server.boot_failure.is_some()).await.unwrap();
    assert!(view.boot_failure.unwrap().contains("token"));
    rig.api.with(|seen| assert!(seen.heartbeats.is_empty()));
    rig.stop().await;
}

#[tokio::test]
async fn an_agent_can_be_kept_from_booting() {
    let rig = Rig::start();
    rig.simulator.fault(0, Fault::new(FaultKind::AgentNeverBoots));
    rig.boot(&rig.parameters()).await;
    rig.simulator.wait_until(0, DEADLINE, |server| server.boot_progress == "OSBootStarted").await.unwrap();
    assert_eq!(rig.simulator.server(0).running, Running::Ramdisk);

    // The fault is used up: the next boot of the same image works.
    let boot = json!({"BootSourceOverrideTarget": "UefiHttp", "BootSourceOverrideEnabled": "Once",
        "HttpBootUri": format!("{}/files/boot.iso", rig.api.url)});
    assert_eq!(
        rig.bmc.patch(&rig.simulator.system_path(0), json!({"Boot": boot})).await.0,
        StatusCode::NO_CONTENT
    );
    rig.bmc.reset(&rig.simulator.system_path(0), "ForceRestart").await;
    rig.api.until("a heartbeat", |seen| !seen.heartbeats.is_empty()).await;
    let counters = rig.simulator.server(0).counters;
    assert_eq!((counters.boots, counters.max_agents_alive), (2, 1));
    rig.stop().await;
}

/// Whatever is asked of a server and however fast, it never has two agents, and it ends where the last request says.
#[tokio::test]
async fn a_storm_of_resets_leaves_every_server_with_at_most_one_agent() {
    let config = ferric_bmc_sim::SimulatorConfig {
        power_delay_ms: 0..=4,
        boot_delay: std::time::Duration::from_millis(1),
        ..support::config(6)
    };
    let simulator = Simulator::start(config).unwrap();
    let (bmc, api) = (Bmc::of(&simulator), Api::start());
    let parameters = format!("ipa-api-url={} ipa-agent-token={TOKEN}", api.url);
    let image = iso::build(["boot", "grub", "grub.cfg"], &iso::grub(&parameters), iso::Names::RockRidge);
    let url = api.serve("boot.iso", image);
    let boot = json!({"Boot": {"BootSourceOverrideTarget": "Cd", "BootSourceOverrideEnabled": "Continuous"}});
    let kinds = ["ForceRestart", "PowerCycle", "On", "ForceOff", "On", "PushPowerButton", "GracefulRestart"];
    let mut random: u32 = 7;
    for index in 0..6 {
        let system = simulator.system_path(index);
        assert_eq!(bmc.insert(&system, &url).await.0, StatusCode::NO_CONTENT);
        assert_eq!(bmc.patch(&system, boot.clone()).await.0, StatusCode::NO_CONTENT);
    }
    for _ in 0..240 {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (index, kind) = ((random >> 8) as usize % 6, kinds[(random >> 16) as usize % kinds.len()]);
        let status = bmc.reset(&simulator.system_path(index), kind).await;
        assert!(status == StatusCode::NO_CONTENT || status == StatusCode::CONFLICT);
    }
    for index in 0..6 {
        let last = if index % 2 == 0 { "ForceOff" } else { "On" };
        assert_eq!(bmc.reset(&simulator.system_path(index), last).await, StatusCode::NO_CONTENT);
    }
    for index in 0..6 {
        let agents = u32::try_from(index % 2).unwrap();
        let settled = |server: &ferric_bmc_sim::ServerView| {
            let on = if agents == 1 { PowerState::On } else { PowerState::Off };
            server.power_state == on && server.counters.agents_alive == agents
        };
        let view = simulator.wait_until(index, DEADLINE, settled).await.unwrap();
        assert!(view.counters.boots > 0 && view.counters.max_agents_alive <= 1, "{view:?}");
    }
    simulator.stop().await;
    api.stop().await;
}

#[tokio::test]
async fn a_program_lives_on_a_server_in_place_of_the_agent() {
    let folder = std::env::temp_dir().join(format!("ferric-bmc-sim-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir(&folder).unwrap();
    let (program, told) = (folder.join("ramdisk"), folder.join("told"));
    let script =
        format!("#!/bin/sh\necho \"$FERRIC_SIM_MACS $FERRIC_SIM_KERNEL_LINE\" > {}\n", told.display());
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let config = ferric_bmc_sim::SimulatorConfig { agent_program: Some(program), ..support::config(1) };
    let simulator = Simulator::start(config).unwrap();
    let rig = Rig { bmc: Bmc::of(&simulator), simulator, api: Api::start() };
    rig.boot(&rig.parameters()).await;
    let off = |server: &ferric_bmc_sim::ServerView| {
        server.counters.os_power_changes == 1 && server.power_state == PowerState::Off
    };
    rig.simulator.wait_until(0, DEADLINE, off).await.unwrap();
    let told = std::fs::read_to_string(told).unwrap();
    assert!(told.starts_with("52:54:00:00:00:00,52:54:00:00:00:01 "), "{told}");
    assert!(told.contains(&format!("ipa-agent-token={TOKEN}")), "{told}");
    std::fs::remove_dir_all(folder).unwrap();
}
