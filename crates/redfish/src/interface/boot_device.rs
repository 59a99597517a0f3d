//! The boot device: what a system boots from instead of its boot order.

use crate::client::{Access, Pace, Result};
use crate::resource::System;
use ferric_hardware::interface::BootDevice;
use ferric_hardware::{HardwareError, TaskView};
use ferric_model::JsonMap;
use redfish::types::{
    Boot, BootSourceOverrideEnabled, BootSourceOverrideTarget, ComputerSystemUpdateRequest,
};
use serde_json::{Value, json};
use tokio::time::sleep;

/// Ironic's words and those of the schema.
const DEVICES: [(&str, &str); 5] =
    [("pxe", "Pxe"), ("disk", "Hdd"), ("cdrom", "Cd"), ("bios", "BiosSetup"), ("uefihttp", "UefiHttp")];

/// Targets that serve where the BMC offers them and not the usual one.
const SUBSTITUTES: [(&str, &str); 1] = [("Cd", "UsbCd")];

/// Key of `driver_internal_info`: the device that is to be set again before each boot, because the BMC only knows `Once`.
const REMEMBERED: &str = "redfish_boot_device";

/// How often a change is asked for while the BMC says "not now".
const MOST_TRIES: u32 = 6;

/// Refusals that pass when the system has left its power-on self test.
const BUSY: &str = "UnableToModifyDuringSystemPOST";

/// Reads the boot device.
pub(super) async fn get(access: &Access) -> Result<BootDevice> {
    let system = access.system().await?;
    let boot = system.boot();
    let target = boot.target().map(|target| {
        SUBSTITUTES.iter().find(|(_, substitute)| *substitute == target).map_or(target, |(usual, _)| usual)
    });
    let persistent = match boot.enabled() {
        Some("Continuous") => Some(true),
        Some("Once") => Some(false),
        _ => None,
    };
    let boot_device =
        DEVICES.iter().find(|(_, name)| Some(*name) == target).map(|(word, _)| (*word).to_owned());
    Ok(BootDevice { boot_device, persistent })
}

/// Sets the boot device and tells what is to be remembered in `driver_internal_info`.
///
/// A BMC that cannot keep a device for every boot is given it for the next one, and it is remembered that this has to be
/// done again.
pub(super) async fn set(
    access: &Access,
    device: &str,
    persistent: bool,
) -> std::result::Result<JsonMap, HardwareError> {
    let Some((_, target)) = DEVICES.iter().find(|(word, _)| *word == device) else {
        let known: Vec<&str> = DEVICES.iter().map(|(word, _)| *word).collect();
        return Err(HardwareError::invalid(
            format!("Invalid boot device {device} specified."),
            format!("choose one of {}", known.join(", ")),
        ));
    };
    let mut remembered = Value::Null;
    if persistent {
        match change(access, target, "Continuous").await {
            Err(error) if error.status().is_some_and(|status| status < 500) => {
                tracing::info!(bmc = access.bmc.address(), %error, "no lasting boot device; set for one boot at a time");
                change(access, target, "Once").await?;
                remembered = json!(device);
            }
            result => result?,
        }
    } else {
        change(access, target, "Once").await?;
    }
    Ok(JsonMap::from_iter([(REMEMBERED.to_owned(), remembered)]))
}

/// Sets a remembered device again before a boot, unless something else is set for that boot.
pub(super) async fn reapply(task: &TaskView, access: &Access) -> std::result::Result<(), HardwareError> {
    let Some(device) = task.internal_str(REMEMBERED) else { return Ok(()) };
    let Some((_, target)) = DEVICES.iter().find(|(word, _)| *word == device) else { return Ok(()) };
    let system = access.system().await?;
    if matches!(system.boot().enabled(), Some("Once" | "Continuous")) {
        return Ok(());
    }
    Ok(change(access, target, "Once").await?)
}

