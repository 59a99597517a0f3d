//! `ipxe`, as far as this version has it: a node can carry the name, and is told early that it cannot boot by it.
//!
//! Hardware types without virtual media boot over the network only. Their nodes can be enrolled, verified, powered and
//! deployed by the deploy interface `noop`; whatever needs the ramdisk fails before anything is done to the node.

use crate::{Boot, HardwareError, HardwareErrorKind, TaskView};
use async_trait::async_trait;
use ferric_model::failure::code;
use ferric_model::node::Node;
use ferric_model::report::Observed;

/// The boot interface `ipxe`.
#[derive(Debug, Clone, Copy, Default)]
pub struct NetworkBoot;

fn unavailable() -> HardwareError {
    HardwareError::new(
        HardwareErrorKind::Unsupported,
        code::NETWORK_BOOT_UNAVAILABLE,
        "the node's boot interface 'ipxe' boots over the network, which is not available in this version",
        "use a hardware type that boots from virtual media (redfish), or do without the ramdisk: set automated_clean of the \
         node to false, and use the deploy interface 'noop' where its hardware type has it",
    )
}

#[async_trait]
impl Boot for NetworkBoot {
    fn validate(&self, _node: &Node) -> Result<(), HardwareError> {
        Err(unavailable())
    }

    async fn prepare_ramdisk(&self, _: &TaskView) -> Result<Observed, HardwareError> {
        Err(unavailable())
    }

    /// Nothing was ever prepared.
    async fn clean_up_ramdisk(&self, _: &TaskView) -> Result<Observed, HardwareError> {
        Ok(Observed::default())
    }

    async fn prepare_instance(&self, _: &TaskView) -> Result<Observed, HardwareError> {
        Err(unavailable())
    }

    /// Nothing was ever prepared.
    async fn clean_up_instance(&self, _: &TaskView) -> Result<Observed, HardwareError> {
        Ok(Observed::default())
    }
}
