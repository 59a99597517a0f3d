//! Nodes: the physical servers.

mod change;
mod fast_track;
mod fault;
mod sheet;
mod spec;
mod status;

pub use change::{ChangeKind, NodeChange, Projects};
pub use fast_track::{FAST_TRACK, is_fast_track, keeps_ramdisk, wants_fast_track};
pub use fault::Fault;
pub use sheet::{NodeColumns, NodeKey, NodeOthers, NodeSheet, NodeVersion};
pub use spec::NodeSpec;
pub use status::NodeStatus;

use crate::JsonMap;
use crate::lifecycle::{Provision, ProvisionState};
use crate::power::PowerState;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

/// A physical server.
///
/// **Shape**: what is filtered, sorted by or compared-and-set is a field here; the rest lies in two documents grouped
/// by who writes them: [`NodeSpec`] by operators, [`NodeStatus`] by the reports of conductors.
///
/// Source: Ironic API reference, "Nodes".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Row number: the order of creation.
    pub id: i64,
    /// Identity.
    pub uuid: Uuid,
    /// Counts the writes: a write names the generation it was decided on and loses if that is gone.
    pub generation: i64,
    /// Optional unique name.
    pub name: Option<String>,
    /// Hardware type.
    pub driver: String,
    /// State and target, changed by [`crate::lifecycle::advance`] only.
    pub provision: Provision,
    /// When the provision state was last written or a heartbeat touched it.
    #[serde(with = "time::serde::rfc3339::option")]
    pub provision_updated_at: Option<OffsetDateTime>,
    /// Last known power state.
    pub power_state: Option<PowerState>,
    /// Set while a power change runs.
    pub target_power_state: Option<PowerState>,
    /// Whether nothing automatic may touch the node.
    pub maintenance: bool,
    /// Why it is in maintenance by the system's own doing.
    pub fault: Option<Fault>,
    /// Host name of the conductor whose task holds the node, or none.
    pub reservation: Option<String>,
    /// Identity of what was deployed on it.
    pub instance_uuid: Option<Uuid>,
    /// Name of what was deployed on it.
    pub instance_name: Option<String>,
    /// The allocation that holds it.
    pub allocation_uuid: Option<Uuid>,
    /// Scheduling class.
    pub resource_class: Option<String>,
    /// Which group of conductors serves it; lower case, empty for the default group.
    pub conductor_group: String,
    /// Project that owns it.
    pub owner: Option<String>,
    /// Project that uses it.
    pub lessee: Option<String>,
    /// Operator's partition of the fleet.
    pub shard: Option<String>,
    /// The node that contains this one.
    pub parent_node: Option<Uuid>,
    /// The chassis it belongs to.
    pub chassis_uuid: Option<Uuid>,
    /// Whether it must not be used any more.
    pub retired: bool,
    /// Free text, at most 4096 characters.
    pub description: Option<String>,
    /// Traits, sorted.
    pub traits: Vec<String>,
    /// When the running or last inspection began.
    #[serde(with = "time::serde::rfc3339::option")]
    pub inspection_started_at: Option<OffsetDateTime>,
    /// When it was created.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it was last written.
    #[serde(with = "time::serde::rfc3339::option")]
    pub updated_at: Option<OffsetDateTime>,
    /// What operators wrote.
    pub spec: NodeSpec,
    /// What conductors observed.
    pub status: NodeStatus,
}

impl Node {
    /// A new node in `initial` with everything else empty.
    pub fn new(uuid: Uuid, driver: impl Into<String>, initial: ProvisionState, now: OffsetDateTime) -> Self {
        Self {
            id: 0,
            uuid,
            generation: 0,
            name: None,
            driver: driver.into(),
            provision: Provision::initial(initial),
            provision_updated_at: None,
            power_state: None,
            target_power_state: None,
            maintenance: false,
            fault: None,
            reservation: None,
            instance_uuid: None,
            instance_name: None,
            allocation_uuid: None,
            resource_class: None,
            conductor_group: String::new(),
            owner: None,
            lessee: None,
            shard: None,
            parent_node: None,
            chassis_uuid: None,
            retired: false,
            description: None,
            traits: Vec::new(),
            inspection_started_at: None,
            created_at: now,
            updated_at: None,
            spec: NodeSpec::default(),
            status: NodeStatus::default(),
        }
    }

    /// The provision state, for short.
    pub fn state(&self) -> ProvisionState {
        self.provision.state()
    }

    /// Name if there is one, else UUID: what people call the node.
    pub fn label(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.uuid.to_string())
    }

    /// A text value of `driver_info`.
    pub fn driver_info_str(&self, key: &str) -> Option<&str> {
        self.spec.driver_info.get(key).and_then(serde_json::Value::as_str).filter(|text| !text.is_empty())
    }

    /// A capability: those of the instance go before those of the hardware.
    ///
    /// **Shape**: `properties.capabilities` is `"k:v,k:v"`; `instance_info.capabilities` is an object or its JSON text.
    pub fn capability(&self, name: &str) -> Option<String> {
        capability_in(&self.spec.instance_info, name).or_else(|| capability_in(&self.spec.properties, name))
    }
}

/// A capability in one document, in any of its forms.
pub(crate) fn capability_in(document: &JsonMap, name: &str) -> Option<String> {
    match document.get("capabilities") {
        Some(serde_json::Value::Object(map)) => map.get(name).map(plain_text),
        Some(serde_json::Value::String(text)) => match serde_json::from_str::<JsonMap>(text) {
            Ok(map) => map.get(name).map(plain_text),
            Err(_) => text
                .split(',')
                .filter_map(|pair| pair.split_once(':'))
                .find(|(key, _)| key.trim() == name)
                .map(|(_, value)| value.trim().to_owned()),
        },
        _ => None,
    }
}

fn plain_text(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::Node;
    use crate::lifecycle::ProvisionState;
    use serde_json::json;
    use time::OffsetDateTime;

    #[test]
    fn capabilities_are_read_in_both_forms_and_the_instance_wins() {
        let mut node =
            Node::new(uuid::Uuid::nil(), "redfish", ProvisionState::Enroll, OffsetDateTime::UNIX_EPOCH);
        node.spec.properties.insert("capabilities".into(), json!("boot_mode:bios, cpu_vt:true"));
        assert_eq!(node.capability("boot_mode").as_deref(), Some("bios"));
        assert_eq!(node.capability("cpu_vt").as_deref(), Some("true"));
        node.spec.instance_info.insert("capabilities".into(), json!({"boot_mode": "uefi"}));
        assert_eq!(node.capability("boot_mode").as_deref(), Some("uefi"));
        node.spec.instance_info.insert("capabilities".into(), json!("{\"secure_boot\": true}"));
        assert_eq!(node.capability("secure_boot").as_deref(), Some("true"));
    }

    #[test]
    fn a_node_survives_the_wire() {
        let node =
            Node::new(uuid::Uuid::nil(), "redfish", ProvisionState::Available, OffsetDateTime::UNIX_EPOCH);
        let text = serde_json::to_string(&node).unwrap();
        assert_eq!(serde_json::from_str::<Node>(&text).unwrap(), node);
    }
}
