//! Chassis: the enclosure of each server.

use serde_json::json;

use super::answer::{About, Answer, Ask, healthy, link};
use super::systems;
use crate::state::PowerState;

pub(super) async fn list(ask: Ask) -> Answer {
    let members = ask.fleet.servers.iter().map(|server| server.identity.chassis_path()).collect();
    systems::paged(&ask, "/redfish/v1/Chassis", "ChassisCollection", "Chassis", members)
}

pub(super) async fn show(about: About) -> Answer {
    let (identity, model) = (about.identity(), about.model());
    let power = about.fleet.read(about.index, |live| live.state.power);
    about.resource(json!({
        "@odata.id": identity.chassis_path(),
        "@odata.type": "#Chassis.v1_25_0.Chassis",
        "Id": identity.chassis_id,
        "Name": format!("Enclosure of {}", identity.host_name()),
        "ChassisType": "RackMount",
        "Manufacturer": model.manufacturer,
        "Model": model.product,
        "SKU": model.sku,
        "SerialNumber": identity.serial,
        "PowerState": if power == PowerState::Off { "Off" } else { "On" },
        "Status": healthy(),
        "Links": {
            "ComputerSystems": [link(&identity.system_path())],
            "ManagedBy": [link(&identity.manager_path())],
        },
    }))
}
