//! `flat`: every node is cabled to one network for good; Neutron gives addresses and nothing more.

use super::binding::Detail;
use super::{ramdisk, vif};
use crate::client::Neutron;
use async_trait::async_trait;
use ferric_hardware::interface::{Network, RamdiskNetwork};
use ferric_hardware::{HardwareError, TaskView};
use ferric_model::node::Node;
use ferric_model::report::Observed;
use ferric_model::task::params::AttachVif;
use std::sync::Arc;

/// The network interface `flat`.
#[derive(Debug, Clone)]
struct Flat(Neutron);

/// The network interface `flat`, for the composition of hardware types.
pub fn flat(neutron: Neutron) -> Arc<dyn Network> {
    Arc::new(Flat(neutron))
}

#[async_trait]
impl Network for Flat {
    fn validate(&self, _node: &Node) -> Result<(), HardwareError> {
        Ok(())
    }

    async fn attach_vif(&self, task: &TaskView, asked: &AttachVif) -> Result<Observed, HardwareError> {
        vif::attach(&self.0, task, asked, Detail::Node).await
    }

    async fn detach_vif(&self, task: &TaskView, name: &str) -> Result<Observed, HardwareError> {
        vif::detach(&self.0, task, name).await
    }

    /// A node is deployed in the network in which it will live. For the others a network may be named; without a name the
    /// ramdisk has to be given its address by somebody else.
    async fn enter_ramdisk_network(
        &self,
        task: &TaskView,
        network: RamdiskNetwork,
    ) -> Result<Observed, HardwareError> {
        if network == RamdiskNetwork::Provisioning {
            return self.connect_vifs(task).await;
        }
        match ramdisk::named(&self.0, &task.node, network) {
            Some(name) => ramdisk::enter(&self.0, task, network, name, |_| true).await,
            None => Ok(Observed::default()),
        }
    }

    async fn leave_ramdisk_network(
        &self,
        task: &TaskView,
        network: RamdiskNetwork,
    ) -> Result<Observed, HardwareError> {
        if network == RamdiskNetwork::Provisioning {
            return self.disconnect_vifs(task).await;
        }
        match ramdisk::named(&self.0, &task.node, network) {
            Some(name) => ramdisk::leave(&self.0, task, network, name).await,
            None => Ok(Observed::default()),
        }
    }

    /// A node without VIFs is in its network all the same.
    async fn connect_vifs(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        vif::connect(&self.0, task, Detail::Node).await.map(|_| Observed::default())
    }

    async fn disconnect_vifs(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        vif::disconnect(&self.0, task).await.map(|()| Observed::default())
    }
}
