//! Boot mode and secure boot: settings that the next boot takes on.

use super::boot_device::mode_word;
use crate::client::{Access, Pace, RedfishError, Resource, Result, json};
use crate::resource::System;
use ferric_hardware::{HardwareError, HardwareErrorKind};
use ferric_model::failure::code;
use ferric_model::report::Observed;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

/// Ironic's words for boot modes and those of the schema.
const MODES: [(&str, &str); 2] = [("uefi", "UEFI"), ("bios", "Legacy")];

/// Sets the boot mode.
pub(super) async fn set_mode(access: &Access, mode: &str) -> std::result::Result<Observed, HardwareError> {
    let Some((_, word)) = MODES.iter().find(|row| row.0 == mode) else {
        return Err(HardwareError::invalid(
            format!("Invalid boot mode {mode} specified."),
            "choose uefi or bios",
        ));
    };
    let system = access.system().await?;
    if mode_word(system.boot().mode()) != Some(mode) {
        let body = json!({"Boot": {"BootSourceOverrideMode": word}});
        change(access, &system.0, &body).await?;
        let reached = |resource: &Resource| mode_word(System(resource.clone()).boot().mode()) == Some(mode);
        confirm(access, &system.0.path, reached, &format!("boot mode {mode}")).await?;
    }
    Ok(Observed { boot_mode: Some(mode.to_owned()), ..Observed::default() })
}

/// Switches secure boot.
pub(super) async fn set_secure_boot(
    access: &Access,
    on: bool,
) -> std::result::Result<Observed, HardwareError> {
    let system = access.system().await?;
    let found = match system.secure_boot() {
        Some(path) => access.bmc.find(path).await?,
        None => None,
    };
    let Some(settings) = found else {
        return Err(HardwareError::unsupported("the BMC does not offer to switch secure boot"));
    };
    let enabled = |resource: &Resource| json::flag(&resource.body, &["SecureBootEnable"]) == Some(on);
    if !enabled(&settings) {
        change(access, &settings, &json!({"SecureBootEnable": on})).await?;
        let what = if on { "secure boot switched on" } else { "secure boot switched off" };
        confirm(access, &settings.path, enabled, what).await?;
    }
    Ok(Observed { secure_boot: Some(on), ..Observed::default() })
}

/// Asks for the change once; what becomes of it is looked at afterwards.
async fn change(access: &Access, resource: &Resource, body: &Value) -> Result<()> {
    let bmc = &access.bmc;
    match bmc.patch(&resource.path, resource.etag.as_deref(), body, &[]).await {
        Ok(accepted) => bmc.settle(&accepted, bmc.config().task_timeout(), &[]).await,
        Err(error) if error.may_have_acted() => Ok(()),
        Err(error) => Err(error),
    }
}

/// Waits until the BMC shows the change.
async fn confirm(
    access: &Access,
    path: &str,
    reached: impl Fn(&Resource) -> bool,
    what: &str,
) -> std::result::Result<(), HardwareError> {
    let config = access.bmc.config();
    let deadline = Instant::now() + config.task_timeout();
    let mut pace = Pace::of_looks(config);
    loop {
        match access.bmc.get_once(path).await {
            Ok(resource) if reached(&resource) => return Ok(()),
            Ok(_) => {}
            Err(error) if error.retryable() => {}
            Err(error @ RedfishError::Nonsense { .. }) => tracing::debug!(%error, "looked in vain"),
            Err(error) => return Err(error.into()),
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(HardwareError::new(
                HardwareErrorKind::Timeout,
                code::REDFISH_SETTING_NOT_SHOWN,
                format!("the BMC accepted the change and does not show {what}"),
                "look at the setting at the BMC's web page; some BMCs show it only after a reboot",
            ));
        }
        sleep(pace.next_pause().min(left)).await;
    }
}
