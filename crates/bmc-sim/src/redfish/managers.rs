//! Managers: the BMC of each server.

use actix_web::web::Bytes;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::answer::{About, Answer, Ask, changed, collection, done, healthy, link, object};
use super::refusal::Refusal;
use super::{message, systems};
use crate::state::ServerState;

const MANAGERS: &str = "/redfish/v1/Managers";
const RESETS: &[&str] = &["GracefulRestart", "ForceRestart"];

pub(super) async fn list(ask: Ask) -> Answer {
    let members = ask.fleet.servers.iter().map(|server| server.identity.manager_path()).collect();
    systems::paged(&ask, MANAGERS, "ManagerCollection", "Managers", members)
}

pub(super) async fn show(about: About) -> Answer {
    let body = about.fleet.read(about.index, |live| render(&about, &live.state));
    about.resource(body)
}

/// The clock is all that a client may change.
pub(super) async fn patch(about: About, body: Bytes) -> Answer {
    let body = object(&body)?;
    const KNOWN: [&str; 2] = ["DateTime", "DateTimeLocalOffset"];
    if let Some(name) = body.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        return Err(Refusal::new(&message::READ_ONLY, &[name]));
    }
    let wanted = body.get("DateTime").map(|time| {
        let text = time.as_str().filter(|text| OffsetDateTime::parse(text, &Rfc3339).is_ok());
        text.map(str::to_owned)
            .ok_or_else(|| Refusal::new(&message::WRONG_TYPE, &[&time.to_string(), "DateTime"]))
    });
    let wanted = wanted.transpose()?;
    let after = about.fleet.update(about.index, |live| {
        about.check_precondition(&render(&about, &live.state))?;
        live.state.bmc_clock = wanted.or(live.state.bmc_clock.take());
        Ok::<_, Refusal>(render(&about, &live.state))
    })?;
    Ok(changed(&after))
}

fn render(about: &About, state: &ServerState) -> Value {
    let (identity, model) = (about.identity(), about.model());
    let path = identity.manager_path();
    json!({
        "@odata.id": path,
        "@odata.type": "#Manager.v1_19_0.Manager",
        "Id": identity.manager_id,
        "Name": format!("BMC of {}", identity.host_name()),
        "ManagerType": "BMC",
        "UUID": uuid::Uuid::new_v5(&identity.uuid, b"manager"),
        "ServiceEntryPointUUID": uuid::Uuid::new_v5(&identity.uuid, b"service"),
        "Manufacturer": model.manufacturer,
        "Model": model.bmc_model,
        "FirmwareVersion": state.firmware.version("bmc"),
        "PowerState": "On",
        "Status": healthy(),
        "DateTime": state.bmc_clock.as_deref().unwrap_or("2020-01-01T00:00:00Z"),
        "DateTimeLocalOffset": "+00:00",
        "EthernetInterfaces": link(&format!("{path}/EthernetInterfaces")),
        "VirtualMedia": link(&format!("{path}/VirtualMedia")),
        "Links": {
            "ManagerForServers": [link(&identity.system_path())],
            "ManagerForChassis": [link(&identity.chassis_path())],
            "ManagerInChassis": link(&identity.chassis_path()),
        },
        "Actions": {
            "#Manager.Reset": {
                "target": format!("{path}/Actions/Manager.Reset"),
                "ResetType@Redfish.AllowableValues": RESETS,
            },
        },
    })
}

/// A BMC's restart: the host keeps running, sessions end.
pub(super) async fn reset(about: About, body: Bytes) -> Answer {
    let body = object(&body)?;
    match body.get("ResetType").and_then(Value::as_str) {
        Some(kind) if RESETS.contains(&kind) => {
            about.fleet.sessions.expire_all();
            Ok(done())
        }
        Some(kind) => Err(Refusal::new(&message::PARAMETER_VALUE, &[kind, "ResetType"])),
        None => Err(Refusal::new(&message::MISSING_PARAMETER, &["Manager.Reset", "ResetType"])),
    }
}

pub(super) async fn interfaces(about: About) -> Answer {
    let path = format!("{}/EthernetInterfaces", about.identity().manager_path());
    let members = vec![format!("{path}/bmc0")];
    about.resource(collection(&path, "EthernetInterfaceCollection", "BMC interfaces", members))
}

pub(super) async fn interface(about: About) -> Answer {
    if about.variable("nic") != "bmc0" {
        return Err(about.missing());
    }
    let identity = about.identity();
    about.resource(json!({
        "@odata.id": format!("{}/EthernetInterfaces/bmc0", identity.manager_path()),
        "@odata.type": "#EthernetInterface.v1_12_1.EthernetInterface",
        "Id": "bmc0",
        "Name": "Management port",
        "MACAddress": identity.bmc_mac,
        "PermanentMACAddress": identity.bmc_mac,
        "InterfaceEnabled": true,
        "LinkStatus": "LinkUp",
        "SpeedMbps": 1000,
        "FullDuplex": true,
        "Status": healthy(),
    }))
}
