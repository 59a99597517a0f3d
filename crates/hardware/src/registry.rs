//! Hardware types with their interfaces, as one process has them.

use crate::boot_settings::with_settings;
use crate::enabled::{EnableError, Enabled};
use crate::interface::{
    Bios, Boot, Console, Deploy, Firmware, Inspect, Management, Network, Power, Raid, Rescue, Vendor,
};
use crate::noop::{NoRaid, NoRescue, NoopNetwork};
use crate::{HardwareError, HardwareErrorKind};
use ferric_model::conductor::{DriverOffer, DriverOffers};
use ferric_model::failure::code;
use ferric_model::hardware::InterfaceKind;
use ferric_model::node::Node;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Implementations by name, most preferred first.
pub type Implementations<T> = Vec<(&'static str, Arc<T>)>;

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
    /// Network.
    pub network: Implementations<dyn Network>,
    /// BIOS.
    pub bios: Implementations<dyn Bios>,
    /// Console.
    pub console: Implementations<dyn Console>,
    /// Firmware.
    pub firmware: Implementations<dyn Firmware>,
    /// RAID.
    pub raid: Implementations<dyn Raid>,
    /// Rescue.
    pub rescue: Implementations<dyn Rescue>,
    /// Vendor.
    pub vendor: Implementations<dyn Vendor>,
    /// Kinds of which the engine calls nothing yet, with the names that a node may carry.
    pub named: BTreeMap<InterfaceKind, Vec<&'static str>>,
}

/// Implementations that are no hardware type's own: those that several types offer beside what they have themselves.
#[derive(Debug, Clone, Default)]
pub struct Generic {
    /// Boot.
    pub boot: Implementations<dyn Boot>,
    /// Deploy.
    pub deploy: Implementations<dyn Deploy>,
    /// Inspect.
    pub inspect: Implementations<dyn Inspect>,
    /// Network.
    pub network: Implementations<dyn Network>,
    /// RAID.
    pub raid: Implementations<dyn Raid>,
    /// Rescue.
    pub rescue: Implementations<dyn Rescue>,
}

impl Generic {
    /// The RAID interfaces of a hardware type that has these of its own.
    pub fn raids(&self, own: Implementations<dyn Raid>) -> Implementations<dyn Raid> {
        let none = ("no-raid", Arc::new(NoRaid) as Arc<dyn Raid>);
        own.into_iter().chain([none]).chain(self.raid.iter().cloned()).collect()
    }

    /// The rescue interfaces of a hardware type that has these of its own.
    pub fn rescues(&self, own: Implementations<dyn Rescue>) -> Implementations<dyn Rescue> {
        let none = ("no-rescue", Arc::new(NoRescue) as Arc<dyn Rescue>);
        own.into_iter().chain([none]).chain(self.rescue.iter().cloned()).collect()
    }

    /// The network interfaces of a hardware type: they know nothing of the node's hardware.
    pub fn networks(&self) -> Implementations<dyn Network> {
        let noop = ("noop", Arc::new(NoopNetwork) as Arc<dyn Network>);
        self.network.iter().cloned().chain([noop]).collect()
    }
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
    /// Network.
    pub network: Arc<dyn Network>,
    /// BIOS.
    pub bios: Arc<dyn Bios>,
    /// Console.
    pub console: Arc<dyn Console>,
    /// Firmware.
    pub firmware: Arc<dyn Firmware>,
    /// RAID.
    pub raid: Arc<dyn Raid>,
    /// Rescue.
    pub rescue: Arc<dyn Rescue>,
    /// Vendor.
    pub vendor: Arc<dyn Vendor>,
}

/// Every hardware type of a conductor.
#[derive(Debug, Default)]
pub struct Registry {
    types: BTreeMap<&'static str, HardwareType>,
}

impl HardwareType {
    /// The enabled implementations by kind, most preferred first.
    pub fn offer(&self) -> DriverOffer {
        let names = |kind| self.names(kind).into_iter().map(str::to_owned).collect();
        let interfaces = InterfaceKind::ALL.into_iter().map(|kind| (kind, names(kind))).collect();
        let vendor = self.vendor.iter().map(|(name, vendor)| ((*name).to_owned(), vendor.methods()));
        DriverOffer { interfaces, properties: self.properties.clone(), vendor: vendor.collect() }
    }

