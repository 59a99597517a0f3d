//! Takes images out of slots.

use crate::client::{Access, Pace, RedfishError, Request, Result};
use crate::resource::VirtualMedia;
use ferric_hardware::{HardwareError, HardwareErrorKind};
use ferric_model::failure::code;
use serde_json::json;
use tokio::time::{Instant, sleep};

/// How often an eject is asked for. It leads to a fixed state, and it is asked for again only after a look.
const MOST_TRIES: u32 = 4;

/// Ejects whatever is in these slots, and waits until it is out.
pub async fn eject_all(access: &Access, slots: &[VirtualMedia]) -> std::result::Result<(), HardwareError> {
    for slot in slots.iter().filter(|slot| slot.is_inserted()) {
        eject(access, slot.clone()).await.map_err(|error| refused(slot, error))?;
    }
    Ok(())
}

async fn eject(access: &Access, mut slot: VirtualMedia) -> Result<()> {
    let bmc = &access.bmc;
    let deadline = Instant::now() + bmc.config().media_timeout();
    let mut pace = Pace::of_looks(bmc.config());
    let mut tries = 0;
    let mut asked = false;
    let mut last = None;
    while slot.is_inserted() {
        if !asked && tries < MOST_TRIES {
            tries += 1;
            match ask(access, &slot).await {
                Ok(()) => asked = true,
                Err(error) if error.refused_for_now() || error.may_have_acted() => last = Some(error),
                Err(error) => {
                    // Taken out meanwhile by somebody else: that is all we wanted.
                    let now = bmc.get(&slot.0.path).await.map(VirtualMedia)?;
                    return if now.is_inserted() { Err(error) } else { Ok(()) };
                }
            }
        } else if let Some(error) = last.take_if(|_| !asked) {
            return Err(error);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            let what = "the slot still holds an image after it was ejected".to_owned();
            let request = Request::new(&bmc.address().into(), "GET", &slot.0.path);
            return Err(last.unwrap_or(RedfishError::Nonsense { request, what }));
        }
        slot = VirtualMedia(bmc.get(&slot.0.path).await?);
        if slot.is_inserted() {
            sleep(pace.next_pause().min(left)).await;
        }
    }
    Ok(())
}

/// Asks once, by the action or, where there is none, by a patch.
async fn ask(access: &Access, slot: &VirtualMedia) -> Result<()> {
    let bmc = &access.bmc;
    let accepted = match slot.eject() {
        Some(action) => bmc.post(&action.target, &json!({}), &[]).await?,
        None => {
            let body = json!({"Image": null, "Inserted": false});
            bmc.patch(&slot.0.path, slot.0.etag.as_deref(), &body, &[]).await?
        }
    };
    bmc.settle(&accepted, bmc.config().task_timeout(), &[]).await
}

fn refused(slot: &VirtualMedia, error: RedfishError) -> HardwareError {
    if error.status().is_none()
        && !matches!(error, RedfishError::TaskFailed { .. } | RedfishError::Nonsense { .. })
    {
        return error.into();
    }
    let said = error.said().map_or_else(|| error.to_string(), |said| said.text.clone());
    let failure = HardwareError::new(
        HardwareErrorKind::Refused,
        code::VMEDIA_EJECT_REFUSED,
        format!("the BMC did not eject the image from {}", slot.0.path),
        "eject the image at the BMC's web page; a session of its remote console may hold it",
    )
    .said(said);
    error.told_in(failure)
}
