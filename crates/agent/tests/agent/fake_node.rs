//! A node whose power and boot interfaces note what is asked of them.

use async_trait::async_trait;
use ferric_agent::{AgentConfig, Agents, DeployKind, deploy_interfaces};
use ferric_artifacts::image::{ImageConfig, Images};
use ferric_artifacts::source::SourceConfig;
use ferric_hardware::{
    Boot, Deploy, Generic, HardwareError, NodeInterfaces, Power, Registry, StepOutcome, TaskView, fake,
};
use ferric_model::action::Action;
use ferric_model::lifecycle::ProvisionState;
use ferric_model::merge::merge;
use ferric_model::node::Node;
use ferric_model::port::Port;
use ferric_model::power::{PowerState, PowerTarget};
use ferric_model::report::Observed;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;
use uuid::Uuid;

pub const TOKEN: &str = "T0KEN-0123456789012345678901234567890123";

/// What was asked of the node, in order.
#[derive(Debug, Clone, Default)]
pub struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn note(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// Power states as they are read one after the other; the last one stays.
#[derive(Debug)]
struct ScriptedPower {
    log: Log,
    states: Mutex<VecDeque<PowerState>>,
}

#[derive(Debug)]
struct NotedBoot(Log);

#[async_trait]
impl Power for ScriptedPower {
    fn validate(&self, _: &Node) -> Result<(), HardwareError> {
        Ok(())
    }

    async fn get_power_state(&self, _: &Node) -> Result<Option<PowerState>, HardwareError> {
        let mut states = self.states.lock().unwrap();
        let state = states.front().copied();
        if states.len() > 1 {
            states.pop_front();
        }
        self.log.note(format!("read {}", state.unwrap().as_str()));
        Ok(state)
    }

    async fn set_power_state(
        &self,
        _: &TaskView,
        target: PowerTarget,
        _: Duration,
    ) -> Result<PowerState, HardwareError> {
        self.log.note(format!("set {}", target.as_str()));
        Ok(target.final_state())
    }
}

#[async_trait]
impl Boot for NotedBoot {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        match node.driver_info_str("deploy_iso") {
            Some("broken") => Err(HardwareError::invalid("no such ISO", "choose another")),
            _ => Ok(()),
        }
    }

    async fn prepare_ramdisk(&self, _: &TaskView) -> Result<Observed, HardwareError> {
        self.0.note("prepare_ramdisk");
        Ok(Observed::default())
    }

    async fn clean_up_ramdisk(&self, _: &TaskView) -> Result<Observed, HardwareError> {
        self.0.note("clean_up_ramdisk");
        Ok(Observed::default())
    }

    async fn prepare_instance(&self, _: &TaskView) -> Result<Observed, HardwareError> {
        self.0.note("prepare_instance");
        Ok(Observed { boot_mode: Some("uefi".to_owned()), ..Observed::default() })
    }

    async fn clean_up_instance(&self, _: &TaskView) -> Result<Observed, HardwareError> {
        self.0.note("clean_up_instance");
        Ok(Observed::default())
    }
}

/// Settings without long pauses.
pub fn config() -> AgentConfig {
    AgentConfig {
        retry_pause_ms: 1,
        command_wait_ms: 1,
        power_off_attempts: 3,
        power_off_pause_ms: 1,
        answer_limit_bytes: 1024 * 1024,
        ..AgentConfig::default()
    }
}

pub fn agents() -> Agents {
    // Reading the system's certificates takes longer than most tests.
    static AGENTS: LazyLock<Agents> = LazyLock::new(|| {
        // The simulator installs it too.
        rustls::crypto::ring::default_provider().install_default().ok();
        Agents::new(config()).unwrap()
    });
    AGENTS.clone()
}

pub fn direct() -> Arc<dyn Deploy> {
    deploy(DeployKind::Direct.name(), ImageConfig::default())
}

/// A deploy interface by its name.
pub fn deploy(name: &str, config: ImageConfig) -> Arc<dyn Deploy> {
    let agents = agents();
    let images = Images::new(SourceConfig { attempts: 1, ..SourceConfig::default() }, config).unwrap();
    let all = deploy_interfaces(&agents, &images);
    all.into_iter().find(|(known, _)| *known == name).map(|(_, deploy)| deploy).unwrap()
}

/// Interfaces of a node that reads these power states.
pub fn interfaces(node: &Node, states: &[PowerState]) -> (NodeInterfaces, Log) {
    let log = Log::default();
    let plain = Registry::default().with(fake::hardware_type(Generic::default())).resolve(node).unwrap();
    let power = ScriptedPower { log: log.clone(), states: Mutex::new(states.iter().copied().collect()) };
    let interfaces =
        NodeInterfaces { power: Arc::new(power), boot: Arc::new(NotedBoot(log.clone())), ..plain };
    (interfaces, log)
}

/// A task whose node was heard of from an agent at `agent_url`.
pub fn task(agent_url: &str) -> TaskView {
    let uuid = Uuid::from_u128(7);
    let now = time::OffsetDateTime::UNIX_EPOCH;
    let mut node = Node::new(uuid, "fake-hardware", ProvisionState::Deploying, now);
    node.name = Some("n7".to_owned());
    node.status.driver_internal_info.insert("agent_url".into(), json!(agent_url));
    node.status.driver_internal_info.insert("agent_secret_token".into(), json!(TOKEN));
    node.status.driver_internal_info.insert("agent_secret_token_pregenerated".into(), json!(true));
    node.spec.driver_info.insert("redfish_password".into(), json!("calvin"));
    node.spec.properties.insert("root_device".into(), json!({"name": "/dev/sda"}));
    let port = Port::new(Uuid::from_u128(8), uuid, "52:54:00:00:00:01");
    TaskView {
        task_id: Uuid::from_u128(9),
        action: Action::Deploy,
        node,
        ports: vec![port],
        portgroups: Vec::new(),
        inventory: None,
        boot_url: None,
        api_url: "http://127.0.0.1:1".to_owned(),
        instance_boot_url: None,
        taken_over: false,
    }
}

/// Does to the task's node what the control plane does with a report.
pub fn apply(task: &mut TaskView, observed: &Observed) {
    merge(&mut task.node.status.driver_internal_info, &observed.driver_internal_info);
    merge(&mut task.node.spec.instance_info, &observed.instance_info);
    task.node.power_state = observed.power_state.or(task.node.power_state);
}

/// The word of an outcome, with its observations applied.
pub fn settle(task: &mut TaskView, outcome: &StepOutcome) -> &'static str {
    let (word, observed) = match outcome {
        StepOutcome::Done(observed) => ("done", observed),
        StepOutcome::BootRamdisk(observed) => ("boot ramdisk", observed),
        StepOutcome::BootInstaller(observed) => ("boot installer", observed),
        StepOutcome::Wait(observed) => ("wait", observed),
        StepOutcome::Reboot(observed) => ("reboot", observed),
        StepOutcome::Again(observed) => ("again", observed),
        StepOutcome::RebootAndResume(observed) => ("reboot and resume", observed),
    };
    apply(task, observed);
    word
}

/// Sets values of `instance_info`.
pub fn instance(task: &mut TaskView, values: Value) {
    let Value::Object(values) = values else { panic!("no object") };
    task.node.spec.instance_info.extend(values);
}
