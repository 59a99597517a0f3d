//! Hardware types with their interfaces, as one process has them.

use crate::interface::{Boot, Deploy, Inspect, Management, Power};
use crate::{HardwareError, HardwareErrorKind};
use ferric_model::conductor::{DriverOffer, DriverOffers};
use ferric_model::hardware::InterfaceKind;
use ferric_model::node::Node;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Implementations by name, most preferred first.
type Implementations<T> = Vec<(&'static str, Arc<T>)>;

/// A hardware type: implementations of the interfaces that do something, and names of those that only have a name.
#[derive(Debug, Default)]
pub struct HardwareType {
    /// Its name, as in the node's field `driver`.
    pub name: &'static str,
    /// What each `driver_info` key means.
    pub properties: BTreeMap<String, String>,
    /// Power.
    pub power: Implementations<dyn Power>,
    /// Management.
    pub management: Implementations<dyn Management>,
    /// Boot.
    pub boot: Implementations<dyn Boot>,
    /// Deploy.
    pub deploy: Implementations<dyn Deploy>,
    /// Inspect.
    pub inspect: Implementations<dyn Inspect>,
    /// Kinds of which the engine calls nothing yet, with the names that a node may carry.
    pub named: BTreeMap<InterfaceKind, Vec<&'static str>>,
}

/// The interfaces of one node.
#[derive(Debug, Clone)]
pub struct NodeInterfaces {
    /// Power.
    pub power: Arc<dyn Power>,
    /// Management.
    pub management: Arc<dyn Management>,
    /// Boot.
    pub boot: Arc<dyn Boot>,
    /// Deploy.
    pub deploy: Arc<dyn Deploy>,
    /// Inspect.
    pub inspect: Arc<dyn Inspect>,
}

/// Every hardware type of a conductor.
#[derive(Debug, Default)]
pub struct Registry {
    types: BTreeMap<&'static str, HardwareType>,
}

impl HardwareType {
    /// The enabled implementations by kind, most preferred first.
    pub fn offer(&self) -> DriverOffer {
        fn names<T: ?Sized>(list: &Implementations<T>) -> Vec<String> {
            list.iter().map(|(name, _)| (*name).to_owned()).collect()
        }
        let mut interfaces: BTreeMap<InterfaceKind, Vec<String>> = self
            .named
            .iter()
            .map(|(kind, list)| (*kind, list.iter().map(|name| (*name).to_owned()).collect()))
            .collect();
        interfaces.insert(InterfaceKind::Power, names(&self.power));
        interfaces.insert(InterfaceKind::Management, names(&self.management));
        interfaces.insert(InterfaceKind::Boot, names(&self.boot));
        interfaces.insert(InterfaceKind::Deploy, names(&self.deploy));
        interfaces.insert(InterfaceKind::Inspect, names(&self.inspect));
        DriverOffer { interfaces, properties: self.properties.clone() }
    }
}

impl Registry {
    /// Adds a hardware type; one of the same name is replaced.
    #[must_use]
    pub fn with(mut self, hardware_type: HardwareType) -> Self {
        self.types.insert(hardware_type.name, hardware_type);
        self
    }

    /// The hardware types.
    pub fn types(&self) -> impl Iterator<Item = &HardwareType> {
        self.types.values()
    }

    /// What a conductor tells the control plane when it joins.
    pub fn offers(&self) -> DriverOffers {
        self.types.iter().map(|(name, kind)| ((*name).to_owned(), kind.offer())).collect()
    }

    /// The interfaces that `node` names.
    ///
    /// **Errors**: `InvalidParameter` when this conductor does not have one of them.
    pub fn resolve(&self, node: &Node) -> Result<NodeInterfaces, HardwareError> {
        let kind = self
            .types
            .get(node.driver.as_str())
            .ok_or_else(|| missing(format!("this conductor has no hardware type '{}'", node.driver)))?;
        Ok(NodeInterfaces {
            power: pick(node, InterfaceKind::Power, &kind.power)?,
            management: pick(node, InterfaceKind::Management, &kind.management)?,
            boot: pick(node, InterfaceKind::Boot, &kind.boot)?,
            deploy: pick(node, InterfaceKind::Deploy, &kind.deploy)?,
            inspect: pick(node, InterfaceKind::Inspect, &kind.inspect)?,
        })
    }
}

fn pick<T: ?Sized>(
    node: &Node,
    kind: InterfaceKind,
    list: &Implementations<T>,
) -> Result<Arc<T>, HardwareError> {
    let wanted = node.spec.interfaces.get(&kind).map(String::as_str);
    list.iter()
        .find(|(name, _)| wanted.is_none_or(|wanted| wanted == *name))
        .map(|(_, implementation)| Arc::clone(implementation))
        .ok_or_else(|| {
            let wanted = wanted.unwrap_or("default");
            missing(format!(
                "this conductor has no {kind} interface '{wanted}' for hardware type '{}'",
                node.driver
            ))
        })
}

fn missing(summary: String) -> HardwareError {
    HardwareError::new(
        HardwareErrorKind::InvalidParameter,
        "driver-not-enabled",
        summary,
        "enable it on the conductors of the node's conductor group, or move the node to a group that has it",
    )
}
