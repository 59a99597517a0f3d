//! UpdateService: what firmware there is.

use actix_web::web::Path;
use serde_json::json;

use super::answer::{Answer, Ask, healthy, link};
use super::refusal::Refusal;
use super::systems;
use crate::fleet::Server;

const INVENTORY: &str = "/redfish/v1/UpdateService/FirmwareInventory";

/// One kind of firmware of every server: id prefix, name, version, the resource it belongs to.
type Row = (&'static str, &'static str, fn(&Server) -> &'static str, fn(&Server) -> String);

const FIRMWARE: &[Row] = &[
    ("BIOS", "System firmware", |server| server.model.bios_version, |server| server.identity.system_path()),
    ("BMC", "BMC firmware", |server| server.model.bmc_version, |server| server.identity.manager_path()),
];

pub(super) async fn service(ask: Ask) -> Answer {
    ask.resource(json!({
        "@odata.id": "/redfish/v1/UpdateService",
        "@odata.type": "#UpdateService.v1_14_0.UpdateService",
        "Id": "UpdateService",
        "Name": "Update service",
        "ServiceEnabled": true,
        "Status": healthy(),
        "FirmwareInventory": link(INVENTORY),
        "Actions": {},
    }))
}

pub(super) async fn list(ask: Ask) -> Answer {
    let members = ask
        .fleet
        .servers
        .iter()
        .flat_map(|server| FIRMWARE.iter().map(|(kind, ..)| format!("{INVENTORY}/{}", id(kind, server))))
        .collect();
    systems::paged(&ask, INVENTORY, "SoftwareInventoryCollection", "Firmware", members)
}

pub(super) async fn show(ask: Ask, wanted: Path<String>) -> Answer {
    let found = wanted.split_once('-').and_then(|(prefix, manager)| {
        let row = FIRMWARE.iter().find(|(kind, ..)| *kind == prefix)?;
        let server = &ask.fleet.servers[ask.fleet.find_index(manager)?];
        (id(row.0, server) == *wanted).then_some((row, server))
    });
    let Some(((kind, name, version, item), server)) = found else {
        return Err(Refusal::missing(ask.request.path()));
    };
    let id = id(kind, server);
    ask.resource(json!({
        "@odata.id": format!("{INVENTORY}/{id}"),
        "@odata.type": "#SoftwareInventory.v1_10_1.SoftwareInventory",
        "Id": id,
        "Name": name,
        "Manufacturer": server.model.manufacturer,
        "Version": version(server),
        "Updateable": false,
        "Status": healthy(),
        "RelatedItem": [link(&item(server))],
    }))
}

fn id(kind: &str, server: &Server) -> String {
    format!("{kind}-{}", server.identity.manager_id)
}
