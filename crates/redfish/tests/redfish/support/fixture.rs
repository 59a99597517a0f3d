//! Nodes, tasks, and clients with short deadlines.

use ferric_bmc_sim::{Fault, ServerView, Simulator, SimulatorConfig};
use ferric_hardware::fake;
use ferric_hardware::{Generic, HardwareError, HardwareType, Inspect, InspectOutcome, Registry, TaskView};
use ferric_model::action::Action;
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Node;
use ferric_model::power::{PowerState, PowerTarget};
use ferric_model::report::Observed;
use ferric_redfish::{RedfishClients, RedfishConfig, hardware_type};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use uuid::Uuid;

pub fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// Settings with which everything that waits waits for milliseconds.
pub fn quick() -> RedfishConfig {
    RedfishConfig {
        connect_timeout_ms: 2_000,
        answer_timeout_ms: 2_000,
        attempts: 3,
        backoff_base_ms: 2,
        backoff_cap_ms: 10,
        poll_first_ms: 4,
        poll_longest_ms: 30,
        task_timeout_ms: 5_000,
        media_timeout_ms: 300,
        restart_settle_ms: 100,
        firmware_stall_secs: 1,
        firmware_reboot_delay_secs: 1,
        firmware_settle_pause_ms: 5,
        firmware_settle_timeout_secs: 5,
        ..RedfishConfig::default()
    }
}

pub fn clients(config: RedfishConfig) -> HardwareType {
    hardware_type(Arc::new(RedfishClients::new(config)), Generic::default())
}

pub fn node(driver_info: Value) -> Node {
    let mut node =
        Node::new(Uuid::new_v4(), "redfish", ProvisionState::Manageable, OffsetDateTime::UNIX_EPOCH);
    node.spec.driver_info = driver_info.as_object().cloned().unwrap();
    node
}

pub fn task(node: Node) -> TaskView {
    TaskView {
        task_id: Uuid::new_v4(),
        action: Action::Deploy,
        node,
        ports: Vec::new(),
        portgroups: Vec::new(),
        inventory: None,
        boot_url: None,
        api_url: "http://127.0.0.1:6385".to_owned(),
        instance_boot_url: None,
        taken_over: false,
    }
}

/// Runs an inspection that must end at once.
pub async fn run_inspect(hardware: &HardwareType, task: &TaskView) -> Result<Observed, HardwareError> {
    let mut other = node(json!({}));
    other.driver = "fake-hardware".to_owned();
    let interfaces =
        Registry::default().with(fake::hardware_type(Generic::default())).resolve(&other).unwrap();
    let inspect: &Arc<dyn Inspect> = &hardware.inspect[0].1;
    match inspect.inspect(task, &interfaces).await? {
        InspectOutcome::Done(observed) => Ok(observed),
        outcome @ InspectOutcome::BootRamdisk(_) => panic!("{outcome:?}"),
    }
}

/// A simulator, and the hardware type pointed at one of its servers.
pub struct Rig {
    index: usize,
    pub config: RedfishConfig,
    pub simulator: Simulator,
    pub hardware: HardwareType,
    pub task: TaskView,
}

impl Rig {
    pub fn new() -> Self {
        Self::with(quick())
    }

    pub fn with(config: RedfishConfig) -> Self {
        Self::at(0, config)
    }

    /// The server with this index, of which depends what hardware it has.
    pub fn at(index: usize, config: RedfishConfig) -> Self {
        let simulator = Simulator::start(SimulatorConfig {
            servers: index + 1,
            power_delay_ms: 5..=15,
            task_delay: Duration::from_millis(40),
            ..SimulatorConfig::default()
        })
        .unwrap();
        let (username, password) = simulator.credentials();
        let node = node(json!({
            "redfish_address": simulator.base_url(),
            "redfish_system_id": simulator.system_path(index),
            "redfish_username": username,
            "redfish_password": password,
        }));
        Self { index, hardware: clients(config.clone()), config, task: task(node), simulator }
    }

    pub fn fault(&self, fault: Fault) {
        self.simulator.fault(self.index, fault);
    }

    pub fn server(&self) -> ServerView {
        self.simulator.server(self.index)
    }

    /// How often the faults of the server have struck.
    pub fn hits(&self) -> u64 {
        self.server().faults.iter().filter_map(|fault| fault["hits"].as_u64()).sum()
    }

    /// Resets that the simulator carried out, as `type: count`.
    pub fn resets(&self) -> Value {
        json!(self.server().counters.resets)
    }

    pub async fn power(&self, target: PowerTarget, timeout: Duration) -> Result<PowerState, HardwareError> {
        self.hardware.power[0].1.set_power_state(&self.task, target, timeout).await
    }

    pub async fn power_state(&self) -> Result<Option<PowerState>, HardwareError> {
        self.hardware.power[0].1.get_power_state(&self.task.node).await
    }
}
