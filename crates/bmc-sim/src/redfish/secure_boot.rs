//! SecureBoot of a system; a change takes effect at the next boot.

use actix_web::web::Bytes;
use serde_json::{Value, json};

use super::answer::{About, Answer, changed, done, object};
use super::message;
use super::refusal::Refusal;
use crate::state::ServerState;

/// Resets of the keys, and whether keys are there afterwards.
const RESETS: [(&str, bool); 2] = [("ResetAllKeysToDefault", true), ("DeleteAllKeys", false)];

pub(super) async fn show(about: About) -> Answer {
    let body = about.fleet.read(about.index, |live| render(&about, &live.state));
    about.resource(body)
}

pub(super) async fn patch(about: About, body: Bytes) -> Answer {
    let body = object(&body)?;
    let mut wanted = None;
    for (name, value) in &body {
        match (name.as_str(), value) {
            ("SecureBootEnable", Value::Bool(enable)) => wanted = Some(*enable),
            ("SecureBootEnable", other) => {
                return Err(Refusal::new(&message::WRONG_TYPE, &[&other.to_string(), name])
                    .about("/SecureBootEnable"));
            }
            _ => return Err(Refusal::new(&message::UNKNOWN_PROPERTY, &[name]).about(format!("/{name}"))),
        }
    }
    let after = about.fleet.update(about.index, |live| {
        about.check_precondition(&render(&about, &live.state))?;
        live.state.secure_boot = wanted.unwrap_or(live.state.secure_boot);
        Ok::<_, Refusal>(render(&about, &live.state))
    })?;
    Ok(changed(&after))
}

pub(super) async fn reset_keys(about: About, body: Bytes) -> Answer {
    const ACTION: &str = "SecureBoot.ResetKeys";
    let body = object(&body)?;
    let kind = body
        .get("ResetKeysType")
        .and_then(Value::as_str)
        .ok_or_else(|| Refusal::new(&message::MISSING_PARAMETER, &[ACTION, "ResetKeysType"]))?;
    let row = RESETS.iter().find(|row| row.0 == kind);
    let (_, keys) = row.ok_or_else(|| Refusal::new(&message::PARAMETER_VALUE, &[kind, "ResetKeysType"]))?;
    about.fleet.update(about.index, |live| live.state.secure_boot_keys = *keys);
    Ok(done())
}

fn render(about: &About, state: &ServerState) -> Value {
    json!({
        "@odata.id": format!("{}/SecureBoot", about.identity().system_path()),
        "@odata.type": "#SecureBoot.v1_1_2.SecureBoot",
        "Id": "SecureBoot",
        "Name": "UEFI Secure Boot",
        "SecureBootEnable": state.secure_boot,
        "SecureBootCurrentBoot": if state.secure_boot_current { "Enabled" } else { "Disabled" },
        "SecureBootMode": if state.secure_boot_keys { "UserMode" } else { "SetupMode" },
        "Actions": {
            "#SecureBoot.ResetKeys": {
                "target": format!("{}/SecureBoot/Actions/SecureBoot.ResetKeys", about.identity().system_path()),
                "ResetKeysType@Redfish.AllowableValues": RESETS.map(|row| row.0),
            },
        },
    })
}
