//! Choosing the interfaces of a node among what living conductors offer.

use crate::error::ControlError;
use ferric_model::conductor::{Conductor, DriverOffer};
use ferric_model::hardware::{InterfaceError, InterfaceKind, find_removed_interface, resolve_interfaces};
use ferric_model::node::Node;
use std::collections::{BTreeMap, BTreeSet};

/// What the living conductors of the node's group offer for its driver.
///
/// **Errors**: `Invalid` when there is no such conductor.
pub(crate) fn offer<'a>(conductors: &'a [Conductor], node: &Node) -> Result<&'a DriverOffer, ControlError> {
    conductors
        .iter()
        .filter(|conductor| conductor.conductor_group == node.conductor_group)
        .find_map(|conductor| conductor.drivers.get(&node.driver))
        .ok_or_else(|| {
            ControlError::Invalid(format!(
                "No valid host was found. Reason: No conductor service registered which supports driver {} for \
                 conductor group \"{}\". Ensure the driver is valid and enabled.",
                node.driver, node.conductor_group
            ))
        })
}

/// Gives the node the interfaces in `requested`, and defaults for the others.
///
/// **Errors**: `Invalid`.
pub(crate) fn choose(
    conductors: &[Conductor],
    node: &mut Node,
    requested: &BTreeMap<InterfaceKind, String>,
) -> Result<(), ControlError> {
    let offer = offer(conductors, node)?;
    node.spec.interfaces = resolve_interfaces(&node.driver, offer, requested)
        .map_err(|error| ControlError::Invalid(explain(&error, conductors, node)))?;
    Ok(())
}

fn explain(error: &InterfaceError, conductors: &[Conductor], node: &Node) -> String {
    match error {
        InterfaceError::NotEnabled { kind, name, .. } if find_removed_interface(*kind, name).is_some() => {
            find_removed_interface(*kind, name).map_or("", |row| row.advice).to_owned()
        }
        InterfaceError::NotEnabled { kind, name, driver, .. } => {
            let enabled = enabled_anywhere(conductors, &node.conductor_group, *kind);
            if enabled.contains(name.as_str()) {
                format!(
                    "{kind} interface implementation '{name}' is not supported by hardware type {driver}."
                )
            } else {
                let names: Vec<String> = enabled.into_iter().map(|name| format!("'{name}'")).collect();
                format!(
                    "Could not find the following interface in the 'ironic.hardware.interfaces.{kind}' entrypoint: \
                     {name}. Valid interfaces are [{}].",
                    names.join(", ")
                )
            }
        }
        InterfaceError::NoDefault { kind, driver } => format!(
            "For node {} hardware type '{driver}', no default value found for {kind} interface could be determined. \
             Please ensure the interfaces are enabled.",
            node.uuid
        ),
    }
}

/// Implementations of one kind that the group's conductors have enabled for any hardware type.
fn enabled_anywhere<'a>(conductors: &'a [Conductor], group: &str, kind: InterfaceKind) -> BTreeSet<&'a str> {
    conductors
        .iter()
        .filter(|conductor| conductor.conductor_group == group)
        .flat_map(|conductor| conductor.drivers.values())
        .filter_map(|offer| offer.interfaces.get(&kind))
        .flatten()
        .map(String::as_str)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferric_model::lifecycle::ProvisionState;
    use time::OffsetDateTime;
    use uuid::Uuid;

    #[test]
    fn what_was_removed_is_refused_with_the_way_on() {
        let node = Node::new(Uuid::nil(), "redfish", ProvisionState::Enroll, OffsetDateTime::UNIX_EPOCH);
        let said = |name: &str| {
            let error = InterfaceError::NotEnabled {
                kind: InterfaceKind::Deploy,
                name: name.to_owned(),
                driver: "redfish".to_owned(),
                enabled: String::new(),
            };
            explain(&error, &[], &node)
        };
        assert!(said("iscsi").starts_with("deploy_interface iscsi was removed"), "{}", said("iscsi"));
        assert!(said("iscsi").contains("use direct"));
        assert!(said("magic").starts_with("Could not find the following interface"), "{}", said("magic"));
    }
}
