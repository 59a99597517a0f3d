//! Hardware types, as living conductors offer them.

use crate::actor::RequestContext;
use crate::control::Control;
use crate::error::ControlError;
use crate::policy::{Rule, Target};
use ferric_model::conductor::{Conductor, DriverOffer};
use ferric_model::hardware::LOGICAL_DISK_PROPERTIES;
use std::collections::BTreeMap;

/// A hardware type with those who offer it.
#[derive(Debug, Clone, PartialEq)]
pub struct Driver {
    /// Its name.
    pub name: String,
    /// Host names of the conductors that offer it.
    pub hosts: Vec<String>,
    /// What they offer together.
    pub offer: DriverOffer,
}

impl Control {
    /// Lists the hardware types that somebody offers, by name.
    ///
    /// **Errors**: `Forbidden`.
    pub async fn list_drivers(&self, context: &RequestContext) -> Result<Vec<Driver>, ControlError> {
        self.authorize(context, Rule::DriverGet, Target::NONE)?;
        Ok(gather(&self.live_conductors().await?))
    }

    /// Reads a hardware type.
    ///
    /// **Errors**: `Forbidden`; `NotFound` when nobody offers it.
    pub async fn get_driver(&self, context: &RequestContext, name: &str) -> Result<Driver, ControlError> {
        let drivers = self.list_drivers(context).await?;
        drivers.into_iter().find(|driver| driver.name == name).ok_or_else(|| {
            ControlError::NotFound(format!(
                "Could not find the following driver(s) or hardware type(s): {name}."
            ))
        })
    }

    /// Reads a hardware type of which the caller wants something that `rule` lets.
    ///
    /// **Errors**: `Forbidden`; `NotFound` when nobody offers it.
    pub(crate) async fn driver_for(
        &self,
        context: &RequestContext,
        name: &str,
        rule: Rule,
    ) -> Result<Driver, ControlError> {
        self.authorize(context, rule, Target::NONE)?;
        let drivers = gather(&self.live_conductors().await?);
        let found = drivers.into_iter().find(|driver| driver.name == name);
        found.ok_or_else(|| ControlError::NotFound(format!("The driver '{name}' is unknown.")))
    }

    /// What each `driver_info` key means to a hardware type.
    ///
    /// **Errors**: as [`Self::get_driver`].
    pub async fn driver_properties(
        &self,
        context: &RequestContext,
        name: &str,
    ) -> Result<BTreeMap<String, String>, ControlError> {
        Ok(self.driver_for(context, name, Rule::DriverGetProperties).await?.offer.properties)
    }

    /// What may be said of a logical disk in the RAID layout of a node, by property.
    ///
    /// **Errors**: as [`Self::get_driver`].
    pub async fn logical_disk_properties(
        &self,
        context: &RequestContext,
        name: &str,
    ) -> Result<&'static [(&'static str, &'static str)], ControlError> {
        self.driver_for(context, name, Rule::DriverGetRaidLogicalDiskProperties).await?;
        Ok(&LOGICAL_DISK_PROPERTIES)
    }
}

fn gather(conductors: &[Conductor]) -> Vec<Driver> {
    let mut drivers: BTreeMap<&str, Driver> = BTreeMap::new();
    for conductor in conductors {
        for (name, offer) in &conductor.drivers {
            let driver = drivers.entry(name).or_insert_with(|| Driver {
                name: name.clone(),
                hosts: Vec::new(),
                offer: DriverOffer::default(),
            });
            driver.hosts.push(conductor.hostname.clone());
            unite(&mut driver.offer, offer);
        }
    }
    drivers.into_values().collect()
}

/// Adds what another conductor offers; the first one's preference stays.
fn unite(all: &mut DriverOffer, more: &DriverOffer) {
    for (kind, names) in &more.interfaces {
        let known = all.interfaces.entry(*kind).or_default();
        for name in names {
            if !known.contains(name) {
                known.push(name.clone());
            }
        }
    }
    for (key, text) in &more.properties {
        all.properties.entry(key.clone()).or_insert_with(|| text.clone());
    }
    for (name, methods) in &more.vendor {
        all.vendor.entry(name.clone()).or_insert_with(|| methods.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferric_model::hardware::InterfaceKind;
    use time::OffsetDateTime;

    fn conductor(hostname: &str, driver: &str, boot: &[&str]) -> Conductor {
        let interfaces =
            BTreeMap::from([(InterfaceKind::Boot, boot.iter().map(|name| (*name).to_owned()).collect())]);
        let offer = DriverOffer { interfaces, ..DriverOffer::default() };
        Conductor {
            id: 0,
            hostname: hostname.to_owned(),
            conductor_group: String::new(),
            incarnation: String::new(),
            drivers: BTreeMap::from([(driver.to_owned(), offer)]),
            online: true,
            created_at: OffsetDateTime::UNIX_EPOCH,
            updated_at: OffsetDateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn offers_of_all_conductors_are_united() {
        let found = gather(&[
            conductor("b", "redfish", &["pxe"]),
            conductor("a", "redfish", &["http", "pxe"]),
            conductor("c", "fake", &["fake"]),
        ]);
        let names: Vec<&str> = found.iter().map(|driver| driver.name.as_str()).collect();
        assert_eq!(names, ["fake", "redfish"]);
        assert_eq!(found[1].hosts, ["b", "a"]);
        assert_eq!(found[1].offer.interfaces[&InterfaceKind::Boot], ["pxe", "http"]);
    }
}
