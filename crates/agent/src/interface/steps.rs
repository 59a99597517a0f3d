//! The steps of deploying, and reading the steps that an agent offers.

use super::kind::DeployKind::{self, Bootc, CustomAgent, Direct, Ramdisk};
use crate::client::AgentError;
use crate::config::AgentConfig;
use ferric_model::hardware::InterfaceKind;
use ferric_model::step::{Repeat, Step, StepKind, StepOrigin};
use serde_json::Value;
use std::collections::BTreeMap;

/// A step of a deploy interface that a conductor carries out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnStep {
    /// Boots the ramdisk.
    Deploy,
    /// Boots what the user runs in memory.
    BootImage,
    /// Has the agent write the image.
    WriteImage,
    /// Has the agent install a container.
    InstallContainer,
    /// Makes the disk bootable and the BMC boot it.
    PrepareInstanceBoot,
    /// Makes the BMC boot the disk.
    SetBootToDisk,
    /// Ends the ramdisk.
    TearDownAgent,
    /// Moves the node to the networks of its user.
    SwitchToTenantNetwork,
    /// Switches the instance on.
    BootInstance,
}

/// What a step is, and which deploy interfaces have it.
struct Row {
    step: OwnStep,
    name: &'static str,
    priority: i64,
    requires_ramdisk: bool,
    /// What a take-over may do with it.
    repeat: Repeat,
    kinds: &'static [DeployKind],
}

/// Those in which an agent works.
const WITH_AGENT: &[DeployKind] = &[Direct, CustomAgent, Bootc];

/// Source: `contract: hardware-interfaces` section 2. `Retryable`: a take-over asks [`super::AgentDeploy`] to resume the
/// step, which looks what the agent and the BMC know of it before it does anything.
#[rustfmt::skip]
const OWN_STEPS: [Row; 9] = [
    Row { step: OwnStep::Deploy, name: "deploy", priority: 100, requires_ramdisk: false, repeat: Repeat::Pure, kinds: WITH_AGENT },
    Row { step: OwnStep::BootImage, name: "deploy", priority: 100, requires_ramdisk: false, repeat: Repeat::Pure, kinds: &[Ramdisk] },
    Row { step: OwnStep::WriteImage, name: "write_image", priority: 80, requires_ramdisk: true, repeat: Repeat::Once, kinds: &[Direct] },
    Row { step: OwnStep::InstallContainer, name: "execute_bootc_install", priority: 80, requires_ramdisk: true, repeat: Repeat::Once, kinds: &[Bootc] },
    Row { step: OwnStep::PrepareInstanceBoot, name: "prepare_instance_boot", priority: 60, requires_ramdisk: true, repeat: Repeat::Retryable, kinds: WITH_AGENT },
    Row { step: OwnStep::SetBootToDisk, name: "set_boot_to_disk", priority: 60, requires_ramdisk: false, repeat: Repeat::Pure, kinds: &[Bootc] },
    Row { step: OwnStep::TearDownAgent, name: "tear_down_agent", priority: 40, requires_ramdisk: true, repeat: Repeat::Retryable, kinds: WITH_AGENT },
    Row { step: OwnStep::SwitchToTenantNetwork, name: "switch_to_tenant_network", priority: 30, requires_ramdisk: false, repeat: Repeat::Pure, kinds: WITH_AGENT },
    Row { step: OwnStep::BootInstance, name: "boot_instance", priority: 20, requires_ramdisk: false, repeat: Repeat::Retryable, kinds: WITH_AGENT },
];

impl OwnStep {
    /// The step of this name that this deploy interface has.
    pub fn find(kind: DeployKind, step: &Step) -> Option<Self> {
        let of_deploy = step.interface == InterfaceKind::Deploy;
        rows(kind).find(|row| of_deploy && row.name == step.step).map(|row| row.step)
    }

    /// All that a deploy interface has, as the engine plans with them.
    pub fn all(kind: DeployKind) -> impl Iterator<Item = Step> {
        rows(kind).map(|row| Step {
            requires_ramdisk: row.requires_ramdisk,
            repeat: row.repeat,
            abortable: true,
            ..Step::new(InterfaceKind::Deploy, row.name, row.priority)
        })
    }
}

fn rows(kind: DeployKind) -> impl Iterator<Item = &'static Row> {
    OWN_STEPS.iter().filter(move |row| row.kinds.contains(&kind))
}

/// Reads the answer to `get_<kind>_steps`.
///
/// **Shape**: `{"<kind>_steps": {"<hardware manager>": [{interface, step, priority, …}]}}`. Of a step that several
/// managers have, the highest priority counts; steps that the conductor carries out itself are left out.
///
/// **Errors**: `Nonsense` for a step without its required parts.
pub fn read_steps(
    deploy: DeployKind,
    kind: StepKind,
    command: &str,
    result: &Value,
    config: &AgentConfig,
) -> Result<Vec<Step>, AgentError> {
    let nonsense = |reason: String| AgentError::Nonsense { command: command.to_owned(), reason };
    let key = format!("{}_steps", kind.as_str());
    let managers =
        result[&key].as_object().ok_or_else(|| nonsense(format!("'{key}' is missing or no object")))?;
    let mut found: BTreeMap<String, Step> = BTreeMap::new();
    for (manager, steps) in managers {
        let steps =
            steps.as_array().ok_or_else(|| nonsense(format!("the steps of '{manager}' are no list")))?;
        for document in steps {
            let mut step = read_step(document).map_err(|reason| {
                nonsense(format!("a {} step of hardware manager '{manager}' {reason}", kind.as_str()))
            })?;
            if kind == StepKind::Deploy && OwnStep::find(deploy, &step).is_some() {
                continue;
            }
            if let (StepKind::Clean, Some(priority)) = (kind, config.clean_priority(&step.label())) {
                step.priority = priority;
            }
            let label = step.label();
            if found.get(&label).is_none_or(|known| known.priority < step.priority) {
                found.insert(label, step);
            }
        }
    }
    Ok(found.into_values().collect())
}

