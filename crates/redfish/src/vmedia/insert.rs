//! Puts an image into a slot and looks whether it is there.

use crate::client::{Access, Pace, RedfishError, Result, Said};
use crate::resource::VirtualMedia;
use ferric_hardware::{HardwareError, HardwareErrorKind};
use ferric_model::failure::code;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use url::Url;

/// How often one slot is asked while the BMC has a fault. The slot is looked at before each time.
const MOST_TRIES: u32 = 4;

/// What a refused request may be changed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    /// Leave everything out but the image.
    Bare,
    /// Name protocol and method.
    Explicit,
}

/// Messages of a refusal (status 400) that say how the request has to look instead.
const REMEDIES: [(&str, Change); 6] = [
    ("ActionParameterUnknown", Change::Bare),
    ("ActionParameterNotSupported", Change::Bare),
    ("PropertyUnknown", Change::Bare),
    ("PropertyNotWritable", Change::Bare),
    ("ActionParameterMissing", Change::Explicit),
    ("CreateFailedMissingReqProperties", Change::Explicit),
];

/// Why a slot did not take the image.
enum Miss {
    /// It refused: the next slot may take it.
    Refused(RedfishError),
    /// It accepted, and the image did not appear.
    Absent,
    /// The conversation failed.
    Failed(RedfishError),
}

/// Inserts the image at `url` into the first of `slots` that takes it, write-protected, and waits until it is there.
///
/// **Errors**: `vmedia-not-supported` without a slot, `vmedia-insert-refused` with what the BMC said last,
/// `vmedia-not-inserted` when it accepted the image and then did not have it.
pub async fn insert(
    access: &Access,
    slots: Vec<VirtualMedia>,
    url: &str,
) -> std::result::Result<(), HardwareError> {
    let shown = shown(url);
    let mut last = HardwareError::new(
        HardwareErrorKind::Unsupported,
        code::VMEDIA_NOT_SUPPORTED,
        "the BMC has no virtual media slot that takes a CD image",
        "look whether virtual media is licensed and enabled at the BMC, or choose another boot interface",
    );
    for slot in slots {
        let path = slot.0.path.clone();
        last = match insert_into(access, slot, url).await {
            Ok(()) => return Ok(()),
            Err(Miss::Failed(error)) => return Err(error.into()),
            Err(Miss::Refused(error)) => refused(&path, &shown, &error),
            Err(Miss::Absent) => HardwareError::new(
                HardwareErrorKind::Timeout,
                code::VMEDIA_NOT_INSERTED,
                format!("the BMC accepted the image for {path} and did not insert it"),
                format!("make sure that the BMC reaches {shown}: it fetches the image itself"),
            ),
        };
        tracing::info!(bmc = access.bmc.address(), slot = path, error = %last, "slot did not take the image");
    }
    Err(last)
}

async fn insert_into(access: &Access, mut slot: VirtualMedia, url: &str) -> std::result::Result<(), Miss> {
    let bmc = &access.bmc;
    let mut pace = Pace::of_looks(bmc.config());
    let mut change = None;
    let mut tries = 1;
    loop {
        let Err(error) = ask(access, &slot, url, change).await else { break };
        let remedy = (error.status() == Some(400)).then(|| remedy(error.said(), change)).flatten();
        if remedy.is_some() {
            change = remedy;
            continue;
        }
        let unsure = error.may_have_acted() || error.refused_for_now();
        if !unsure {
            return Err(if error.said().is_some() { Miss::Refused(error) } else { Miss::Failed(error) });
        }
        sleep(pace.next_pause()).await;
        slot = VirtualMedia(bmc.get(&slot.0.path).await.map_err(Miss::Failed)?);
        if holds(&slot, url) {
            return Ok(());
        }
        if tries == MOST_TRIES {
            return Err(if error.said().is_some() { Miss::Refused(error) } else { Miss::Failed(error) });
        }
        tries += 1;
    }
    appears(access, &slot.0.path, url).await
}

/// Asks once, by the action or, where there is none, by a patch.
async fn ask(access: &Access, slot: &VirtualMedia, url: &str, change: Option<Change>) -> Result<()> {
    let bmc = &access.bmc;
    let body = payload(url, access.info.media_protocol.as_deref(), change);
    let secrets = secrets(url);
    let hide: Vec<&str> = secrets.iter().map(String::as_str).collect();
    let accepted = match slot.insert() {
        Some(action) => bmc.post(&action.target, &body, &hide).await?,
        None => bmc.patch(&slot.0.path, slot.0.etag.as_deref(), &body, &hide).await?,
    };
    bmc.settle(&accepted, bmc.config().task_timeout(), &hide).await
}

