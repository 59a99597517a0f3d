//! The steps of deploying, and reading the steps that an agent offers.

use crate::client::AgentError;
use crate::config::AgentConfig;
use ferric_model::hardware::InterfaceKind;
use ferric_model::step::{Repeat, Step, StepKind, StepOrigin};
use serde_json::Value;
use std::collections::BTreeMap;

/// A step of this interface that a conductor carries out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnStep {
    /// Boots the ramdisk.
    Deploy,
    /// Has the agent write the image.
    WriteImage,
    /// Makes the disk bootable and the BMC boot it.
    PrepareInstanceBoot,
    /// Ends the ramdisk.
    TearDownAgent,
    /// Moves the node to the networks of its user.
    SwitchToTenantNetwork,
    /// Switches the instance on.
    BootInstance,
}

/// Step, name, priority, whether the ramdisk must run, what a take-over may do with it.
///
/// Source: `contract: hardware-interfaces` section 2. `Retryable`: a take-over asks [`super::DeployDirect`] to resume
/// the step, which looks what the agent and the BMC know of it before it does anything.
const OWN_STEPS: [(OwnStep, &str, i64, bool, Repeat); 6] = [
    (OwnStep::Deploy, "deploy", 100, false, Repeat::Pure),
    (OwnStep::WriteImage, "write_image", 80, true, Repeat::Once),
    (OwnStep::PrepareInstanceBoot, "prepare_instance_boot", 60, true, Repeat::Retryable),
    (OwnStep::TearDownAgent, "tear_down_agent", 40, true, Repeat::Retryable),
    (OwnStep::SwitchToTenantNetwork, "switch_to_tenant_network", 30, false, Repeat::Pure),
    (OwnStep::BootInstance, "boot_instance", 20, false, Repeat::Retryable),
];

impl OwnStep {
    /// The step of this name.
    pub fn find(step: &Step) -> Option<Self> {
        let of_deploy = step.interface == InterfaceKind::Deploy;
        OWN_STEPS.iter().find(|row| of_deploy && row.1 == step.step).map(|row| row.0)
    }

    /// All of them, as the engine plans with them.
    pub fn all() -> impl Iterator<Item = Step> {
        OWN_STEPS.into_iter().map(|(_, name, priority, requires_ramdisk, repeat)| Step {
            requires_ramdisk,
            repeat,
            abortable: true,
            ..Step::new(InterfaceKind::Deploy, name, priority)
        })
    }
}

/// Reads the answer to `get_<kind>_steps`.
///
/// **Shape**: `{"<kind>_steps": {"<hardware manager>": [{interface, step, priority, …}]}}`. Of a step that several
/// managers have, the highest priority counts; steps that the conductor carries out itself are left out.
///
/// **Errors**: `Nonsense` for a step without its required parts.
pub fn read_steps(
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
            if kind == StepKind::Deploy && OwnStep::find(&step).is_some() {
                continue;
            }
            if let (StepKind::Clean, Some(priority)) = (kind, configured_priority(&step, config)) {
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

fn configured_priority(step: &Step, config: &AgentConfig) -> Option<i64> {
    match (step.interface, step.step.as_str()) {
        (InterfaceKind::Deploy, "erase_devices") => config.erase_devices_priority,
        (InterfaceKind::Deploy, "erase_devices_metadata") => config.erase_devices_metadata_priority,
        _ => None,
    }
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
        let steps = read_steps(StepKind::Deploy, "x", &result, &AgentConfig::default()).unwrap();
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
    fn priorities_of_erasing_follow_the_configuration() {
        let result =
            json!({"clean_steps": {"G": [{"interface": "deploy", "step": "erase_devices", "priority": 10}]}});
        let config = AgentConfig { erase_devices_priority: Some(0), ..AgentConfig::default() };
        assert_eq!(read_steps(StepKind::Clean, "x", &result, &config).unwrap()[0].priority, 0);
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
            let error =
                read_steps(StepKind::Clean, "clean.get_clean_steps", &result, &AgentConfig::default())
                    .unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
    }
}
