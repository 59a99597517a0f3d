//! Choosing the implementation of each interface of a node.

use super::InterfaceKind;
use crate::conductor::DriverOffer;
use std::collections::BTreeMap;

/// Why no complete set of interfaces could be chosen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InterfaceError {
    /// The requested implementation is not enabled for the hardware type.
    #[error(
        "could not find {kind} interface {name}; enabled implementations for hardware type {driver}: {enabled}"
    )]
    NotEnabled {
        /// Kind of interface.
        kind: InterfaceKind,
        /// What was asked for.
        name: String,
        /// The hardware type.
        driver: String,
        /// What there is, separated by commas.
        enabled: String,
    },
    /// Nothing is enabled and nothing was asked for.
    #[error("no {kind} interface is enabled for hardware type {driver}")]
    NoDefault {
        /// Kind of interface.
        kind: InterfaceKind,
        /// The hardware type.
        driver: String,
    },
}

/// Completes `requested` with defaults from what conductors offer for `driver`.
///
/// **Errors**: [`InterfaceError`] for the first kind, in alphabetical order, that cannot be chosen.
pub fn resolve_interfaces(
    driver: &str,
    offer: &DriverOffer,
    requested: &BTreeMap<InterfaceKind, String>,
) -> Result<BTreeMap<InterfaceKind, String>, InterfaceError> {
    InterfaceKind::ALL
        .into_iter()
        .map(|kind| {
            let enabled = offer.interfaces.get(&kind).map(Vec::as_slice).unwrap_or_default();
            let chosen = match requested.get(&kind) {
                Some(name) if enabled.contains(name) => name.clone(),
                Some(name) => {
                    return Err(InterfaceError::NotEnabled {
                        kind,
                        name: name.clone(),
                        driver: driver.to_owned(),
                        enabled: enabled.join(", "),
                    });
                }
                None => enabled
                    .first()
                    .cloned()
                    .ok_or_else(|| InterfaceError::NoDefault { kind, driver: driver.to_owned() })?,
            };
            Ok((kind, chosen))
        })
        .collect()
}
