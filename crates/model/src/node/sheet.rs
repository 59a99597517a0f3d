//! A node as it is read to be shown: only what is asked for, and documents as the text they are stored as.

use super::Node;
use crate::lifecycle::ProvisionState;
use time::OffsetDateTime;
use uuid::Uuid;

/// What of a node says which it is, whether it has changed, who may see it and which conductor stands for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeKey {
    /// Row number, never given out twice.
    pub id: i64,
    /// Identity.
    pub uuid: Uuid,
    /// Counts the writes: as long as it stays, so does everything else.
    pub generation: i64,
    /// Hardware type.
    pub driver: String,
    /// Which group of conductors serves it.
    pub conductor_group: String,
    /// Project that owns it.
    pub owner: Option<String>,
    /// Project that uses it.
    pub lessee: Option<String>,
}

/// One writing of one node: whoever knows it knows what is shown of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeVersion {
    /// Row number, never given out twice.
    pub id: i64,
    /// Counts the writes.
    pub generation: i64,
    /// Project that owns it, if that was asked for.
    pub owner: Option<String>,
    /// Project that uses it, if that was asked for.
    pub lessee: Option<String>,
}

/// Which parts of nodes are read; what every list shows is always read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NodeColumns {
    /// The columns that only some lists show.
    pub others: bool,
    /// The document that operators write.
    pub spec: bool,
    /// The document that conductors write.
    pub status: bool,
}

/// A node to be shown. Parts that were not asked for are absent.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeSheet {
    /// Which node it is.
    pub key: NodeKey,
    /// Name.
    pub name: Option<String>,
    /// Provision state.
    pub state: ProvisionState,
    /// Power state, in its word.
    pub power_state: Option<String>,
    /// Whether nothing automatic may touch the node.
    pub maintenance: bool,
    /// Identity of what was deployed on it.
    pub instance_uuid: Option<String>,
    /// The columns that only some lists show.
    pub others: NodeOthers,
    /// The document that operators write, as JSON.
    pub spec: Option<String>,
    /// The document that conductors write, as JSON.
    pub status: Option<String>,
}

/// The columns of a node that only some lists show.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NodeOthers {
    /// Where the provision state is going, in its word.
    pub target_provision_state: Option<String>,
    /// When the provision state was last written.
    pub provision_updated_at: Option<OffsetDateTime>,
    /// Where the power state is going, in its word.
    pub target_power_state: Option<String>,
    /// Why it is in maintenance, in its word.
    pub fault: Option<String>,
    /// Host name of the conductor whose task holds the node.
    pub reservation: Option<String>,
    /// Name of what was deployed on it.
    pub instance_name: Option<String>,
    /// The allocation that holds it.
    pub allocation_uuid: Option<String>,
    /// Scheduling class.
    pub resource_class: Option<String>,
    /// Operator's partition of the fleet.
    pub shard: Option<String>,
    /// The node that contains this one.
    pub parent_node: Option<String>,
    /// The chassis it belongs to.
    pub chassis_uuid: Option<String>,
    /// Whether it must not be used any more.
    pub retired: Option<bool>,
    /// Free text.
    pub description: Option<String>,
    /// Traits, as a JSON list.
    pub traits: Option<String>,
    /// When the running or last inspection began.
    pub inspection_started_at: Option<OffsetDateTime>,
    /// When it was created.
    pub created_at: Option<OffsetDateTime>,
    /// When it was last written.
    pub updated_at: Option<OffsetDateTime>,
}

impl NodeColumns {
    /// What every list shows.
    pub const BRIEF: Self = Self { others: false, spec: false, status: false };
    /// Everything.
    pub const ALL: Self = Self { others: true, spec: true, status: true };

    /// What one of both asks for.
    pub const fn and(self, other: Self) -> Self {
        Self {
            others: self.others || other.others,
            spec: self.spec || other.spec,
            status: self.status || other.status,
        }
    }
}

impl NodeSheet {
    /// A node that was read whole.
    ///
    /// **Errors**: only on a defect.
    pub fn of(node: &Node) -> serde_json::Result<Self> {
        let text = |uuid: Option<Uuid>| uuid.map(|uuid| uuid.to_string());
        Ok(Self {
            key: NodeKey {
                id: node.id,
                uuid: node.uuid,
                generation: node.generation,
                driver: node.driver.clone(),
                conductor_group: node.conductor_group.clone(),
                owner: node.owner.clone(),
                lessee: node.lessee.clone(),
            },
            name: node.name.clone(),
            state: node.state(),
            power_state: node.power_state.map(|state| state.as_str().to_owned()),
            maintenance: node.maintenance,
            instance_uuid: text(node.instance_uuid),
            others: NodeOthers {
                target_provision_state: node.provision.target().map(|state| state.as_str().to_owned()),
                provision_updated_at: node.provision_updated_at,
                target_power_state: node.target_power_state.map(|state| state.as_str().to_owned()),
                fault: node.fault.map(|fault| fault.as_str().to_owned()),
                reservation: node.reservation.clone(),
                instance_name: node.instance_name.clone(),
                allocation_uuid: text(node.allocation_uuid),
                resource_class: node.resource_class.clone(),
                shard: node.shard.clone(),
                parent_node: text(node.parent_node),
                chassis_uuid: text(node.chassis_uuid),
                retired: Some(node.retired),
                description: node.description.clone(),
                traits: Some(serde_json::to_string(&node.traits)?),
                inspection_started_at: node.inspection_started_at,
                created_at: Some(node.created_at),
                updated_at: node.updated_at,
            },
            spec: Some(serde_json::to_string(&node.spec)?),
            status: Some(serde_json::to_string(&node.status)?),
        })
    }
}
