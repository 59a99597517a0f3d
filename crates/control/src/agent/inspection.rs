//! Inspection data from the ramdisk.

use super::heartbeat::wake;
use super::lookup::{Lookup, hidden};
use crate::commit::{Change, check_unlocked};
use crate::control::{Control, pick_conductor};
use crate::error::ControlError;
use crate::inspection_rules::{judge, make_calls};
use crate::observe::missing_ports;
use crate::task_read::{ports_of, ports_with};
use ferric_db::{Conn, DbError, inspection_rules};
use ferric_model::JsonMap;
use ferric_model::inspection_rule::{InspectionRule, MAIN_PHASE};
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Node;
use ferric_model::port::Port;
use ferric_model::report::{Inventory, ObservedPort};
use ferric_model::task::TaskState;
use serde_json::Value;
use uuid::Uuid;

impl Control {
    /// Takes what the ramdisk found: stores the inventory, completes properties and ports, and lets the conductor end
    /// the inspection.
    ///
    /// **Errors**: `Invalid` without an inventory of at least one interface; `NotFound` when no inspection waits for
    /// these addresses; `NodeLocked` while the conductor still holds the node.
    pub async fn continue_inspection(
        &self,
        node_uuid: Option<Uuid>,
        data: &JsonMap,
        with_token: bool,
    ) -> Result<Lookup, ControlError> {
        let found = parse(data)?;
        let addresses: Vec<String> = found.ports.iter().map(|port| port.address.clone()).collect();
        let node = self.find_by_hardware(&addresses, node_uuid).await?;
        check_awaited(&node)?;
        let background = self.background(&node, &addresses).await?;
        let conductors = self.live_conductors().await?;
        // Calls are made before anything is decided, for a decision must not wait for the network.
        let mut preview = self.store_found(node.clone(), &found, &background);
        let called = match judge(&background.rules, &conductors, &background.own, &mut preview) {
            Ok(calls) => make_calls(&calls).await,
            Err(failure) => Err(failure),
        };
        let (node, ()) = self
            .decide(&node.uuid.to_string(), |node, active| {
                check_awaited(&node)?;
                let task =
                    active.into_iter().find(|task| task.state == TaskState::Parked).ok_or_else(hidden)?;
                let before = node.clone();
                let mut change = self.store_found(node, &found, &background);
                let judged = called.clone().and_then(|()| {
                    judge(&background.rules, &conductors, &background.own, &mut change).map(drop)
                });
                match judged {
                    Ok(()) => {
                        change.node.reservation = pick_conductor(&conductors, &change.node);
                        change.save = Some(wake(task));
                    }
                    Err(failure) => {
                        let fence = (task.epoch, task.sequence);
                        self.end_badly(&conductors, task, fence, &before, &failure, &mut change);
                    }
                }
                Ok((Some(change), ()))
            })
            .await?;
        if with_token { self.with_token(node, false).await } else { Ok(Lookup { node, agent_token: None }) }
    }

    /// What inspection data is compared with.
    async fn background(&self, node: &Node, addresses: &[String]) -> Result<Background, ControlError> {
        let uuid = node.uuid;
        let read = async |conn: &mut Conn| {
            Ok::<_, DbError>(Background {
                present: ports_with(conn, addresses).await?,
                own: ports_of(conn, uuid).await?,
                rules: inspection_rules::list_of_phase(conn, MAIN_PHASE).await?,
            })
        };
        self.store().read(read).await.map_err(ControlError::Database)
    }

    /// Writes what was found into a change of the node.
    fn store_found(&self, node: Node, found: &Found, background: &Background) -> Change {
        let mut change = Change::of(node);
        let node = &mut change.node;
        change.new_ports = missing_ports(node, &background.present, &found.ports, self.now());
        change.inventory = Some(found.inventory.clone());
        ferric_model::merge::merge(&mut node.spec.properties, &found.properties);
        if let Some(mode) = &found.boot_mode {
            node.status.boot_mode = Some(mode.clone());
        }
        change
    }
}

