//! `neutron`: Neutron sets up the switches, so that a node is in one network at a time.

use super::binding::Detail;
use super::{ramdisk, vif};
use crate::client::Neutron;
use async_trait::async_trait;
use ferric_hardware::interface::{Network, RamdiskNetwork};
use ferric_hardware::{HardwareError, TaskView};
use ferric_model::node::Node;
use ferric_model::report::Observed;
use ferric_model::task::params::AttachVif;
use ferric_model::vif::can_be_switched;
use std::sync::Arc;

/// The network interface `neutron`.
#[derive(Debug, Clone)]
struct Switched(Neutron);

/// The network interface `neutron`, for the composition of hardware types.
pub fn neutron(neutron: Neutron) -> Arc<dyn Network> {
    Arc::new(Switched(neutron))
}

/// Networks without which nodes cannot go through their life.
const NEEDED: [RamdiskNetwork; 2] = [RamdiskNetwork::Provisioning, RamdiskNetwork::Cleaning];

#[async_trait]
impl Network for Switched {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        let missing = NEEDED.into_iter().find(|network| ramdisk::named(&self.0, node, *network).is_none());
        missing.map_or(Ok(()), |network| Err(ramdisk::unnamed(network)))
    }

    async fn attach_vif(&self, task: &TaskView, asked: &AttachVif) -> Result<Observed, HardwareError> {
        vif::attach(&self.0, task, asked, Detail::Cables).await
    }

    async fn detach_vif(&self, task: &TaskView, name: &str) -> Result<Observed, HardwareError> {
        vif::detach(&self.0, task, name).await
    }

    async fn enter_ramdisk_network(
        &self,
        task: &TaskView,
        network: RamdiskNetwork,
    ) -> Result<Observed, HardwareError> {
        let name = ramdisk::named(&self.0, &task.node, network).ok_or_else(|| ramdisk::unnamed(network))?;
        ramdisk::enter(&self.0, task, network, name, can_be_switched).await
    }

    async fn leave_ramdisk_network(
        &self,
        task: &TaskView,
        network: RamdiskNetwork,
    ) -> Result<Observed, HardwareError> {
        match ramdisk::named(&self.0, &task.node, network) {
            Some(name) => ramdisk::leave(&self.0, task, network, name).await,
            None => Ok(Observed::default()),
        }
    }

    async fn connect_vifs(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        match vif::connect(&self.0, task, Detail::Cables).await? {
            0 => Err(vif::none_attached()),
            _ => Ok(Observed::default()),
        }
    }

    async fn disconnect_vifs(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        vif::disconnect(&self.0, task).await.map(|()| Observed::default())
    }
}
