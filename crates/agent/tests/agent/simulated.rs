//! A whole deployment through the simulator's agent, which really boots, downloads and verifies.

use crate::fake_agent::{Answer, serve};
use crate::fake_node::{TOKEN, direct, instance, interfaces, settle, task};
use async_trait::async_trait;
use ferric_artifacts::iso::{BootIsoSpec, IsoPlanner};
use ferric_artifacts::source::{Source, SourceConfig, Sources};
use ferric_bmc_sim::{Fault, FaultKind, Running, Simulator, SimulatorConfig};
use ferric_hardware::{HardwareError, NodeInterfaces, Power, TaskView};
use ferric_model::node::Node;
use ferric_model::power::PowerState::On;
use ferric_model::power::{PowerState, PowerTarget};
use ferric_model::secret::Secret;
use ferric_model::step::{Step, StepKind};
use futures::TryStreamExt;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

const DEADLINE: Duration = Duration::from_secs(60);
const IMAGE: &[u8] = b"an image";

/// The simulated server as its BMC shows it.
struct Bmc {
    simulator: Simulator,
    http: reqwest::Client,
}

impl std::fmt::Debug for Bmc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bmc")
    }
}

#[async_trait]
impl Power for Bmc {
    fn validate(&self, _: &Node) -> Result<(), HardwareError> {
        Ok(())
    }

    async fn get_power_state(&self, _: &Node) -> Result<Option<PowerState>, HardwareError> {
        let off = self.simulator.server(0).power_state == ferric_bmc_sim::PowerState::Off;
        Ok(Some(if off { PowerState::Off } else { On }))
    }

    async fn set_power_state(
        &self,
        _: &TaskView,
        target: PowerTarget,
        _: Duration,
    ) -> Result<PowerState, HardwareError> {
        let (kind, wanted) = match target.final_state() {
            On => ("On", ferric_bmc_sim::PowerState::On),
            PowerState::Off => ("ForceOff", ferric_bmc_sim::PowerState::Off),
        };
        self.post("Actions/ComputerSystem.Reset", json!({ "ResetType": kind })).await;
        self.simulator.wait_until(0, DEADLINE, |server| server.power_state == wanted).await.unwrap();
        Ok(target.final_state())
    }
}

impl Bmc {
    async fn post(&self, path: &str, body: Value) {
        let path = format!("{}{}/{path}", self.simulator.base_url(), self.simulator.system_path(0));
        let request = self.http.post(path).basic_auth("admin", Some("password")).json(&body);
        request.send().await.unwrap().error_for_status().unwrap();
    }

    /// Makes the next boot run this image.
    async fn insert(&self, image: &str) {
        let manager = format!("{}{}", self.simulator.base_url(), self.simulator.manager_path(0));
        let slots: Value = self.get(&format!("{manager}/VirtualMedia")).await;
        for member in slots["Members"].as_array().unwrap() {
            let slot =
                self.get(&format!("{}{}", self.simulator.base_url(), text(&member["@odata.id"]))).await;
            if slot["MediaTypes"].as_array().unwrap().contains(&json!("CD")) {
                let target = text(&slot["Actions"]["#VirtualMedia.InsertMedia"]["target"]).to_owned();
                let request = self.http.post(format!("{}{target}", self.simulator.base_url()));
                let request = request.basic_auth("admin", Some("password")).json(&json!({"Image": image}));
                request.send().await.unwrap().error_for_status().unwrap();
            }
        }
        let system = format!("{}{}", self.simulator.base_url(), self.simulator.system_path(0));
        let boot = json!({"BootSourceOverrideTarget": "Cd", "BootSourceOverrideEnabled": "Once"});
        let request = self.http.patch(system).basic_auth("admin", Some("password"));
        request.json(&json!({ "Boot": boot })).send().await.unwrap().error_for_status().unwrap();
    }

