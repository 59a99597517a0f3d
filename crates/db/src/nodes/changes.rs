//! What one write changes of a node.

use crate::error::DbError;
use crate::schema::nodes;
use crate::types::{stored_json, stored_time};
use diesel::prelude::*;
use ferric_model::node::Node;
use time::{OffsetDateTime, PrimitiveDateTime};
use uuid::Uuid;

/// The columns that differ, and those that every write sets. Columns that are `None` are not written; large documents that
/// stay as they are do not travel, and are not made again.
#[derive(AsChangeset)]
#[diesel(table_name = nodes)]
pub(crate) struct NodeChanges {
    generation: i64,
    updated_at: Option<PrimitiveDateTime>,
    name: Option<Option<String>>,
    driver: Option<String>,
    provision_state: Option<String>,
    target_provision_state: Option<Option<String>>,
    provision_updated_at: Option<Option<PrimitiveDateTime>>,
    power_state: Option<Option<String>>,
    target_power_state: Option<Option<String>>,
    maintenance: Option<bool>,
    fault: Option<Option<String>>,
    reservation: Option<Option<String>>,
    instance_uuid: Option<Option<String>>,
    instance_name: Option<Option<String>>,
    allocation_uuid: Option<Option<String>>,
    resource_class: Option<Option<String>>,
    conductor_group: Option<String>,
    owner: Option<Option<String>>,
    lessee: Option<Option<String>>,
    shard: Option<Option<String>>,
    parent_node: Option<Option<String>>,
    chassis_uuid: Option<Option<String>>,
    retired: Option<bool>,
    description: Option<Option<String>>,
    traits: Option<String>,
    inspection_started_at: Option<Option<PrimitiveDateTime>>,
    spec: Option<String>,
    status: Option<String>,
}

/// The stored form of `after` if it differs from `before`.
fn changed<T: PartialEq, S>(before: &T, after: &T, store: impl FnOnce(&T) -> S) -> Option<S> {
    (before != after).then(|| store(after))
}

impl NodeChanges {
    /// What makes `after`, written at `now`, of `before`.
    pub(crate) fn between(before: &Node, after: &Node, now: OffsetDateTime) -> Result<Self, DbError> {
        let (a, b) = (before, after);
        let uuid = |uuid: &Option<Uuid>| uuid.map(|uuid| uuid.to_string());
        let time = |time: &Option<OffsetDateTime>| time.map(stored_time);
        let (was, is) = (&before.provision, &after.provision);
        Ok(Self {
            generation: before.generation + 1,
            updated_at: Some(stored_time(now)),
            name: changed(&a.name, &b.name, Clone::clone),
            driver: changed(&a.driver, &b.driver, Clone::clone),
            provision_state: changed(&was.state(), &is.state(), |state| state.as_str().to_owned()),
            target_provision_state: changed(&was.target(), &is.target(), |target| {
                target.map(|state| state.as_str().to_owned())
            }),
            provision_updated_at: changed(&a.provision_updated_at, &b.provision_updated_at, time),
            power_state: changed(&a.power_state, &b.power_state, |state| {
                state.map(|state| state.as_str().to_owned())
            }),
            target_power_state: changed(&a.target_power_state, &b.target_power_state, |state| {
                state.map(|state| state.as_str().to_owned())
            }),
            maintenance: changed(&a.maintenance, &b.maintenance, Clone::clone),
            fault: changed(&a.fault, &b.fault, |fault| fault.map(|fault| fault.as_str().to_owned())),
            reservation: changed(&a.reservation, &b.reservation, Clone::clone),
            instance_uuid: changed(&a.instance_uuid, &b.instance_uuid, uuid),
            instance_name: changed(&a.instance_name, &b.instance_name, Clone::clone),
            allocation_uuid: changed(&a.allocation_uuid, &b.allocation_uuid, uuid),
            resource_class: changed(&a.resource_class, &b.resource_class, Clone::clone),
            conductor_group: changed(&a.conductor_group, &b.conductor_group, Clone::clone),
            owner: changed(&a.owner, &b.owner, Clone::clone),
            lessee: changed(&a.lessee, &b.lessee, Clone::clone),
            shard: changed(&a.shard, &b.shard, Clone::clone),
            parent_node: changed(&a.parent_node, &b.parent_node, uuid),
            chassis_uuid: changed(&a.chassis_uuid, &b.chassis_uuid, uuid),
            retired: changed(&a.retired, &b.retired, Clone::clone),
            description: changed(&a.description, &b.description, Clone::clone),
            traits: changed(&a.traits, &b.traits, stored_json).transpose()?,
            inspection_started_at: changed(&a.inspection_started_at, &b.inspection_started_at, time),
            spec: changed(&a.spec, &b.spec, stored_json).transpose()?,
            status: changed(&a.status, &b.status, stored_json).transpose()?,
        })
    }
}