fn payload(url: &str, protocol: Option<&str>, change: Option<Change>) -> Value {
    let mut body = json!({"Image": url});
    if change != Some(Change::Bare) {
        body["Inserted"] = json!(true);
        body["WriteProtected"] = json!(true);
    }
    if let Some(protocol) = protocol {
        body["TransferProtocolType"] = json!(protocol);
    }
    if change == Some(Change::Explicit) {
        let scheme = url.split(':').next().unwrap_or("http").to_ascii_uppercase();
        body["TransferProtocolType"] = json!(protocol.unwrap_or(&scheme));
        body["TransferMethod"] = json!("Stream");
    }
    body
}

/// How a refused request has to look instead; each way is tried once.
fn remedy(said: Option<&Said>, tried: Option<Change>) -> Option<Change> {
    let said = said.filter(|_| tried.is_none())?;
    REMEDIES.iter().find(|(message, _)| said.mentions(message)).map(|(_, change)| *change)
}

/// Whether a slot holds the image. Firmware may show another URL than it was given, so that any image counts that was not
/// there before: the slots were emptied first.
fn holds(slot: &VirtualMedia, url: &str) -> bool {
    slot.is_inserted() || slot.image() == Some(url)
}

/// Waits until the image is there.
async fn appears(access: &Access, path: &str, url: &str) -> std::result::Result<(), Miss> {
    let bmc = &access.bmc;
    let deadline = Instant::now() + bmc.config().media_timeout();
    let mut pace = Pace::of_looks(bmc.config());
    loop {
        let slot = VirtualMedia(bmc.get(path).await.map_err(Miss::Failed)?);
        if holds(&slot, url) {
            return Ok(());
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Miss::Absent);
        }
        sleep(pace.next_pause().min(left)).await;
    }
}

fn refused(path: &str, shown: &str, error: &RedfishError) -> HardwareError {
    let said = error.said().map_or_else(|| error.to_string(), |said| said.text.clone());
    let failure = HardwareError::new(
        HardwareErrorKind::Refused,
        code::VMEDIA_INSERT_REFUSED,
        format!("the BMC did not take the image into {path}"),
        format!("make sure that the BMC reaches {shown}, and that it accepts images over this protocol"),
    )
    .said(said);
    error.told_in(failure)
}

/// The part of a URL that may be shown: its path holds a one-time token.
fn shown(url: &str) -> String {
    Url::parse(url).map_or_else(|_| "the image".to_owned(), |url| url.origin().ascii_serialization())
}

/// What a BMC must not be quoted with when it speaks of the URL: all of it, its path, and each part that may be a token.
fn secrets(url: &str) -> Vec<String> {
    let Ok(parsed) = Url::parse(url) else { return vec![url.to_owned()] };
    let parts = parsed.path().split('/').filter(|part| part.len() >= 12).map(str::to_owned);
    [url.to_owned()]
        .into_iter()
        .chain((parsed.path() != "/").then(|| parsed.path().to_owned()))
        .chain(parts)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Change, payload, remedy, secrets, shown};
    use crate::client::Said;
    use serde_json::json;

    #[test]
    fn a_refusal_says_how_to_ask_instead() {
        let said = |id: &str| Said { ids: vec![id.to_owned()], text: String::new() };
        assert_eq!(remedy(Some(&said("Base.1.8.ActionParameterNotSupported")), None), Some(Change::Bare));
        assert_eq!(remedy(Some(&said("Base.1.8.ActionParameterMissing")), None), Some(Change::Explicit));
        assert_eq!(remedy(Some(&said("Base.1.8.ActionParameterMissing")), Some(Change::Explicit)), None);
        assert_eq!(remedy(Some(&said("Vendor.1.0.Busy")), None), None);
        let url = "https://h/x/boot.iso";
        assert_eq!(payload(url, None, None), json!({"Image": url, "Inserted": true, "WriteProtected": true}));
        assert_eq!(payload(url, None, Some(Change::Bare)), json!({"Image": url}));
        assert_eq!(payload(url, None, Some(Change::Explicit))["TransferProtocolType"], "HTTPS");
        assert_eq!(payload(url, Some("HTTP"), None)["TransferProtocolType"], "HTTP");
    }

    #[test]
    fn of_the_url_only_the_origin_is_shown() {
        let url = "http://10.0.0.1:6388/boot/0123456789abcdef/boot.iso";
        assert_eq!(shown(url), "http://10.0.0.1:6388");
        let said = Said {
            ids: Vec::new(),
            text: format!("cannot read {url}, /boot/0123456789abcdef/boot.iso or 0123456789abcdef"),
        };
        let secrets = secrets(url);
        let hide: Vec<&str> = secrets.iter().map(String::as_str).collect();
        assert!(!said.without(&hide).text.contains("0123456789abcdef"));
    }
}
