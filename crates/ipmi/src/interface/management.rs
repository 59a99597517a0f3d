//! Management: boot device, vendor, interrupting the operating system.

use super::boot_device;
use crate::error::IpmiError;
use crate::tool::{Command, Ipmitool};
use async_trait::async_trait;
use ferric_hardware::interface::BootDevice;
use ferric_hardware::{HardwareError, Management, Steps, TaskView};
use ferric_model::node::Node;
use ferric_model::report::Observed;

/// The management interface `ipmitool`.
#[derive(Debug, Clone)]
pub struct IpmiManagement(Ipmitool);

const MC_INFO: Command<'static> = Command::harmless(&["mc", "info"]);
const NMI: Command<'static> = Command::once(&["power", "diag"]);

impl IpmiManagement {
    /// Management through this program.
    pub const fn new(tool: Ipmitool) -> Self {
        Self(tool)
    }
}

impl Steps for IpmiManagement {}

#[async_trait]
impl Management for IpmiManagement {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        self.0.open(node).map(drop)
    }

    async fn get_boot_device(&self, task: &TaskView) -> Result<BootDevice, HardwareError> {
        Ok(boot_device::get(&self.0.open(&task.node)?).await?)
    }

    async fn set_boot_device(
        &self,
        task: &TaskView,
        device: &str,
        persistent: bool,
    ) -> Result<Observed, HardwareError> {
        let bmc = self.0.open(&task.node)?;
        let driver_internal_info = boot_device::set(&task.node, &bmc, device, persistent).await?;
        Ok(Observed { driver_internal_info, ..Observed::default() })
    }

    /// The vendor, unless it is known; IPMI tells neither boot mode nor health.
    async fn observe(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        let mut observed = Observed::default();
        if task.node.spec.properties.contains_key("vendor") {
            return Ok(observed);
        }
        match self.0.open(&task.node)?.ask(MC_INFO).await {
            Ok(answer) => {
                let vendor = vendor(&answer).map(|vendor| ("vendor".to_owned(), vendor.into()));
                observed.properties.extend(vendor);
            }
            Err(error @ IpmiError::Refused { .. }) => {
                tracing::debug!(node.uuid = %task.node.uuid, %error, "the BMC does not tell its vendor");
            }
            Err(error) => return Err(error.into()),
        }
        Ok(observed)
    }

    async fn inject_nmi(&self, task: &TaskView) -> Result<(), HardwareError> {
        self.0.open(&task.node)?.ask(NMI).await?;
        Ok(())
    }
}

fn vendor(answer: &str) -> Option<String> {
    let value = |line: &str| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == "Manufacturer Name").then(|| value.trim().to_lowercase())
    };
    answer.lines().find_map(value).filter(|vendor| !vendor.is_empty() && !vendor.starts_with("unknown"))
}
