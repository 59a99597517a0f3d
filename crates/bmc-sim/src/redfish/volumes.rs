//! Volumes of a storage controller (DSP0268, Volume): disks as they are, and RAID volumes made of them.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use actix_web::web::Bytes;
use serde_json::{Map, Value, json};

use super::answer::{About, Answer, collection, done, healthy, link, object};
use super::refusal::Refusal;
use super::storage::check_unit;
use super::{message, tasks};
use crate::clock;
use crate::fault::FaultKind;
use crate::fleet::Live;
use crate::model::Disk;
use crate::state::{NewVolume, Volume};
use crate::task::{Payload, Task};

/// RAID type, fewest disks, disks' worth of data of `n` disks.
type Level = (&'static str, usize, fn(u64) -> u64);

const LEVELS: &[Level] = &[
    ("RAID0", 1, |n| n),
    ("RAID1", 2, |_| 1),
    ("RAID5", 3, |n| n - 1),
    ("RAID6", 4, |n| n - 2),
    ("RAID10", 4, |n| n / 2),
];

const APPLY_TIME: &str = "@Redfish.OperationApplyTime";

fn level(raid_type: &str) -> Option<&'static Level> {
    LEVELS.iter().find(|row| row.0 == raid_type)
}

/// Bytes that a volume takes of each of its disks.
fn share(raid_type: &str, disks: usize, bytes: u64) -> u64 {
    level(raid_type).map_or(bytes, |row| bytes.div_ceil((row.2)(disks as u64).max(1)))
}

/// Links to the volumes on a disk.
pub(super) fn on_disk(about: &About, bay: &str) -> Vec<Value> {
    let path = super::storage::unit_path(about);
    about.fleet.read(about.index, |live| {
        let ids = ids(about, live);
        let of_disk = ids.iter().filter(|(_, bays)| bays.contains(&bay));
        of_disk.map(|(id, _)| link(&format!("{path}/Volumes/{id}"))).collect()
    })
}

/// The ids of all volumes with the disks they are on; a disk in no RAID volume is one of its own.
fn ids<'a>(about: &About, live: &'a Live) -> Vec<(String, Vec<&'a str>)> {
    let raid = live.state.volumes.present();
    let plain = about
        .model()
        .disks
        .iter()
        .enumerate()
        .filter(|(_, disk)| !raid.iter().any(|volume| volume.bays.contains(&disk.bay)));
    plain
        .map(|(at, disk)| (plain_id(at), vec![disk.bay]))
        .chain(raid.iter().map(|volume| (volume.id.clone(), volume.bays.clone())))
        .collect()
}

fn plain_id(at: usize) -> String {
    format!("VD{:02}", at + 1)
}

pub(super) async fn list(about: About) -> Answer {
    let path = format!("{}/Volumes", check_unit(&about)?);
    let members = about.fleet.read(about.index, |live| {
        ids(&about, live).into_iter().map(|(id, _)| format!("{path}/{id}")).collect()
    });
    let mut body = collection(&path, "VolumeCollection", "Volumes", members);
    body["@Redfish.OperationApplyTimeSupport"] = json!({
        "@odata.type": "#Settings.v1_3_5.OperationApplyTimeSupport",
        "SupportedValues": about.model().raid.apply_times,
    });
    about.resource(body)
}

pub(super) async fn show(about: About) -> Answer {
    let path = check_unit(&about)?;
    let wanted = about.variable("volume").to_owned();
    let raid = about.fleet.read(about.index, |live| {
        let known = ids(&about, live).into_iter().any(|(id, _)| id == wanted);
        known.then(|| live.state.volumes.find(&wanted).cloned())
    });
    let body = match raid.ok_or_else(|| about.missing())? {
        Some(volume) => raid_volume(&path, &volume),
        None => {
            let disks = about.model().disks;
            let at = (0..disks.len()).find(|at| plain_id(*at) == wanted).ok_or_else(|| about.missing())?;
            plain_volume(&path, &wanted, &disks[at])
        }
    };
    about.resource(body)
}

fn raid_volume(path: &str, volume: &Volume) -> Value {
    let drives: Vec<Value> = volume.bays.iter().map(|bay| link(&format!("{path}/Drives/{bay}"))).collect();
    json!({
        "@odata.id": format!("{path}/Volumes/{}", volume.id),
        "@odata.type": "#Volume.v1_10_0.Volume",
        "Id": volume.id,
        "Name": volume.name,
        "RAIDType": volume.raid_type,
        "CapacityBytes": volume.bytes,
        "Status": healthy(),
        "Links": {"Drives": drives},
    })
}

fn plain_volume(path: &str, id: &str, disk: &Disk) -> Value {
    json!({
        "@odata.id": format!("{path}/Volumes/{id}"),
        "@odata.type": "#Volume.v1_10_0.Volume",
        "Id": id,
        "Name": format!("Pass-through {}", disk.bay),
        "VolumeType": "RawDevice",
        "RAIDType": null,
        "CapacityBytes": disk.bytes,
        "Status": healthy(),
        "Links": {"Drives": [link(&format!("{path}/Drives/{}", disk.bay))]},
    })
}