/// Refuses data that nobody waits for.
fn check_awaited(node: &Node) -> Result<(), ControlError> {
    match node.state() {
        ProvisionState::InspectWait => check_unlocked(node),
        ProvisionState::Inspecting => check_unlocked(node).and(Err(hidden())),
        _ => Err(hidden()),
    }
}

/// What inspection data is compared with.
struct Background {
    /// Ports with the addresses found, of whatever node.
    present: Vec<Port>,
    /// The node's ports.
    own: Vec<Port>,
    rules: Vec<InspectionRule>,
}

/// What inspection data says about a node.
struct Found {
    inventory: Inventory,
    properties: JsonMap,
    ports: Vec<ObservedPort>,
    boot_mode: Option<String>,
}

fn parse(data: &JsonMap) -> Result<Found, ControlError> {
    let bad = |what: &str| ControlError::Invalid(format!("Invalid inspection data: {what}"));
    let inventory =
        data.get("inventory").and_then(Value::as_object).ok_or_else(|| bad("the inventory is missing"))?;
    let interfaces = inventory
        .get("interfaces")
        .and_then(Value::as_array)
        .filter(|list| !list.is_empty())
        .ok_or_else(|| bad("the inventory has no interfaces"))?;
    let boot_interface = data
        .get("boot_interface")
        .or_else(|| inventory.get("boot").and_then(|boot| boot.get("pxe_interface")))
        .and_then(Value::as_str)
        .and_then(|text| ferric_model::port::normalize_mac(&text.replace('-', ":")));
    let ports = interfaces
        .iter()
        .filter(|interface| interface.get("name").and_then(Value::as_str) != Some("lo"))
        .filter_map(|interface| interface.get("mac_address")?.as_str())
        .filter_map(ferric_model::port::normalize_mac)
        .map(|address| ObservedPort {
            pxe_enabled: boot_interface.as_ref().is_none_or(|boot| *boot == address),
            address,
        })
        .collect();
    let mut plugin_data = data.clone();
    plugin_data.remove("inventory");
    plugin_data.remove("logs");
    Ok(Found {
        properties: properties(inventory),
        boot_mode: inventory
            .get("boot")
            .and_then(|boot| boot.get("current_boot_mode"))
            .and_then(Value::as_str)
            .map(str::to_owned),
        inventory: Inventory { inventory: inventory.clone(), plugin_data },
        ports,
    })
}

/// The scheduler's properties; their names are Ironic's.
fn properties(inventory: &JsonMap) -> JsonMap {
    let mut properties = JsonMap::new();
    let number =
        |path: [&str; 2]| inventory.get(path[0]).and_then(|v| v.get(path[1])).and_then(Value::as_u64);
    if let Some(arch) = inventory.get("cpu").and_then(|cpu| cpu.get("architecture")).and_then(Value::as_str) {
        properties.insert("cpu_arch".into(), arch.into());
    }
    if let Some(count) = number(["cpu", "count"]) {
        properties.insert("cpus".into(), count.into());
    }
    if let Some(memory_mb) = number(["memory", "physical_mb"]) {
        properties.insert("memory_mb".into(), memory_mb.into());
    }
    if let Some(local_gb) = local_gb(inventory) {
        properties.insert("local_gb".into(), local_gb.into());
    }
    properties
}

/// Size of the disk that an image would be written to by default: the smallest of at least 4 GiB, less one GiB for
/// partition tables.
fn local_gb(inventory: &JsonMap) -> Option<u64> {
    const GIB: u64 = 1 << 30;
    let disks = inventory.get("disks")?.as_array()?;
    let smallest =
        disks.iter().filter_map(|disk| disk.get("size")?.as_u64()).filter(|size| *size >= 4 * GIB).min()?;
    Some(smallest / GIB - 1)
}
