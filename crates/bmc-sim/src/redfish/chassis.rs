//! Chassis: the enclosure of each server.

use serde_json::json;

use super::answer::{About, Answer, Ask, collection, healthy, link};
use super::systems;
use crate::state::PowerState;

/// The one adapter that there is.
const ADAPTER: &str = "Slot.1";

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
        "Thermal": link(&format!("{}/Thermal", identity.chassis_path())),
        "Power": link(&format!("{}/Power", identity.chassis_path())),
        "NetworkAdapters": link(&format!("{}/NetworkAdapters", identity.chassis_path())),
        "Links": {
            "ComputerSystems": [link(&identity.system_path())],
            "ManagedBy": [link(&identity.manager_path())],
        },
    }))
}

pub(super) async fn adapters(about: About) -> Answer {
    let path = format!("{}/NetworkAdapters", about.identity().chassis_path());
    about.resource(collection(
        &path,
        "NetworkAdapterCollection",
        "Adapters",
        vec![format!("{path}/{ADAPTER}")],
    ))
}

pub(super) async fn adapter(about: About) -> Answer {
    if about.variable("adapter") != ADAPTER {
        return Err(about.missing());
    }
    let (identity, nics) = (about.identity(), &about.model().nics);
    let version = about.fleet.read(about.index, |live| live.state.firmware.version("nic").to_owned());
    about.resource(json!({
        "@odata.id": format!("{}/NetworkAdapters/{ADAPTER}", identity.chassis_path()),
        "@odata.type": "#NetworkAdapter.v1_11_0.NetworkAdapter",
        "Id": ADAPTER,
        "Name": "Network adapter",
        "Model": nics.driver,
        "SerialNumber": format!("NA{}", identity.serial),
        "Controllers": [{"FirmwarePackageVersion": version}],
        "Status": healthy(),
    }))
}