fn read_step(document: &Value) -> Result<Step, String> {
    let text = |key: &str| document[key].as_str().filter(|text| !text.is_empty());
    let name = text("step").ok_or("has no name")?;
    let interface = text("interface").ok_or_else(|| format!("'{name}' has no interface"))?;
    let interface = InterfaceKind::find(interface)
        .ok_or_else(|| format!("'{name}' has the unknown interface '{interface}'"))?;
    let priority =
        document["priority"].as_i64().ok_or_else(|| format!("'{name}' has no whole number as priority"))?;
    let flag = |key: &str, default: bool| document[key].as_bool().unwrap_or(default);
    Ok(Step {
        abortable: flag("abortable", false),
        requires_ramdisk: flag("requires_ramdisk", true),
        reboot_requested: flag("reboot_requested", false),
        origin: StepOrigin::Agent,
        // What agents do to disks as a whole (erasing, burning in) may be done again; half a new RAID or firmware not.
        repeat: if interface == InterfaceKind::Deploy { Repeat::Retryable } else { Repeat::Once },
        ..Step::new(interface, name, priority)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_steps_of_several_managers_become_one_list() {
        let result = json!({"deploy_steps": {
            "Generic": [
                {"interface": "deploy", "step": "write_image", "priority": 0},
                {"interface": "deploy", "step": "erase_devices_metadata", "priority": 0},
                {"interface": "raid", "step": "apply_configuration", "priority": 0, "reboot_requested": true}],
            "Special": [{"interface": "deploy", "step": "erase_devices_metadata", "priority": 95}]}});
        let steps = read_steps(Direct, StepKind::Deploy, "x", &result, &AgentConfig::default()).unwrap();
        let rows: Vec<_> =
            steps.iter().map(|s| (s.label(), s.priority, s.reboot_requested, s.repeat, s.origin)).collect();
        assert_eq!(
            rows,
            [
                ("deploy.erase_devices_metadata".to_owned(), 95, false, Repeat::Retryable, StepOrigin::Agent),
                ("raid.apply_configuration".to_owned(), 0, true, Repeat::Once, StepOrigin::Agent),
            ]
        );
    }

    #[test]
    fn priorities_of_cleaning_follow_the_configuration() {
        let row =
            |step: &str, priority: i64| json!({"interface": "deploy", "step": step, "priority": priority});
        let result = json!({"clean_steps": {"G": [
            row("erase_devices", 10), row("erase_devices_express", 0), row("erase_devices_metadata", 99), row("erase_pstore", 0),
        ]}});
        let chosen = |text: &str| text.to_owned().try_into().unwrap();
        let config = AgentConfig {
            erase_devices_priority: Some(0),
            erase_devices_metadata_priority: Some(5),
            clean_step_priorities: vec![
                chosen("deploy.erase_devices_express:95"),
                chosen("deploy.erase_devices_metadata:7"),
            ],
            ..AgentConfig::default()
        };
        let steps = read_steps(Direct, StepKind::Clean, "x", &result, &config).unwrap();
        let priorities: Vec<_> = steps.iter().map(|step| (step.step.as_str(), step.priority)).collect();
        assert_eq!(
            priorities,
            [
                ("erase_devices", 0),
                ("erase_devices_express", 95),
                ("erase_devices_metadata", 7),
                ("erase_pstore", 0)
            ]
        );
    }

    #[test]
    fn a_custom_deployment_may_have_the_agent_write_images() {
        let result =
            json!({"deploy_steps": {"G": [{"interface": "deploy", "step": "write_image", "priority": 0}]}});
        let offered = |deploy| {
            read_steps(deploy, StepKind::Deploy, "x", &result, &AgentConfig::default()).unwrap().len()
        };
        assert_eq!((offered(Direct), offered(CustomAgent)), (0, 1));
    }

    #[test]
    fn steps_without_their_parts_are_refused_by_name() {
        let rows = [
            (json!({}), "'clean_steps' is missing"),
            (json!({"clean_steps": {"M": 1}}), "steps of 'M' are no list"),
            (json!({"clean_steps": {"M": [{"step": "a", "priority": 1}]}}), "'a' has no interface"),
            (
                json!({"clean_steps": {"M": [{"interface": "x", "step": "a", "priority": 1}]}}),
                "interface 'x'",
            ),
            (
                json!({"clean_steps": {"M": [{"interface": "raid", "step": "a", "priority": "1"}]}}),
                "priority",
            ),
            (json!({"clean_steps": {"M": [{"interface": "raid", "priority": 1}]}}), "has no name"),
        ];
        for (result, expected) in rows {
            let error = read_steps(
                Direct,
                StepKind::Clean,
                "clean.get_clean_steps",
                &result,
                &AgentConfig::default(),
            )
            .unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
    }
}
