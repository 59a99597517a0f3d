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

/// The target that boots from a URL.
pub(super) const HTTP: &str = "UefiHttp";

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
    let wish = Wish::new(target, "Once");
    fulfill(access, wish, device, persistent).await.map(|(_, remembered)| remembered)
}

/// The same for a URL to boot from; gives also what the BMC has to show now.
pub(super) async fn set_url<'a>(
    access: &Access,
    url: &'a str,
    persistent: bool,
) -> std::result::Result<(Wish<'a>, JsonMap), HardwareError> {
    fulfill(access, Wish::from_url(url), "uefihttp", persistent).await
}

async fn fulfill<'a>(
    access: &Access,
    once: Wish<'a>,
    device: &str,
    persistent: bool,
) -> std::result::Result<(Wish<'a>, JsonMap), HardwareError> {
    if persistent {
        let lasting = Wish { enabled: "Continuous", ..once };
        match change(access, &lasting).await {
            Err(error) if error.status().is_some_and(|status| status < 500) => {
                tracing::info!(bmc = access.bmc.address(), %error, "no lasting boot device; set for one boot at a time");
            }
            result => return Ok(result.map(|()| (lasting, forget()))?),
        }
    }
    change(access, &once).await?;
    let remembered = if persistent { json!(device) } else { Value::Null };
    Ok((once, JsonMap::from_iter([(REMEMBERED.to_owned(), remembered)])))
}

/// Lets nothing be set again before boots.
pub(super) fn forget() -> JsonMap {
    JsonMap::from_iter([(REMEMBERED.to_owned(), Value::Null)])
}

/// Sets a remembered device again before a boot, unless something else is set for that boot.
pub(super) async fn reapply(task: &TaskView, access: &Access) -> std::result::Result<(), HardwareError> {
    let Some(device) = task.internal_str(REMEMBERED) else { return Ok(()) };
    let Some((_, target)) = DEVICES.iter().find(|(word, _)| *word == device) else { return Ok(()) };
    let system = access.system().await?;
    if matches!(system.boot().enabled(), Some("Once" | "Continuous")) {
        return Ok(());
    }
    Ok(change(access, &Wish::new(target, "Once")).await?)
}

/// What a system is to boot from instead of its boot order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish<'a> {
    /// In the words of the schema.
    target: &'a str,
    enabled: &'a str,
    /// Where the firmware fetches what it boots; secret, for it is meant for this node only.
    uri: Option<&'a str>,
}

impl<'a> Wish<'a> {
    pub(super) const fn new(target: &'a str, enabled: &'a str) -> Self {
        Self { target, enabled, uri: None }
    }

    /// Once, from this URL.
    pub(super) const fn from_url(uri: &'a str) -> Self {
        Self { target: HTTP, enabled: "Once", uri: Some(uri) }
    }

    /// Nothing, and no URL any more.
    pub(super) const fn nothing() -> Self {
        Self { target: "None", enabled: "Disabled", uri: Some("") }
    }

    /// What must not be quoted.
    fn secrets(&self) -> Vec<&'a str> {
        self.uri.into_iter().filter(|uri| !uri.is_empty()).collect()
    }
}

/// Names a target and for how long; asks again while the BMC says "not now".
///
/// Both are fixed values, so that asking twice is harmless; it is still done only after a look.
pub(super) async fn change(access: &Access, wish: &Wish<'_>) -> Result<()> {
    let bmc = &access.bmc;
    let mut pace = Pace::of_looks(bmc.config());
    let mut in_full = false;
    let mut tries = 1;
    loop {
        let system = access.system().await?;
        let wish = Wish { target: usable(&system, wish.target), ..*wish };
        if tries > 1 && is_set(&system, &wish) {
            return Ok(());
        }
        let (body, secrets) = (payload(&system, &wish, in_full), wish.secrets());
        let result = match bmc.patch(&system.0.path, system.0.etag.as_deref(), &body, &secrets).await {
            Ok(accepted) => bmc.settle(&accepted, bmc.config().task_timeout(), &secrets).await,
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

/// Whether the BMC shows what was wished for; a URL that it does not show at all may be the right one.
pub(super) fn is_set(system: &System, wish: &Wish<'_>) -> bool {
    let boot = system.boot();
    let uri = match (wish.uri, boot.http_uri()) {
        (None | Some(_), None) => true,
        (None, Some(_)) => true,
        (Some(wanted), Some(shown)) => wanted == shown,
    };
    let target = boot.target() == Some(wish.target) || wish.target == "None" && boot.target().is_none();
    target && boot.enabled() == Some(wish.enabled) && uri
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
fn payload(system: &System, wish: &Wish<'_>, in_full: bool) -> Value {
    let current = system.boot();
    let from_url = wish.target == HTTP;
    let mode = if from_url { Some("UEFI") } else { current.mode() };
    let boot = Boot {
        boot_source_override_target: Some(BootSourceOverrideTarget::new(wish.target)),
        boot_source_override_enabled: Some(BootSourceOverrideEnabled::new(wish.enabled))
            .filter(|_| in_full || current.enabled() != Some(wish.enabled)),
        boot_source_override_mode: mode
            .map(str::to_owned)
            .filter(|mode| in_full || from_url && current.mode() != Some(mode)),
        ..Boot::default()
    };
    let mut body =
        json!(ComputerSystemUpdateRequest { boot: Some(boot), ..ComputerSystemUpdateRequest::default() });
    if let Some(uri) = wish.uri {
        body["Boot"]["HttpBootUri"] = json!(uri);
    }
    body
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
    use super::{Wish, is_set, payload, usable};
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
            payload(&system, &Wish::new("Cd", "Once"), false),
            json!({"Boot": {"BootSourceOverrideTarget": "Cd"}})
        );
        assert_eq!(
            payload(&system, &Wish::new("Hdd", "Continuous"), false),
            json!({"Boot": {"BootSourceOverrideTarget": "Hdd", "BootSourceOverrideEnabled": "Continuous"}})
        );
        assert_eq!(
            payload(&system, &Wish::new("Cd", "Once"), true),
            json!({"Boot": {"BootSourceOverrideTarget": "Cd", "BootSourceOverrideEnabled": "Once",
                "BootSourceOverrideMode": "UEFI"}})
        );
    }

    #[test]
    fn a_url_comes_with_its_target_and_goes_with_it() {
        let legacy =
            system(json!({"BootSourceOverrideEnabled": "Disabled", "BootSourceOverrideMode": "Legacy"}));
        let wish = Wish::from_url("http://b/t/boot.efi");
        assert_eq!(
            payload(&legacy, &wish, false),
            json!({"Boot": {"BootSourceOverrideTarget": "UefiHttp", "BootSourceOverrideEnabled": "Once",
                "BootSourceOverrideMode": "UEFI", "HttpBootUri": "http://b/t/boot.efi"}})
        );
        let shown = |uri: Value| {
            system(
                json!({"BootSourceOverrideTarget": "UefiHttp", "BootSourceOverrideEnabled": "Once", "HttpBootUri": uri}),
            )
        };
        assert!(is_set(&shown(json!("http://b/t/boot.efi")), &wish) && is_set(&shown(Value::Null), &wish));
        assert!(!is_set(&shown(json!("http://b/other/boot.efi")), &wish));
        assert!(!is_set(&shown(json!("http://b/t/boot.efi")), &Wish::nothing()));
        assert!(is_set(
            &system(json!({"BootSourceOverrideTarget": "None", "BootSourceOverrideEnabled": "Disabled"})),
            &Wish::nothing()
        ));
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
