//! Storage inventory of a system: controllers, drives, volumes, and the older SimpleStorage.

use serde_json::{Value, json};

use super::answer::{About, Answer, collection, healthy, link};
use crate::model::Disk;

const UNIT: &str = "DA000001";

fn unit_path(about: &About) -> String {
    format!("{}/Storage/{UNIT}", about.identity().system_path())
}

/// The one storage unit there is; another id is answered 404.
fn check_unit(about: &About) -> Result<String, super::refusal::Refusal> {
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
            "SupportedRAIDTypes": [],
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
        "Links": {"Volumes": [link(&format!("{path}/Volumes/{}", volume_id(at)))]},
    }))
}

pub(super) async fn volumes(about: About) -> Answer {
    let path = format!("{}/Volumes", check_unit(&about)?);
    let members = (0..about.model().disks.len()).map(|at| format!("{path}/{}", volume_id(at))).collect();
    about.resource(collection(&path, "VolumeCollection", "Volumes", members))
}

pub(super) async fn volume(about: About) -> Answer {
    let path = check_unit(&about)?;
    let wanted = about.variable("volume");
    let disks = about.model().disks;
    let at = (0..disks.len()).find(|at| volume_id(*at) == wanted).ok_or_else(|| about.missing())?;
    about.resource(json!({
        "@odata.id": format!("{path}/Volumes/{}", volume_id(at)),
        "@odata.type": "#Volume.v1_10_0.Volume",
        "Id": volume_id(at),
        "Name": format!("Pass-through {}", disks[at].bay),
        "VolumeType": "RawDevice",
        "RAIDType": null,
        "CapacityBytes": disks[at].bytes,
        "Status": healthy(),
        "Links": {"Drives": [link(&format!("{path}/Drives/{}", disks[at].bay))]},
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

fn volume_id(at: usize) -> String {
    format!("VD{:02}", at + 1)
}
