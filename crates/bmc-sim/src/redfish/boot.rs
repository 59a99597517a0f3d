//! The `Boot` property: how it is shown and how a change to it is read.

use serde_json::{Value, json};

use super::message;
use super::refusal::Refusal;
use crate::state::{BootEnabled, BootMode, BootOverride, BootTarget};

pub(super) fn render(boot: &BootOverride) -> Value {
    json!({
        "BootSourceOverrideEnabled": boot.enabled.as_str(),
        "BootSourceOverrideEnabled@Redfish.AllowableValues": names(BootEnabled::ALL, BootEnabled::as_str),
        "BootSourceOverrideTarget": boot.target.as_str(),
        "BootSourceOverrideTarget@Redfish.AllowableValues": names(BootTarget::ALL, BootTarget::as_str),
        "BootSourceOverrideMode": boot.mode.as_str(),
        "BootSourceOverrideMode@Redfish.AllowableValues": names(BootMode::ALL, BootMode::as_str),
        "HttpBootUri": boot.http_boot_uri,
        "BootOrder": ["Boot0001", "Boot0002", "Boot0003"],
    })
}

/// The boot settings after a PATCH; what it leaves out stays.
pub(super) fn merge(mut boot: BootOverride, change: &Value) -> Result<BootOverride, Refusal> {
    let Some(change) = change.as_object() else {
        return Err(Refusal::new(&message::WRONG_TYPE, &[&change.to_string(), "Boot"]).about("/Boot"));
    };
    for (name, value) in change {
        match name.as_str() {
            "BootSourceOverrideEnabled" => {
                boot.enabled = choice(name, value, BootEnabled::ALL, BootEnabled::as_str)?;
            }
            "BootSourceOverrideTarget" => {
                boot.target = choice(name, value, BootTarget::ALL, BootTarget::as_str)?;
            }
            "BootSourceOverrideMode" => {
                boot.mode = choice(name, value, BootMode::ALL, BootMode::as_str)?;
            }
            "HttpBootUri" => boot.http_boot_uri = uri(name, value)?,
            annotation if annotation.contains('@') => {}
            _ => return Err(Refusal::new(&message::UNKNOWN_PROPERTY, &[name]).about(pointer(name))),
        }
    }
    if boot.target == BootTarget::None {
        boot.enabled = BootEnabled::Disabled;
    }
    Ok(boot)
}

fn uri(name: &str, value: &Value) -> Result<Option<String>, Refusal> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) => match url::Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Some(text.clone())),
            _ => Err(Refusal::new(&message::NOT_IN_LIST, &[text, name]).about(pointer(name))),
        },
        _ => Err(Refusal::new(&message::WRONG_TYPE, &[&value.to_string(), name]).about(pointer(name))),
    }
}

fn choice<T: Copy>(
    name: &str,
    value: &Value,
    all: &[T],
    text: impl Fn(T) -> &'static str,
) -> Result<T, Refusal> {
    let Some(wanted) = value.as_str() else {
        return Err(Refusal::new(&message::WRONG_TYPE, &[&value.to_string(), name]).about(pointer(name)));
    };
    all.iter()
        .copied()
        .find(|one| text(*one) == wanted)
        .ok_or_else(|| Refusal::new(&message::NOT_IN_LIST, &[wanted, name]).about(pointer(name)))
}

fn names<T: Copy>(all: &[T], text: impl Fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|one| text(*one)).collect()
}

fn pointer(name: &str) -> String {
    format!("/Boot/{name}")
}