pub(super) async fn create(about: About, body: Bytes) -> Answer {
    let path = check_unit(&about)?;
    let text = String::from_utf8_lossy(&body).into_owned();
    let body = object(&body)?;
    let at_reset = is_at_reset(&about, &body)?;
    let slow = slow_task(&about);
    let task = || begin(&about, "Create volume", "POST", format!("{path}/Volumes"), text.clone());
    let made = about.fleet.update(about.index, |live| {
        let new = read_new(&about, &path, live, &body)?;
        if at_reset {
            let id = task();
            live.state.volumes.create_at_boot(id, new);
            return Ok(Err(id));
        }
        let state = &mut live.state;
        Ok::<_, Refusal>(Ok(state.volumes.create(new, &mut state.counters)))
    })?;
    match (made, slow) {
        (Err(id), _) => Ok(tasks::accepted(&about.fleet, id)),
        (Ok(_), Some(delay)) => Ok(ends_later(&about, task(), delay)),
        (Ok(volume), None) => Ok(HttpResponse::Created()
            .insert_header(("OData-Version", "4.0"))
            .insert_header((LOCATION, format!("{path}/Volumes/{}", volume.id)))
            .json(raid_volume(&path, &volume))),
    }
}

pub(super) async fn delete(about: About) -> Answer {
    let path = check_unit(&about)?;
    let id = about.variable("volume").to_owned();
    let target = format!("{path}/Volumes/{id}");
    let at_reset = !about.model().raid.apply_times.contains(&"Immediate");
    about.fleet.update(about.index, |live| {
        if live.state.volumes.find(&id).is_none() {
            let is_plain = ids(&about, live).into_iter().any(|(known, _)| known == id);
            return Err(match is_plain {
                true => Refusal::new(&message::METHOD, &["DELETE"]),
                false => about.missing(),
            });
        }
        if at_reset {
            let task = begin(&about, "Delete volume", "DELETE", target, String::new());
            live.state.volumes.delete_at_boot(task, &id);
            return Ok(tasks::accepted(&about.fleet, task));
        }
        live.state.volumes.delete(&id, &mut live.state.counters);
        Ok(done())
    })
}

/// A task that waits for the next boot.
fn begin(about: &About, name: &str, method: &'static str, target: String, body: String) -> u64 {
    let payload = Some(Payload { method, target, body });
    let started_at = clock::now();
    about.fleet.tasks.begin(Task {
        name: name.to_owned(),
        started_at,
        state: "Pending",
        payload,
        ended: None,
    })
}

fn slow_task(about: &About) -> Option<std::time::Duration> {
    match about.take_fault(&[], |kind| matches!(kind, FaultKind::SlowTask { .. })) {
        Some(FaultKind::SlowTask { delay }) => Some(delay.unwrap_or(about.fleet.config.task_delay)),
        _ => None,
    }
}

fn ends_later(about: &About, task: u64, delay: std::time::Duration) -> HttpResponse {
    let fleet = Arc::clone(&about.fleet);
    let shutdown = fleet.shutdown.clone();
    let work = async move {
        tokio::time::sleep(delay).await;
        fleet.tasks.finish(task, clock::now(), None);
    };
    let work = async move {
        shutdown.run_until_cancelled(work).await;
    };
    about.fleet.tracker.spawn_on(work, &about.fleet.runtime);
    tasks::accepted(&about.fleet, task)
}

/// When the change is to take effect; what the controller cannot do is refused.
fn is_at_reset(about: &About, body: &Map<String, Value>) -> Result<bool, Refusal> {
    let supported = about.model().raid.apply_times;
    match body.get(APPLY_TIME) {
        None => Ok(!supported.contains(&"Immediate")),
        Some(Value::String(wanted)) if supported.contains(&wanted.as_str()) => Ok(wanted == "OnReset"),
        Some(other) => Err(Refusal::new(&message::NOT_IN_LIST, &[&other.to_string(), APPLY_TIME])),
    }
}

fn read_new(about: &About, path: &str, live: &Live, body: &Map<String, Value>) -> Result<NewVolume, Refusal> {
    const KNOWN: [&str; 5] = ["RAIDType", "CapacityBytes", "Links", "Name", APPLY_TIME];
    let bad = |name: &str, value: &Value| {
        Refusal::new(&message::NOT_IN_LIST, &[&value.to_string(), name]).about(format!("/{name}"))
    };
    if let Some(name) = body.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        return Err(Refusal::new(&message::UNKNOWN_PROPERTY, &[name]));
    }
    let raid_type = body.get("RAIDType").cloned().unwrap_or_default();
    let row = raid_type
        .as_str()
        .filter(|wanted| about.model().raid.types.contains(wanted))
        .and_then(level)
        .ok_or_else(|| bad("RAIDType", &raid_type))?;
    let links = body.get("Links").and_then(|links| links.get("Drives")).cloned().unwrap_or_default();
    let bays: Option<Vec<&'static str>> = links
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| {
            let bay = one.get("@odata.id")?.as_str()?.strip_prefix(&format!("{path}/Drives/"))?;
            about.model().disks.iter().map(|disk| disk.bay).find(|known| *known == bay)
        })
        .collect();
    let bays = bays.filter(|bays| bays.len() >= row.1).ok_or_else(|| bad("Links", &links))?;
    let free = |bay: &&str| {
        let disk = about.model().disks.iter().find(|disk| disk.bay == *bay);
        let size = disk.map_or(0, |disk| disk.bytes);
        size.saturating_sub(live.state.volumes.used_bytes(bay, share))
    };
    let smallest = bays.iter().map(free).min().unwrap_or_default();
    let room = smallest * (row.2)(bays.len() as u64);
    let bytes = match body.get("CapacityBytes") {
        None => room,
        Some(wanted) => wanted.as_u64().ok_or_else(|| bad("CapacityBytes", wanted))?,
    };
    if bytes == 0 || bytes > room {
        return Err(Refusal::new(&message::IN_USE, &["the drives have no room for a volume of this size"]));
    }
    let name = body.get("Name").and_then(Value::as_str).map(str::to_owned);
    Ok(NewVolume { name, raid_type: row.0, bays, bytes })
}
