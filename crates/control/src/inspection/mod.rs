//! What is made of inspection data, whoever found them: hooks first, then the rules of operators.

mod devices;
mod hooks;
mod interfaces;
mod links;
mod properties;
mod settings;
#[cfg(test)]
mod tests;

pub use settings::{AddPorts, AutoDiscoverySettings, HookNames, InspectionSettings, KeepPorts, PciAlias};

use self::hooks::Inspected;
use crate::commit::Change;
use crate::inspection_rules::judge;
use ferric_model::conductor::Conductor;
use ferric_model::inspection_rule::{ApiCall, InspectionRule};
use ferric_model::port::Port;
use ferric_model::report::{Failure, Inventory};
use time::OffsetDateTime;

/// What inspection data is held against.
#[derive(Debug, Default)]
pub(crate) struct Background {
    /// Ports with the addresses found, of whatever node.
    pub present: Vec<Port>,
    /// The node's ports.
    pub own: Vec<Port>,
    /// The rules of operators.
    pub rules: Vec<InspectionRule>,
}

/// Completes a change that stores an inventory: hooks make properties and ports of it, then rules work on all of that. Gives
/// the calls that rules ask for. `out_of_band` says that the BMC told it and no ramdisk.
///
/// **Errors**: why the inspection fails; the change is then as it was.
pub(crate) fn work_on(
    settings: &InspectionSettings,
    out_of_band: bool,
    background: &Background,
    conductors: &[Conductor],
    change: &mut Change,
    now: OffsetDateTime,
) -> Result<Vec<ApiCall>, Box<Failure>> {
    let Some(found) = change.inventory.clone() else { return Ok(Vec::new()) };
    let node = change.node.uuid;
    let taken = background.present.iter().filter(|port| port.node_uuid != node);
    let mut inspected = Inspected {
        settings,
        out_of_band,
        node: change.node.clone(),
        inventory: found.inventory,
        plugin_data: found.plugin_data,
        taken: taken.map(|port| port.address.clone()).collect(),
        cards: Vec::new(),
        ports: background.own.clone(),
        gone: Vec::new(),
        now,
    };
    let names = if out_of_band { &settings.out_of_band_hooks } else { &settings.hooks };
    for hook in names.iter() {
        (hook.run)(&mut inspected)?;
    }
    let is_own = |port: &Port| background.own.iter().any(|own| own.uuid == port.uuid);
    let (stay, new): (Vec<Port>, Vec<Port>) = inspected.ports.into_iter().partition(is_own);
    let before = change.clone();
    change.node = inspected.node;
    change.inventory = Some(Inventory { inventory: inspected.inventory, plugin_data: inspected.plugin_data });
    change.new_ports = new;
    change.gone_ports = inspected.gone;
    let judged = judge(&background.rules, conductors, &stay, change);
    if judged.is_err() {
        *change = before;
        return judged;
    }
    let changed = stay.into_iter().filter(|port| !background.own.contains(port));
    let unsaved: Vec<Port> =
        changed.filter(|port| !change.save_ports.iter().any(|saved| saved.uuid == port.uuid)).collect();
    change.save_ports.extend(unsaved);
    judged
}