    /// Names of the implementations of one kind, most preferred first.
    pub fn names(&self, kind: InterfaceKind) -> Vec<&'static str> {
        fn of<T: ?Sized>(list: &Implementations<T>) -> Vec<&'static str> {
            list.iter().map(|(name, _)| *name).collect()
        }
        match kind {
            InterfaceKind::Power => of(&self.power),
            InterfaceKind::Management => of(&self.management),
            InterfaceKind::Boot => of(&self.boot),
            InterfaceKind::Deploy => of(&self.deploy),
            InterfaceKind::Inspect => of(&self.inspect),
            InterfaceKind::Network => of(&self.network),
            InterfaceKind::Bios => of(&self.bios),
            InterfaceKind::Console => of(&self.console),
            InterfaceKind::Firmware => of(&self.firmware),
            InterfaceKind::Raid => of(&self.raid),
            InterfaceKind::Rescue => of(&self.rescue),
            InterfaceKind::Vendor => of(&self.vendor),
            other => self.named.get(&other).cloned().unwrap_or_default(),
        }
    }

    /// Keeps the implementations of one kind that have a rank, the lowest first.
    pub(crate) fn choose(&mut self, kind: InterfaceKind, rank: &dyn Fn(&str) -> Option<usize>) {
        fn sift<T>(list: &mut Vec<T>, rank: impl Fn(&T) -> Option<usize>) {
            list.retain(|item| rank(item).is_some());
            list.sort_by_key(rank);
        }
        fn sift_pairs<T: ?Sized>(list: &mut Implementations<T>, rank: &dyn Fn(&str) -> Option<usize>) {
            sift(list, |(name, _)| rank(name));
        }
        match kind {
            InterfaceKind::Power => sift_pairs(&mut self.power, rank),
            InterfaceKind::Management => sift_pairs(&mut self.management, rank),
            InterfaceKind::Boot => sift_pairs(&mut self.boot, rank),
            InterfaceKind::Deploy => sift_pairs(&mut self.deploy, rank),
            InterfaceKind::Inspect => sift_pairs(&mut self.inspect, rank),
            InterfaceKind::Network => sift_pairs(&mut self.network, rank),
            InterfaceKind::Bios => sift_pairs(&mut self.bios, rank),
            InterfaceKind::Console => sift_pairs(&mut self.console, rank),
            InterfaceKind::Firmware => sift_pairs(&mut self.firmware, rank),
            InterfaceKind::Raid => sift_pairs(&mut self.raid, rank),
            InterfaceKind::Rescue => sift_pairs(&mut self.rescue, rank),
            InterfaceKind::Vendor => sift_pairs(&mut self.vendor, rank),
            other => sift(self.named.entry(other).or_default(), |name| rank(name)),
        }
    }
}

impl Registry {
    /// Adds a hardware type; one of the same name is replaced.
    #[must_use]
    pub fn with(mut self, hardware_type: HardwareType) -> Self {
        self.types.insert(hardware_type.name, hardware_type);
        self
    }

    /// Leaves what `enabled` names, in its order of preference.
    ///
    /// **Errors**: [`EnableError`] for names that do not exist and for types that are left without an interface.
    pub fn enable(mut self, enabled: &Enabled) -> Result<Self, EnableError> {
        enabled.apply(&mut self.types)?;
        Ok(self)
    }

    /// The hardware types.
    pub fn types(&self) -> impl Iterator<Item = &HardwareType> {
        self.types.values()
    }

    /// What a conductor tells the control plane when it joins.
    pub fn offers(&self) -> DriverOffers {
        self.types.iter().map(|(name, kind)| ((*name).to_owned(), kind.offer())).collect()
    }

    /// A vendor interface of a hardware type, for no node in particular.
    ///
    /// **Errors**: `InvalidParameter` when this conductor does not have it.
    pub fn vendor(&self, driver: &str, implementation: &str) -> Result<Arc<dyn Vendor>, HardwareError> {
        let found = self.types.get(driver).and_then(|kind| {
            kind.vendor.iter().find(|(name, _)| *name == implementation).map(|(_, vendor)| Arc::clone(vendor))
        });
        found.ok_or_else(|| {
            missing(format!(
                "this conductor has no vendor interface '{implementation}' for hardware type '{driver}'"
            ))
        })
    }

    /// The interfaces that `node` names.
    ///
    /// **Errors**: `InvalidParameter` when this conductor does not have one of them.
    pub fn resolve(&self, node: &Node) -> Result<NodeInterfaces, HardwareError> {
        let kind = self
            .types
            .get(node.driver.as_str())
            .ok_or_else(|| missing(format!("this conductor has no hardware type '{}'", node.driver)))?;
        let management = pick(node, InterfaceKind::Management, &kind.management)?;
        let boot = pick(node, InterfaceKind::Boot, &kind.boot)?;
        Ok(NodeInterfaces {
            power: pick(node, InterfaceKind::Power, &kind.power)?,
            boot: with_settings(boot, &management),
            management,
            deploy: pick(node, InterfaceKind::Deploy, &kind.deploy)?,
            inspect: pick(node, InterfaceKind::Inspect, &kind.inspect)?,
            network: pick(node, InterfaceKind::Network, &kind.network)?,
            vendor: pick(node, InterfaceKind::Vendor, &kind.vendor)?,
            raid: pick(node, InterfaceKind::Raid, &kind.raid)?,
            rescue: pick(node, InterfaceKind::Rescue, &kind.rescue)?,
            firmware: pick(node, InterfaceKind::Firmware, &kind.firmware)?,
            console: pick(node, InterfaceKind::Console, &kind.console)?,
            bios: pick(node, InterfaceKind::Bios, &kind.bios)?,
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
        code::DRIVER_NOT_ENABLED,
        summary,
        "enable it on the conductors of the node's conductor group, or move the node to a group that has it",
    )
}