/// Names a target and for how long; asks again while the BMC says "not now".
///
/// Both are fixed values, so that asking twice is harmless; it is still done only after a look.
async fn change(access: &Access, target: &str, enabled: &str) -> Result<()> {
    let bmc = &access.bmc;
    let mut pace = Pace::of_looks(bmc.config());
    let mut in_full = false;
    let mut tries = 1;
    loop {
        let system = access.system().await?;
        let target = usable(&system, target);
        if tries > 1 && is_set(&system, target, enabled) {
            return Ok(());
        }
        let body = payload(&system, target, enabled, in_full);
        let result = match bmc.patch(&system.0.path, system.0.etag.as_deref(), &body, &[]).await {
            Ok(accepted) => bmc.settle(&accepted, bmc.config().task_timeout(), &[]).await,
            Err(error) => Err(error),
        };
        let Err(error) = result else { return Ok(()) };
        let busy = error.refused_for_now() || error.said().is_some_and(|said| said.mentions(BUSY));
        if !busy && error.status() == Some(400) && !in_full {
            // Some firmware wants all of it in one request, changed or not.
            in_full = true;
            continue;
        }
        if tries == MOST_TRIES || !(busy || error.may_have_acted()) {
            return Err(error);
        }
        tries += 1;
        sleep(pace.next_pause()).await;
    }
}

fn is_set(system: &System, target: &str, enabled: &str) -> bool {
    system.boot().target() == Some(target) && system.boot().enabled() == Some(enabled)
}

/// The target, or its substitute where the BMC offers only that.
fn usable<'a>(system: &System, target: &'a str) -> &'a str {
    let offered = system.boot().allowable_targets();
    let substitute = SUBSTITUTES.iter().find(|(usual, substitute)| {
        *usual == target && !offered.contains(usual) && offered.contains(substitute)
    });
    substitute.map_or(target, |(_, substitute)| substitute)
}

/// What is sent: `Enabled` only if it differs, because some firmware refuses to be told what it knows.
fn payload(system: &System, target: &str, enabled: &str, in_full: bool) -> Value {
    let current = system.boot();
    let boot = Boot {
        boot_source_override_target: Some(BootSourceOverrideTarget::new(target)),
        boot_source_override_enabled: Some(BootSourceOverrideEnabled::new(enabled))
            .filter(|_| in_full || current.enabled() != Some(enabled)),
        boot_source_override_mode: current.mode().map(str::to_owned).filter(|_| in_full),
        ..Boot::default()
    };
    json!(ComputerSystemUpdateRequest { boot: Some(boot), ..ComputerSystemUpdateRequest::default() })
}

/// Ironic's word for a boot mode.
pub(super) fn mode_word(mode: Option<&str>) -> Option<&'static str> {
    match mode {
        Some("UEFI") => Some("uefi"),
        Some("Legacy") => Some("bios"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{payload, usable};
    use crate::client::Resource;
    use crate::resource::System;
    use serde_json::{Value, json};

    fn system(boot: Value) -> System {
        System(Resource { path: "/s".into(), etag: None, body: json!({"Boot": boot}) })
    }

    #[test]
    fn enabled_is_sent_only_if_it_differs_and_everything_on_demand() {
        let system = system(json!({"BootSourceOverrideEnabled": "Once", "BootSourceOverrideMode": "UEFI"}));
        assert_eq!(
            payload(&system, "Cd", "Once", false),
            json!({"Boot": {"BootSourceOverrideTarget": "Cd"}})
        );
        assert_eq!(
            payload(&system, "Hdd", "Continuous", false),
            json!({"Boot": {"BootSourceOverrideTarget": "Hdd", "BootSourceOverrideEnabled": "Continuous"}})
        );
        assert_eq!(
            payload(&system, "Cd", "Once", true),
            json!({"Boot": {"BootSourceOverrideTarget": "Cd", "BootSourceOverrideEnabled": "Once",
                "BootSourceOverrideMode": "UEFI"}})
        );
    }

    #[test]
    fn a_substitute_is_taken_only_where_the_usual_target_is_not_offered() {
        let offering =
            |targets: Value| system(json!({"BootSourceOverrideTarget@Redfish.AllowableValues": targets}));
        assert_eq!(usable(&offering(json!(["Pxe", "UsbCd"])), "Cd"), "UsbCd");
        assert_eq!(usable(&offering(json!(["Cd", "UsbCd"])), "Cd"), "Cd");
        assert_eq!(usable(&offering(json!(null)), "Cd"), "Cd");
        assert_eq!(usable(&offering(json!(["UsbCd"])), "Hdd"), "Hdd");
    }
}
