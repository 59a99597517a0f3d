//! Storage inventory of a system: controllers, drives, and the older SimpleStorage.

use serde_json::{Value, json};

use super::answer::{About, Answer, collection, healthy, link};
use super::refusal::Refusal;
use super::volumes;
use crate::model::Disk;

const UNIT: &str = "DA000001";

pub(super) fn unit_path(about: &About) -> String {
    format!("{}/Storage/{UNIT}", about.identity().system_path())
}

/// The one storage unit there is; another id is answered 404.
pub(super) fn check_unit(about: &About) -> Result<String, Refusal> {
    if about.variable("unit") == UNIT { Ok(unit_path(about)) } else { Err(about.missing()) }
}

pub(super) async fn list(about: About) -> Answer {
    let path = format!("{}/Storage", about.identity().system_path());
    let members = vec![unit_path(&about)];
    about.resource(collection(&path, "StorageCollection", "Storage", members))
}

pub(super) async fn show(about: About) -> Answer {
    let path = check_unit(&about)?;
    let model = about.model();
    let drives: Vec<Value> =
        model.disks.iter().map(|disk| link(&format!("{path}/Drives/{}", disk.bay))).collect();
    about.resource(json!({
        "@odata.id": path,
        "@odata.type": "#Storage.v1_17_1.Storage",
        "Id": UNIT,
        "Name": model.controller,
        "Status": healthy(),
        "StorageControllers": [{
            "@odata.id": format!("{path}#/StorageControllers/0"),
            "MemberId": "0",
            "Name": model.controller,
            "Manufacturer": model.manufacturer,
            "SupportedRAIDTypes": model.raid.types,
            "Status": healthy(),
        }],
        "Drives": drives,
        "Drives@odata.count": model.disks.len(),
        "Volumes": link(&format!("{path}/Volumes")),
    }))
}

pub(super) async fn drive(about: About) -> Answer {
    let path = check_unit(&about)?;
    let wanted = about.variable("drive");
    let disks = about.model().disks;
    let at = disks.iter().position(|disk| disk.bay == wanted).ok_or_else(|| about.missing())?;
    let disk = &disks[at];
    let volumes = volumes::on_disk(&about, disk.bay);
    about.resource(json!({
        "@odata.id": format!("{path}/Drives/{}", disk.bay),
        "@odata.type": "#Drive.v1_20_0.Drive",
        "Id": disk.bay,
        "Name": format!("Drive in {}", disk.bay),
        "Manufacturer": disk.vendor,
        "Model": disk.model,
        "SerialNumber": about.identity().drive_serial(at),
        "CapacityBytes": disk.bytes,
        "Protocol": disk.bus.protocol(),
        "MediaType": if disk.rotational { "HDD" } else { "SSD" },
        "IndicatorLED": "Off",
        "Status": healthy(),
        "Links": {"Volumes": volumes},
    }))
}

pub(super) async fn simple_list(about: About) -> Answer {
    let path = format!("{}/SimpleStorage", about.identity().system_path());
    let members = vec![format!("{path}/{UNIT}")];
    about.resource(collection(&path, "SimpleStorageCollection", "Simple storage", members))
}

pub(super) async fn simple(about: About) -> Answer {
    check_unit(&about)?;
    let model = about.model();
    let device = |disk: &Disk| {
        json!({
            "Name": disk.bay,
            "Manufacturer": disk.vendor,
            "Model": disk.model,
            "CapacityBytes": disk.bytes,
            "Status": healthy(),
        })
    };
    about.resource(json!({
        "@odata.id": format!("{}/SimpleStorage/{UNIT}", about.identity().system_path()),
        "@odata.type": "#SimpleStorage.v1_3_2.SimpleStorage",
        "Id": UNIT,
        "Name": model.controller,
        "Status": healthy(),
        "Devices": model.disks.iter().map(device).collect::<Vec<_>>(),
    }))
}
