//! Indicators: the lamps of system, chassis and drives.
//!
//! Source: DSP0268, `IndicatorLED` (up to 2020) and `LocationIndicatorActive` (since).

use crate::client::{Access, Resource, Result, json};
use crate::resource::{Storage, System};
use ferric_hardware::HardwareError;
use ferric_hardware::interface::Indicator;
use serde_json::{Value, json};

/// Ironic's words and those of `IndicatorLED`.
const STATES: [(&str, &str); 3] = [("on", "Lit"), ("off", "Off"), ("blinking", "Blinking")];

/// A resource with a lamp.
struct Lamp {
    component: &'static str,
    resource: Resource,
}

/// The indicators of a system.
pub(super) async fn list(access: &Access) -> Result<Vec<Indicator>> {
    Ok(lamps(access).await?.iter().map(Lamp::indicator).collect())
}

/// The state of one.
pub(super) async fn get(
    access: &Access,
    component: &str,
    name: &str,
) -> std::result::Result<String, HardwareError> {
    Ok(find(access, component, name).await?.state().to_owned())
}

/// Sets one.
pub(super) async fn set(
    access: &Access,
    component: &str,
    name: &str,
    state: &str,
) -> std::result::Result<(), HardwareError> {
    let lamp = find(access, component, name).await?;
    let indicator = lamp.indicator();
    if !indicator.states.iter().any(|known| known == state) {
        return Err(HardwareError::invalid(
            format!("Indicator {name}@{component} cannot be set to {state}."),
            format!("choose one of {}", indicator.states.join(", ")),
        ));
    }
    let word = STATES.iter().find(|row| row.0 == state).map_or("Off", |row| row.1);
    let body = if lamp.is_flag() {
        json!({"LocationIndicatorActive": word != "Off"})
    } else {
        json!({"IndicatorLED": word})
    };
    let bmc = &access.bmc;
    let accepted = bmc.patch(&lamp.resource.path, lamp.resource.etag.as_deref(), &body, &[]).await?;
    Ok(bmc.settle(&accepted, bmc.config().task_timeout(), &[]).await?)
}

async fn find(access: &Access, component: &str, name: &str) -> std::result::Result<Lamp, HardwareError> {
    let lamps = lamps(access).await?;
    lamps.into_iter().find(|lamp| lamp.component == component && lamp.name() == name).ok_or_else(|| {
        HardwareError::invalid(
            format!("The node has no indicator {name}@{component}."),
            "choose one of the node's list of indicators",
        )
    })
}

async fn lamps(access: &Access) -> Result<Vec<Lamp>> {
    let system = access.system().await?;
    let mut lamps = vec![Lamp { component: "system", resource: system.0.clone() }];
    for path in system.chassis() {
        lamps.extend(access.bmc.find(path).await?.map(|resource| Lamp { component: "chassis", resource }));
    }
    for path in drives(access, &system).await? {
        lamps.extend(access.bmc.find(&path).await?.map(|resource| Lamp { component: "disk", resource }));
    }
    lamps.retain(|lamp| lamp.has_light());
    Ok(lamps)
}

async fn drives(access: &Access, system: &System) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    let Some(collection) = system.storage() else { return Ok(paths) };
    for path in access.bmc.find_members(collection).await?.unwrap_or_default() {
        if let Some(storage) = access.bmc.find(&path).await?.map(Storage) {
            paths.extend(json::links(&storage.0.body, &["Drives"]).into_iter().map(str::to_owned));
        }
    }
    Ok(paths)
}

impl Lamp {
    fn led(&self) -> Option<&str> {
        json::text(&self.resource.body, &["IndicatorLED"])
    }

    fn flag(&self) -> Option<bool> {
        json::flag(&self.resource.body, &["LocationIndicatorActive"])
    }

    fn has_light(&self) -> bool {
        self.led().is_some() || self.flag().is_some()
    }

    /// Whether it is only on or off.
    fn is_flag(&self) -> bool {
        self.led().is_none()
    }

    fn name(&self) -> &str {
        let body: &Value = &self.resource.body;
        json::text(body, &["Id"]).unwrap_or("indicator")
    }

    fn state(&self) -> &'static str {
        match (self.led(), self.flag()) {
            (Some(word), _) => STATES.iter().find(|row| row.1 == word).map_or("unknown", |row| row.0),
            (None, Some(true)) => "on",
            (None, Some(false)) => "off",
            (None, None) => "unknown",
        }
    }

    fn indicator(&self) -> Indicator {
        let states = STATES.iter().map(|row| row.0).filter(|word| !self.is_flag() || *word != "blinking");
        Indicator {
            component: self.component.to_owned(),
            name: self.name().to_owned(),
            readonly: false,
            states: states.map(str::to_owned).collect(),
        }
    }
}
