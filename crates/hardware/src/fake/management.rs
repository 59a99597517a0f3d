//! Management of a fake node.

use super::script::play;
use crate::interface::{BootDevice, Indicator, Management, Sensor, Steps};
use crate::{HardwareError, TaskView};
use async_trait::async_trait;
use ferric_model::node::Node;
use ferric_model::report::Observed;

/// The fake management interface: the boot device is always `pxe`, not persistent; two lamps are always on, and there are no sensors.
#[derive(Debug, Default, Clone, Copy)]
pub struct FakeManagement;

/// Component, name and states of each lamp; those that cannot blink cannot be set.
const INDICATORS: [(&str, &str, &[&str]); 2] =
    [("chassis", "led-0", &["off", "on"]), ("system", "led", &["blinking", "off", "on"])];

impl Steps for FakeManagement {}

#[async_trait]
impl Management for FakeManagement {
    fn validate(&self, _node: &Node) -> Result<(), HardwareError> {
        Ok(())
    }

    async fn get_boot_device(&self, task: &TaskView) -> Result<BootDevice, HardwareError> {
        play(&task.node, "management").await?;
        Ok(BootDevice { boot_device: Some("pxe".to_owned()), persistent: Some(false) })
    }

    async fn set_boot_device(
        &self,
        task: &TaskView,
        device: &str,
        _: bool,
    ) -> Result<Observed, HardwareError> {
        play(&task.node, "management").await?;
        if device == "pxe" {
            return Ok(Observed::default());
        }
        Err(HardwareError::invalid(
            format!("Invalid boot device {device} specified."),
            "a fake node boots from 'pxe' only",
        ))
    }

    async fn observe(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        play(&task.node, "management").await?;
        Ok(Observed::default())
    }

    async fn sensors(&self, _: &Node) -> Result<Vec<Sensor>, HardwareError> {
        Ok(Vec::new())
    }

    async fn list_indicators(&self, task: &TaskView) -> Result<Vec<Indicator>, HardwareError> {
        play(&task.node, "management").await?;
        let indicator = |(component, name, states): (&str, &str, &[&str])| Indicator {
            component: component.to_owned(),
            name: name.to_owned(),
            readonly: !states.contains(&"blinking"),
            states: states.iter().map(|state| (*state).to_owned()).collect(),
        };
        Ok(INDICATORS.into_iter().map(indicator).collect())
    }

    async fn get_indicator(
        &self,
        task: &TaskView,
        component: &str,
        name: &str,
    ) -> Result<String, HardwareError> {
        play(&task.node, "management").await?;
        let unknown = |what: &str, given: &str| {
            HardwareError::invalid(
                format!("Invalid {what} {given} specified."),
                "list the node's indicators to see which there are",
            )
        };
        if !INDICATORS.iter().any(|row| row.0 == component) {
            return Err(unknown("component", component));
        }
        if !INDICATORS.iter().any(|row| row.0 == component && row.1 == name) {
            return Err(unknown("indicator", name));
        }
        Ok("on".to_owned())
    }
}
