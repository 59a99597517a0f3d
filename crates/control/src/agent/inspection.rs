//! Inspection data from the ramdisk.

use super::heartbeat::wake;
use super::lookup::{Lookup, hidden};
use crate::commit::{Change, check_unlocked};
use crate::control::{Control, pick_conductor};
use crate::error::ControlError;
use crate::inspection::{Background, work_on};
use crate::inspection_rules::make_calls;
use crate::task_read::{ports_of, ports_with};
use ferric_db::{Conn, DbError, inspection_rules};
use ferric_model::JsonMap;
use ferric_model::inspection_rule::MAIN_PHASE;
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Node;
use ferric_model::report::Inventory;
use ferric_model::task::TaskState;
use serde_json::Value;
use uuid::Uuid;

impl Control {
    /// Takes what the ramdisk found: hooks and rules complete properties and ports, the inventory is stored, and the conductor
    /// is let end the inspection. Hardware that nobody knows is enrolled where that is enabled.
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
        let (node, unknown) = match self.find_by_hardware(&found.addresses, node_uuid).await {
            Err(ControlError::NotFound(_)) if node_uuid.is_none() => (self.discover(&found).await?, true),
            node => (node?, false),
        };
        self.check_awaited(&node)?;
        let background = self.background(&node, &found.addresses).await?;
        let conductors = self.live_conductors().await?;
        let settings = &self.settings().inspection;
        let work =
            |change: &mut Change| work_on(settings, false, &background, &conductors, change, self.now());
        // Calls are made before anything is decided, for a decision must not wait for the network.
        let mut preview = self.store_found(node.clone(), &found);
        let called = match work(&mut preview) {
            Ok(calls) => make_calls(&calls).await,
            Err(failure) => Err(failure),
        };
        if unknown {
            self.enroll_discovered(&preview, called.as_ref().err().map(|failure| &**failure)).await?;
        }
        let (node, ()) = self
            .decide(&node.uuid.to_string(), |node, active| {
                self.check_awaited(&node)?;
                let task = active.into_iter().find(|task| task.state == TaskState::Parked);
                let before = node.clone();
                let mut change = self.store_found(node, &found);
                let worked = called.clone().and_then(|()| work(&mut change).map(drop));
                match (worked, task) {
                    (Ok(()), Some(task)) => {
                        change.node.reservation = pick_conductor(&conductors, &change.node);
                        change.save = Some(wake(task));
                    }
                    // What was discovered rests until somebody takes care of it.
                    (Ok(()), None) if before.state() == ProvisionState::Enroll => {}
                    (Err(failure), Some(task)) => {
                        let fence = task.fence();
                        self.end_badly(&conductors, task, fence, &before, &failure, &mut change);
                    }
                    (Err(failure), None) if before.state() == ProvisionState::Enroll => {
                        return Err(ControlError::Invalid(failure.explain(None)));
                    }
                    (_, None) => return Err(hidden()),
                }
                Ok((Some(change), ()))
            })
            .await?;
        if with_token { self.with_token(node, false).await } else { Ok(Lookup { node, agent_token: None }) }
    }

    /// What inspection data is held against.
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
    fn store_found(&self, node: Node, found: &Found) -> Change {
        let mut change = Change::of(node);
        let mut inventory = found.inventory.clone();
        if let Some(scope) = &self.settings().auto_discovery.inspection_scope
            && change.node.state() == ProvisionState::Enroll
        {
            inventory.plugin_data.insert("inspection_scope".to_owned(), scope.clone().into());
        }
        change.inventory = Some(inventory);
        if let Some(mode) = &found.boot_mode {
            change.node.status.boot_mode = Some(mode.clone());
        }
        change
    }

    /// Refuses data that nobody waits for.
    fn check_awaited(&self, node: &Node) -> Result<(), ControlError> {
        match node.state() {
            ProvisionState::InspectWait => check_unlocked(node),
            ProvisionState::Inspecting => check_unlocked(node).and(Err(hidden())),
            ProvisionState::Enroll if self.settings().auto_discovery.enabled => check_unlocked(node),
            _ => Err(hidden()),
        }
    }
}

/// What inspection data says before hooks look at it.
pub(super) struct Found {
    /// Inventory and everything else.
    pub inventory: Inventory,
    /// MAC addresses of the cards.
    pub addresses: Vec<String>,
    /// `uefi` or `bios`.
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
    let addresses = interfaces
        .iter()
        .filter(|interface| interface.get("name").and_then(Value::as_str) != Some("lo"))
        .filter_map(|interface| interface.get("mac_address")?.as_str())
        .filter_map(ferric_model::port::normalize_mac)
        .collect();
    let mut plugin_data = data.clone();
    plugin_data.remove("inventory");
    plugin_data.remove("logs");
    Ok(Found {
        boot_mode: inventory
            .get("boot")
            .and_then(|boot| boot.get("current_boot_mode"))
            .and_then(Value::as_str)
            .map(str::to_owned),
        inventory: Inventory { inventory: inventory.clone(), plugin_data },
        addresses,
    })
}
