//! Managers: the BMC of each server.

use actix_web::web::Bytes;
use serde_json::{Value, json};

use super::answer::{About, Answer, Ask, collection, done, healthy, link, object};
use super::refusal::Refusal;
use super::{message, systems};

const MANAGERS: &str = "/redfish/v1/Managers";
const RESETS: &[&str] = &["GracefulRestart", "ForceRestart"];

pub(super) async fn list(ask: Ask) -> Answer {
    let members = ask.fleet.servers.iter().map(|server| server.identity.manager_path()).collect();
    systems::paged(&ask, MANAGERS, "ManagerCollection", "Managers", members)
}

pub(super) async fn show(about: About) -> Answer {
    let (identity, model) = (about.identity(), about.model());
    let path = identity.manager_path();
    about.resource(json!({
        "@odata.id": path,
        "@odata.type": "#Manager.v1_19_0.Manager",
        "Id": identity.manager_id,
        "Name": format!("BMC of {}", identity.host_name()),
        "ManagerType": "BMC",
        "UUID": uuid::Uuid::new_v5(&identity.uuid, b"manager"),
        "ServiceEntryPointUUID": uuid::Uuid::new_v5(&identity.uuid, b"service"),
        "Manufacturer": model.manufacturer,
        "Model": model.bmc_model,
        "FirmwareVersion": model.bmc_version,
        "PowerState": "On",
        "Status": healthy(),
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
    }))
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
