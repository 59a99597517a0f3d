//! What a step wants to be installed, and going on with it.

use super::components;
use super::update::{Image, Move, Update};
use crate::client::Access;
use crate::interface::notes::Notes;
use crate::interface::reboot;
use ferric_hardware::interface::StepArg;
use ferric_hardware::{HardwareError, NodeInterfaces, StepOutcome, TaskView};
use ferric_model::firmware::FirmwareComponents;
use ferric_model::hardware::InterfaceKind;
use ferric_model::report::Observed;
use ferric_model::step::Step;
use serde_json::Value;
use url::Url;

const NOTES: Notes = Notes("redfish_firmware");

/// Longest `wait` behind an image, in seconds.
const LONGEST_WAIT: u64 = 3_600;

/// Argument of the management step `update_firmware`.
pub(in crate::interface) const IMAGE_ARGS: [StepArg; 1] = [StepArg {
    name: "firmware_images",
    description: "a list of images, each an object with a url and a checksum, and perhaps wait in seconds",
    required: true,
}];

/// Begins to install the `firmware_images` of a step.
pub(in crate::interface) fn start_images(task: &TaskView, step: &Step) -> Result<StepOutcome, HardwareError> {
    images(step)?;
    Ok(StepOutcome::Again(NOTES.keep(task, step, &Update::default())))
}

/// Begins to install the `settings` of a step; every component must be one that the node has.
pub(super) async fn start_components(
    access: &Access,
    task: &TaskView,
    step: &Step,
) -> Result<StepOutcome, HardwareError> {
    let known = components::read(access).await?;
    for image in images(step)? {
        check_component(&image, &known)?;
    }
    Ok(StepOutcome::Again(NOTES.keep(task, step, &Update::default())))
}

/// Goes on with the images of a step; none when nothing of them was noted, so nothing was done.
pub(in crate::interface) async fn resume_images(
    access: &Access,
    task: &TaskView,
    interfaces: &NodeInterfaces,
    step: &Step,
) -> Result<Option<StepOutcome>, HardwareError> {
    let Some(mut update) = NOTES.read::<Update>(task, step) else { return Ok(None) };
    let outcome = match update.advance(access, &images(step)?).await? {
        Move::On => StepOutcome::Again(NOTES.keep(task, step, &update)),
        Move::Reboot => reboot(task, interfaces, NOTES.keep(task, step, &update)).await?,
        Move::Done => {
            let firmware = components::read(access).await?;
            let firmware = Some(firmware).filter(|found| !found.is_empty());
            StepOutcome::Done(Observed { firmware, ..NOTES.forget() })
        }
    };
    Ok(Some(outcome))
}

/// The images of a step, whichever of the two it is.
fn images(step: &Step) -> Result<Vec<Image>, HardwareError> {
    let of_components = step.interface == InterfaceKind::Firmware;
    let arg = if of_components { "settings" } else { "firmware_images" };
    let read = |item| if of_components { image_of(item) } else { image_of_nothing(item) };
    let items = step.args.get(arg).and_then(Value::as_array).filter(|items| !items.is_empty());
    let items = items.ok_or_else(|| malformed(arg, "it is not a list of objects"))?;
    items.iter().map(read).collect()
}

fn image_of(item: &Value) -> Result<Image, HardwareError> {
    let component = item.get("component").and_then(Value::as_str).unwrap_or_default();
    Ok(Image { component: Some(component.to_owned()), ..image(item, "settings")? })
}

fn check_component(image: &Image, known: &FirmwareComponents) -> Result<(), HardwareError> {
    let component = image.component.as_deref().unwrap_or_default();
    if known.contains_key(component) {
        return Ok(());
    }
    let names: Vec<&str> = known.keys().map(String::as_str).collect();
    let what = format!("'{component}' is no component of the node; it has {}", names.join(", "));
    Err(malformed("settings", &what))
}

/// An image with its checksum. The BMC fetches and verifies it; here only the form is looked at.
fn image_of_nothing(item: &Value) -> Result<Image, HardwareError> {
    const LENGTHS: [usize; 3] = [40, 64, 128];
    let checksum = item.get("checksum").and_then(Value::as_str).unwrap_or_default();
    if !LENGTHS.contains(&checksum.len()) || !checksum.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(malformed(
            "firmware_images",
            "a checksum is no SHA-1, SHA-256 or SHA-512 in hexadecimal",
        ));
    }
    if let Some(source) = item.get("source").and_then(Value::as_str)
        && !["http", "https"].contains(&source)
    {
        let what = format!(
            "the source '{source}' is not supported: the BMC fetches images itself, over http or https"
        );
        return Err(malformed("firmware_images", &what));
    }
    image(item, "firmware_images")
}

fn image(item: &Value, arg: &str) -> Result<Image, HardwareError> {
    let url = item.get("url").and_then(Value::as_str).unwrap_or_default();
    let parsed = Url::parse(url).ok().filter(|url| ["http", "https"].contains(&url.scheme()));
    if parsed.is_none() {
        return Err(malformed(arg, "a url is no http or https URL"));
    }
    let wait_secs = match item.get("wait") {
        None | Some(Value::Null) => 0,
        Some(wait) => wait
            .as_u64()
            .filter(|wait| *wait <= LONGEST_WAIT)
            .ok_or_else(|| malformed(arg, &format!("wait is a number of seconds, at most {LONGEST_WAIT}")))?,
    };
    Ok(Image { component: None, url: url.to_owned(), wait_secs })
}

fn malformed(arg: &str, what: &str) -> HardwareError {
    HardwareError::invalid(
        format!("the argument '{arg}' is not usable: {what}"),
        "correct the argument; each item is an object with its url",
    )
}
