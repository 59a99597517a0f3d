//! UpdateService: what firmware there is, and replacing it.
//!
//! A firmware image is a JSON document `{"component": "bios" | "bmc" | "nic", "version": "…"}`. The BMC's own takes
//! effect at once and restarts the BMC; the others wait for the next boot of the server.

use std::sync::Arc;

use actix_web::web::{Bytes, Path};
use serde_json::{Map, Value, json};

use super::answer::{Answer, Ask, healthy, link, object};
use super::refusal::Refusal;
use super::{message, systems, tasks};
use crate::fault::{Fault, FaultKind, Times};
use crate::fetch::{Source, read_range};
use crate::fleet::{Fleet, Server};
use crate::state::COMPONENTS;
use crate::task::{Payload, Task};
use crate::{clock, hold, http};

const INVENTORY: &str = "/redfish/v1/UpdateService/FirmwareInventory";
const TARGET: &str = "/redfish/v1/UpdateService/Actions/UpdateService.SimpleUpdate";
const ACTION: &str = "UpdateService.SimpleUpdate";

/// More than any image of this simulator has.
const IMAGE_BYTES: u64 = 4096;

/// Requests that a BMC leaves unanswered while it restarts with its new firmware.
const REFUSED_AT_RESTART: u32 = 4;

/// One kind of firmware of every server: id prefix, component, name, the resource it belongs to.
type Row = (&'static str, &'static str, &'static str, fn(&Server) -> String);

const FIRMWARE: &[Row] = &[
    ("BIOS", "bios", "System firmware", |server| server.identity.system_path()),
    ("BMC", "bmc", "BMC firmware", |server| server.identity.manager_path()),
    ("NIC", "nic", "Firmware of the network adapter", |server| server.identity.chassis_path()),
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
        "Actions": {
            "#UpdateService.SimpleUpdate": {
                "target": TARGET,
                "TransferProtocol@Redfish.AllowableValues": ["HTTP", "HTTPS"],
            },
        },
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
        let index = ask.fleet.find_index(manager)?;
        (id(row.0, &ask.fleet.servers[index]) == *wanted).then_some((row, index))
    });
    let Some(((kind, component, name, item), index)) = found else {
        return Err(Refusal::missing(ask.request.path()));
    };
    let server = &ask.fleet.servers[index];
    let version = ask.fleet.read(index, |live| live.state.firmware.version(component).to_owned());
    let id = id(kind, server);
    ask.resource(json!({
        "@odata.id": format!("{INVENTORY}/{id}"),
        "@odata.type": "#SoftwareInventory.v1_10_1.SoftwareInventory",
        "Id": id,
        "Name": name,
        "Manufacturer": server.model.manufacturer,
        "Version": version,
        "Updateable": true,
        "Status": healthy(),
        "RelatedItem": [link(&item(server))],
    }))
}

fn id(kind: &str, server: &Server) -> String {
    format!("{kind}-{}", server.identity.manager_id)
}

pub(super) async fn simple_update(ask: Ask, body: Bytes) -> Answer {
    let text = String::from_utf8_lossy(&body).into_owned();
    let body = object(&body)?;
    const KNOWN: [&str; 5] = ["ImageURI", "Targets", "TransferProtocol", "Username", "Password"];
    if let Some(name) = body.keys().find(|name| !KNOWN.contains(&name.as_str()) && !name.contains('@')) {
        return Err(Refusal::new(&message::UNKNOWN_PARAMETER, &[ACTION, name]));
    }
    let words = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let url =
        words("ImageURI").ok_or_else(|| Refusal::new(&message::MISSING_PARAMETER, &[ACTION, "ImageURI"]))?;
    let index = target(&ask.fleet, &body)?;
    if !hold::pass_named(&ask.fleet, index, &ask.request, &[ACTION], false).await {
        return Ok(http::cut(&ask.request));
    }
    ask.fleet.update(index, |live| live.state.counters.firmware_requests += 1);
    let source = Source { url, username: words("Username"), password: words("Password") };
    let payload = Some(Payload { method: "POST", target: TARGET.to_owned(), body: text });
    let name = "Firmware update".to_owned();
    let id =
        ask.fleet.tasks.begin(Task { name, started_at: clock::now(), state: "New", payload, ended: None });
    let fleet = Arc::clone(&ask.fleet);
    let shutdown = fleet.shutdown.clone();
    let work = async move {
        shutdown.run_until_cancelled(update(&fleet, index, id, source)).await;
    };
    ask.fleet.tracker.spawn_on(work, &ask.fleet.runtime);
    if !hold::pass_named(&ask.fleet, index, &ask.request, &[ACTION], true).await {
        return Ok(http::cut(&ask.request));
    }
    Ok(tasks::accepted(&ask.fleet, id))
}

/// The server that is meant; one that is alone need not be named.
fn target(fleet: &Fleet, body: &Map<String, Value>) -> Result<usize, Refusal> {
    match body.get("Targets") {
        None if fleet.servers.len() == 1 => Ok(0),
        None => Err(Refusal::new(&message::MISSING_PARAMETER, &[ACTION, "Targets"])),
        Some(targets) => {
            let paths = targets.as_array().into_iter().flatten().filter_map(Value::as_str);
            let last = paths.filter_map(|path| path.trim_end_matches('/').rsplit('/').next());
            // A system by its id, firmware by its prefix and the id of the manager.
            let mut found: Vec<usize> = last
                .filter_map(|id| fleet.find_index(id).or_else(|| fleet.find_index(id.split_once('-')?.1)))
                .collect();
            found.dedup();
            match found[..] {
                [index] => Ok(index),
                _ => Err(Refusal::new(&message::PARAMETER_VALUE, &[&targets.to_string(), "Targets"])),
            }
        }
    }
}

async fn update(fleet: &Arc<Fleet>, index: usize, task: u64, source: Source) {
    let failed = |why: String| fleet.tasks.finish(task, clock::now(), Some(why));
    fleet.tasks.set_state(task, "Starting");
    let image = match read_range(&fleet.http, &source, 0, IMAGE_BYTES).await {
        Ok(image) => image,
        Err(error) => return failed(format!("the image cannot be read: {error}")),
    };
    let image: Value = serde_json::from_slice(&image).unwrap_or_default();
    let component = COMPONENTS.into_iter().find(|known| image["component"] == *known);
    let (Some(component), Some(version)) = (component, image["version"].as_str()) else {
        return failed("the image is no firmware of this server".to_owned());
    };
    let version = version.to_owned();
    if component == "nic" {
        // Adapters of some makers say that they start until the server is rebooted.
        return fleet.update(index, |live| live.state.firmware.install_at_boot(task, component, version));
    }
    fleet.tasks.set_state(task, "Running");
    tokio::time::sleep(fleet.config.task_delay).await;
    if component == "bios" {
        fleet.tasks.set_state(task, "Pending");
        return fleet.update(index, |live| live.state.firmware.install_at_boot(task, component, version));
    }
    fleet.update(index, |live| {
        let state = &mut live.state;
        state.firmware.install(component, version, &mut state.counters);
    });
    fleet.sessions.expire_all();
    let times = Times::Count(REFUSED_AT_RESTART);
    fleet.faults.plant(Some(index), Fault { kind: FaultKind::Refuse { after: false }, target: None, times });
    fleet.tasks.finish(task, clock::now(), None);
}
