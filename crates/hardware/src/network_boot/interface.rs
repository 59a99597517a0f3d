//! The boot interfaces `ipxe`, `pxe`, `http-ipxe` and `http`.

use super::config::NetworkBootConfig;
use super::dhcp::{Dhcp, offer};
use super::kind::{KINDS, Kind};
use crate::registry::Implementations;
use crate::{Boot, HardwareError, HardwareErrorKind, Management, TaskView};
use async_trait::async_trait;
use ferric_model::boot::{BootMode, wanted_boot_mode};
use ferric_model::node::Node;
use ferric_model::report::Observed;
use std::sync::Arc;

/// A boot interface; without a management interface it can only be validated.
#[derive(Debug, Clone)]
struct NetworkBoot {
    kind: &'static Kind,
    config: NetworkBootConfig,
    dhcp: Arc<Dhcp>,
    management: Option<Arc<dyn Management>>,
}

/// The boot interfaces over the network, for every hardware type.
pub fn network_boot(config: &NetworkBootConfig) -> Implementations<dyn Boot> {
    let dhcp = Arc::new(Dhcp::new(config));
    let boot = |kind: &'static Kind| NetworkBoot {
        kind,
        config: config.clone(),
        dhcp: Arc::clone(&dhcp),
        management: None,
    };
    KINDS.iter().map(|kind| (kind.name, Arc::new(boot(kind)) as Arc<dyn Boot>)).collect()
}

impl NetworkBoot {
    /// Makes the node boot from the network: the next time, or every time.
    async fn boot(
        &self,
        task: &TaskView,
        url: Option<&String>,
        persistent: bool,
    ) -> Result<Observed, HardwareError> {
        let url = url.ok_or_else(|| {
            HardwareError::invalid(
                "the control plane offers nothing to boot for this task",
                "set control.boot_url, and the kernel and ramdisk that the node is to boot",
            )
        })?;
        let mode = mode_of(&task.node)?;
        self.dhcp.offer(task, &offer(&self.config, self.kind, mode, task, url)?).await?;
        let management = self.management()?;
        let mut refused = None;
        for device in self.kind.devices {
            match management.set_boot_device(task, device, persistent).await {
                Err(error) if is_refusal(&error) => refused = Some(error),
                outcome => return outcome,
            }
        }
        Err(refused.unwrap_or_else(|| HardwareError::unsupported("the node boots from no network device")))
    }

    fn management(&self) -> Result<&Arc<dyn Management>, HardwareError> {
        self.management.as_ref().ok_or_else(|| {
            HardwareError::unsupported(
                "booting over the network needs a management interface that sets the boot device",
            )
        })
    }
}

/// Whether the next device may be worth a try: the BMC does not know this one.
fn is_refusal(error: &HardwareError) -> bool {
    matches!(
        error.kind,
        HardwareErrorKind::InvalidParameter | HardwareErrorKind::Unsupported | HardwareErrorKind::Refused
    )
}

fn mode_of(node: &Node) -> Result<BootMode, HardwareError> {
    let seen = node.status.boot_mode.as_deref().and_then(BootMode::find);
    wanted_boot_mode(node, seen.unwrap_or(BootMode::Uefi)).map_err(|error| {
        HardwareError::invalid(error.to_string(), "correct the boot mode in one of the two places")
    })
}

#[async_trait]
impl Boot for NetworkBoot {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        mode_of(node).map(drop)
    }

    fn over(&self, management: &Arc<dyn Management>) -> Option<Arc<dyn Boot>> {
        Some(Arc::new(Self { management: Some(Arc::clone(management)), ..self.clone() }))
    }

    async fn prepare_ramdisk(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        self.boot(task, task.boot_url.as_ref(), false).await
    }

    async fn clean_up_ramdisk(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        self.dhcp.withdraw(task).await.map(|()| Observed::default())
    }

    async fn prepare_instance(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        if let Some(url) = &task.instance_boot_url {
            return self.boot(task, Some(url), true).await;
        }
        self.dhcp.withdraw(task).await?;
        self.management()?.set_boot_device(task, "disk", true).await
    }

    async fn clean_up_instance(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        self.dhcp.withdraw(task).await.map(|()| Observed::default())
    }
}
