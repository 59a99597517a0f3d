//! Boot from a URL: the BMC tells the firmware what to fetch by HTTP, and the firmware boots it from memory.
//!
//! Source: ComputerSystem schema, `Boot.HttpBootUri`; UEFI specification, "HTTP Boot".

use super::boot_device::{self, HTTP, Wish};
use crate::client::{Access, Pace, RedfishClients};
use crate::resource::System;
use async_trait::async_trait;
use ferric_hardware::{Boot, HardwareError, HardwareErrorKind, TaskView};
use ferric_model::failure::code;
use ferric_model::node::Node;
use ferric_model::report::Observed;
use std::sync::Arc;
use tokio::time::{Instant, sleep};

/// The boot interface `redfish-https`.
#[derive(Debug, Clone)]
pub struct RedfishHttpsBoot(Arc<RedfishClients>);

impl RedfishHttpsBoot {
    /// Boot through these clients.
    pub const fn new(clients: Arc<RedfishClients>) -> Self {
        Self(clients)
    }

    /// Makes the next boot, or every boot, fetch its file below `base`, and sees that the BMC shows it.
    async fn set(
        &self,
        task: &TaskView,
        base: Option<&String>,
        persistent: bool,
    ) -> Result<Observed, HardwareError> {
        let Some(base) = base else {
            return Err(HardwareError::invalid(
                "the control plane offers no boot image for this task",
                "set the URL of the boot service in the configuration, and the node's deploy_kernel and deploy_ramdisk",
            ));
        };
        let access = self.0.open(&task.node)?;
        let system = access.system().await?;
        let offered = system.boot().allowable_targets();
        if !offered.is_empty() && !offered.contains(&HTTP) {
            return Err(not_offered(&offered));
        }
        let url = format!("{base}/{}", access.bmc.config().http_boot_file);
        let (wish, driver_internal_info) = boot_device::set_url(&access, &url, persistent).await?;
        confirm(&access, |system| boot_device::is_set(system, &wish), "the URL to boot from").await?;
        Ok(Observed { driver_internal_info, ..Observed::default() })
    }

    /// Takes the URL away if it is still there; a boot may have used it up.
    async fn clear(&self, node: &Node) -> Result<Access, HardwareError> {
        let access = self.0.open(node)?;
        let system = access.system().await?;
        if is_clear(&system) {
            return Ok(access);
        }
        let nothing = Wish::nothing();
        match boot_device::change(&access, &nothing).await {
            // Some firmware takes no empty URL; without the target it means nothing.
            Err(error) if error.status() == Some(400) => {
                boot_device::change(&access, &Wish::new("None", "Disabled")).await?;
            }
            outcome => outcome?,
        }
        confirm(&access, |system| system.boot().target() != Some(HTTP), "that the URL to boot from is gone")
            .await?;
        Ok(access)
    }
}

/// Whether nothing makes the system boot from a URL.
fn is_clear(system: &System) -> bool {
    let boot = system.boot();
    boot.target() != Some(HTTP) && boot.http_uri().is_none()
}

#[async_trait]
impl Boot for RedfishHttpsBoot {
    fn validate(&self, node: &Node) -> Result<(), HardwareError> {
        self.0.open(node).map(drop)
    }

    async fn prepare_ramdisk(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        self.set(task, task.boot_url.as_ref(), false).await
    }

    async fn clean_up_ramdisk(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        self.clear(&task.node).await.map(|_| Observed::default())
    }

    async fn prepare_instance(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        if let Some(url) = &task.instance_boot_url {
            // What lives in memory is fetched anew whenever the node starts.
            return self.set(task, Some(url), true).await;
        }
        let access = self.clear(&task.node).await?;
        let driver_internal_info = boot_device::set(&access, "disk", true).await?;
        Ok(Observed { driver_internal_info, ..Observed::default() })
    }

    async fn clean_up_instance(&self, task: &TaskView) -> Result<Observed, HardwareError> {
        self.clear(&task.node).await?;
        Ok(Observed { driver_internal_info: boot_device::forget(), ..Observed::default() })
    }
}

/// Looks until the BMC shows it: some take a change on later than they answer.
async fn confirm(access: &Access, shown: impl Fn(&System) -> bool, what: &str) -> Result<(), HardwareError> {
    let config = access.bmc.config();
    let deadline = Instant::now() + config.media_timeout();
    let mut pace = Pace::of_looks(config);
    loop {
        if shown(&access.system().await?) {
            return Ok(());
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(HardwareError::new(
                HardwareErrorKind::Timeout,
                code::BOOT_URL_NOT_SHOWN,
                format!("the BMC accepted the change and does not show {what}"),
                "update the BMC's firmware, or use the boot interface redfish-virtual-media",
            ));
        }
        sleep(pace.next_pause().min(left)).await;
    }
}

fn not_offered(offered: &[&str]) -> HardwareError {
    HardwareError::new(
        HardwareErrorKind::Unsupported,
        code::BOOT_URL_NOT_SUPPORTED,
        "the BMC does not offer to boot from a URL (UefiHttp)",
        "update its firmware, or use the boot interface redfish-virtual-media",
    )
    .said(format!("it offers {}", offered.join(", ")))
}
