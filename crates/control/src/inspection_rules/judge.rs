//! What rules make of what inspection found.

use crate::commit::Change;
use crate::error::ControlError;
use crate::nodes::{document_of, write_document};
use crate::ports::{port_document, write_port_document};
use ferric_model::JsonMap;
use ferric_model::conductor::Conductor;
use ferric_model::failure::code;
use ferric_model::inspection_rule::{ApiCall, Findings, InspectionRule, RuleFailure, run};
use ferric_model::node::Node;
use ferric_model::port::Port;
use ferric_model::report::{Failure, Inventory};
use serde_json::Value;

/// Lets `rules` work on a change that stores an inventory: on its node, its inventory, its new ports and on `ports`, those
/// that the node has. Gives the calls that rules ask for.
///
/// **Errors**: why the inspection fails; the change is then as it was.
pub(crate) fn judge(
    rules: &[InspectionRule],
    conductors: &[Conductor],
    ports: &[Port],
    change: &mut Change,
) -> Result<Vec<ApiCall>, Box<Failure>> {
    let (Some(inventory), false) = (&change.inventory, rules.is_empty()) else { return Ok(Vec::new()) };
    let all: Vec<&Port> = ports.iter().chain(&change.new_ports).collect();
    let mut found = Findings {
        node: document_of(&change.node),
        facts: facts(&change.node),
        traits: change.node.traits.clone(),
        inventory: inventory.inventory.clone(),
        plugin_data: inventory.plugin_data.clone(),
        ports: all.iter().map(|port| with_uuid(port)).collect(),
        ..Findings::default()
    };
    run(rules, &mut found).map_err(|(rule, failure)| refused(rule, &failure))?;
    let node = write_document(conductors, &change.node, found.node).map_err(|error| unwritable(&error))?;
    let mut written = Vec::with_capacity(all.len());
    for (before, document) in all.iter().zip(found.ports) {
        written.push(write_port_document(before, document).map_err(|error| unwritable(&error))?);
    }
    let new_ports = written.split_off(ports.len());
    for (level, message) in found.log {
        tracing::info!(node.uuid = %node.uuid, level, "inspection rule: {message}");
    }
    found.traits.sort_unstable();
    change.save_ports =
        written.into_iter().zip(ports).filter(|(port, before)| port != *before).map(|row| row.0).collect();
    change.new_ports = new_ports;
    change.node = Node { traits: found.traits, ..node };
    change.inventory = Some(Inventory { inventory: found.inventory, plugin_data: found.plugin_data });
    Ok(found.calls)
}

/// What rules may read of a node and not write.
fn facts(node: &Node) -> JsonMap {
    let rows: [(&str, Value); 7] = [
        ("uuid", node.uuid.to_string().into()),
        ("provision_state", node.state().as_str().into()),
        ("power_state", node.power_state.map(|state| state.as_str()).into()),
        ("boot_mode", node.status.boot_mode.clone().into()),
        ("secure_boot", node.status.secure_boot.into()),
        ("health", node.status.health.clone().into()),
        ("maintenance_reason", node.spec.maintenance_reason.clone().into()),
    ];
    rows.into_iter().map(|(field, value)| (field.to_owned(), value)).collect()
}

fn with_uuid(port: &Port) -> JsonMap {
    let mut document = port_document(port);
    document.insert("uuid".to_owned(), port.uuid.to_string().into());
    document
}

fn refused(rule: &InspectionRule, failure: &RuleFailure) -> Box<Failure> {
    let advice = match failure {
        RuleFailure::Asked(_) => "mend what the rule found, or change the rule, then inspect again",
        RuleFailure::Broken(_) => "mend the inspection rule, then inspect again",
    };
    let called = rule.description.as_ref().map(|text| format!(" ({text})")).unwrap_or_default();
    self::failure(failure.to_string(), format!("inspection rule {}{called}", rule.uuid), advice)
}

fn unwritable(error: &ControlError) -> Box<Failure> {
    let advice = "mend the inspection rule that sets this value, then inspect again";
    failure(error.to_string(), "what inspection rules wrote cannot be stored".to_owned(), advice)
}

/// A failure of inspection because of rules.
pub(super) fn failure(summary: String, evidence: String, advice: &str) -> Box<Failure> {
    Box::new(Failure::new(code::INSPECTION_RULE, "inspection", summary).said(evidence).advised(advice))
}