    async fn get(&self, url: &str) -> Value {
        let request = self.http.get(url).basic_auth("admin", Some("password"));
        request.send().await.unwrap().error_for_status().unwrap().json().await.unwrap()
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// The boot image that a conductor would have the BMC fetch.
async fn boot_iso(kernel_cmdline: String) -> Vec<u8> {
    let sources = Sources::new(SourceConfig::default()).unwrap();
    let spec = BootIsoSpec {
        kernel: Source::Memory("kernel".into()),
        ramdisk: Source::Memory("ramdisk".into()),
        esp: None,
        bootloader: None,
        kernel_cmdline: Secret::new(kernel_cmdline),
        publisher_id: "test".to_owned(),
        extra_files: Vec::new(),
    };
    let iso = IsoPlanner::new(sources).plan(spec).await.unwrap();
    let pieces: Vec<_> = iso.stream(None).try_collect().await.unwrap();
    pieces.concat()
}

/// Waits for the next heartbeat and returns the address in it.
async fn heard(heartbeats: &mut watch::Receiver<String>) -> String {
    tokio::time::timeout(DEADLINE, heartbeats.changed()).await.unwrap().unwrap();
    heartbeats.borrow_and_update().clone()
}

/// Runs a step as the engine does: begins it and looks after it whenever the agent is heard of.
async fn run(
    task: &mut TaskView,
    interfaces: &NodeInterfaces,
    step: &Step,
    heartbeats: &mut watch::Receiver<String>,
) -> Result<&'static str, HardwareError> {
    let deploy = direct();
    let mut outcome = deploy.execute(task, interfaces, StepKind::Deploy, step).await?;
    loop {
        match settle(task, &outcome) {
            "wait" => {}
            word => return Ok(word),
        }
        heard(heartbeats).await;
        outcome = deploy.resume(task, interfaces, StepKind::Deploy, step).await?;
    }
}

#[tokio::test]
async fn the_simulated_agent_deploys_an_image() {
    let simulator = Simulator::start(SimulatorConfig {
        power_delay_ms: 1..=5,
        boot_delay: Duration::from_millis(5),
        heartbeat_interval: Duration::from_millis(100),
        step_delay: Duration::from_millis(5),
        ..SimulatorConfig::default()
    })
    .unwrap();
    let deploy = direct();
    let mut task = task("");
    let (beat, mut heartbeats) = watch::channel(String::new());
    let (node, files) = (task.node.uuid, Arc::new(std::sync::OnceLock::<Vec<u8>>::new()));
    let iso = files.clone();
    let api = serve(move |request| match request.path.as_str() {
        "/" => Answer::Json(200, json!({"default_version": {"version": "1.115"}})),
        "/v1/lookup" => {
            Answer::Json(200, json!({"node": {"uuid": node}, "config": {"agent_token": "******"}}))
        }
        "/boot.iso" => Answer::Bytes(200, iso.get().unwrap().clone()),
        "/disk.raw" => Answer::Bytes(200, IMAGE.to_vec()),
        _ => {
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            beat.send(text(&body["callback_url"]).to_owned()).unwrap();
            Answer::Json(202, Value::Null)
        }
    })
    .await;
    files.set(boot_iso(format!("ipa-api-url={api} ipa-agent-token={TOKEN}")).await).unwrap();
    let digest: String = Sha256::digest(IMAGE).iter().map(|byte| format!("{byte:02x}")).collect();
    instance(
        &mut task,
        json!({"image_source": format!("{api}/disk.raw"), "image_checksum": digest, "image_disk_format": "raw",
            "configdrive": {"meta_data": {"name": "n7"}}}),
    );
    let (plain, log) = interfaces(&task.node, &[On]);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let bmc = Arc::new(Bmc { simulator, http });
    let interfaces = NodeInterfaces { power: bmc.clone(), ..plain };

    deploy.validate(&task.node).unwrap();
    let mut steps = deploy.steps(StepKind::Deploy, &task.node).into_iter();
    let first = steps.next().unwrap();
    assert_eq!(run(&mut task, &interfaces, &first, &mut heartbeats).await.unwrap(), "boot ramdisk");
    bmc.insert(&format!("{api}/boot.iso")).await;
    interfaces.power.set_power_state(&task, PowerTarget::On, DEADLINE).await.unwrap();
    let callback = heard(&mut heartbeats).await;
    task.node.status.driver_internal_info.insert("agent_url".into(), json!(callback));
    let offered = deploy.agent_steps(&task, StepKind::Deploy).await.unwrap();
    let labels = offered.iter().map(Step::label).collect::<Vec<_>>();
    assert_eq!(labels, ["deploy.erase_devices_metadata", "raid.apply_configuration"]);

    let write = steps.next().unwrap();
    let fault = FaultKind::AgentStepFails { message: "disk /dev/nvme0n1 is gone".to_owned() };
    bmc.simulator.fault(0, Fault::new(fault).on("write_image"));
    let error = run(&mut task, &interfaces, &write, &mut heartbeats).await.unwrap_err();
    assert!(error.evidence.unwrap().contains("disk /dev/nvme0n1 is gone"));

    for step in std::iter::once(write).chain(steps) {
        assert_eq!(
            run(&mut task, &interfaces, &step, &mut heartbeats).await.unwrap(),
            "done",
            "{}",
            step.label()
        );
    }
    assert_eq!(log.take(), ["prepare_instance"]);
    let server =
        bmc.simulator.wait_until(0, DEADLINE, |server| server.running == Running::Instance).await.unwrap();
    let disk = server.disk.unwrap();
    assert_eq!((disk.size_bytes, disk.bootloader_installed), (IMAGE.len() as u64, true));
    assert!(disk.configdrive_bytes.is_some());
}
