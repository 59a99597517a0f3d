//! What storage there is: controllers, disks, volumes.

use super::layout::{Controller, Disk};
use crate::client::{Access, Result, json};
use crate::resource::{Drive, Storage, Volume, VolumeCollection};
use serde_json::Value;
use std::collections::BTreeMap;

/// A controller with the volumes that are on its disks.
#[derive(Debug)]
pub(super) struct Unit {
    /// The controller.
    pub controller: Controller,
    /// Its RAID volumes.
    pub volumes: Vec<Volume>,
}

/// Every controller that has volumes and does not say that it makes none.
pub(super) async fn read(access: &Access) -> Result<Vec<Unit>> {
    let bmc = &access.bmc;
    let system = access.system().await?;
    let Some(collection) = system.storage() else { return Ok(Vec::new()) };
    let mut units = Vec::new();
    for path in bmc.find_members(collection).await?.unwrap_or_default() {
        let Some(storage) = bmc.find(&path).await?.map(Storage) else { continue };
        let Some(volumes_path) = storage.volumes().map(str::to_owned) else { continue };
        let raid_types = raid_types(access, &storage).await?;
        if raid_types.as_ref().is_some_and(Vec::is_empty) {
            continue;
        }
        let volumes = volumes(access, &volumes_path).await?;
        let raid: Vec<Volume> = volumes.into_iter().filter(|volume| volume.raid_type().is_some()).collect();
        let used = used(&raid);
        let mut disks = Vec::new();
        for drive in storage.drives() {
            if let Some(found) = bmc.find(drive).await? {
                disks.extend(disk(drive, &Drive(found.body), used.get(drive).copied().unwrap_or_default()));
            }
        }
        let controller = Controller { names: storage.names(), volumes: volumes_path, raid_types, disks };
        units.push(Unit { controller, volumes: raid });
    }
    Ok(units)
}

/// Every volume of a collection, disks that are passed through included.
pub(super) async fn volumes(access: &Access, collection: &str) -> Result<Vec<Volume>> {
    let mut volumes = Vec::new();
    for path in access.bmc.find_members(collection).await?.unwrap_or_default() {
        volumes.extend(access.bmc.find(&path).await?.map(Volume));
    }
    Ok(volumes)
}

/// When changes of these volumes may take effect; empty when the BMC does not tell.
pub(super) async fn apply_times(access: &Access, collection: &str) -> Result<Vec<String>> {
    let found = access.bmc.find(collection).await?.map(VolumeCollection);
    let times = found.as_ref().map(VolumeCollection::apply_times).unwrap_or_default();
    Ok(times.into_iter().map(str::to_owned).collect())
}

async fn raid_types(access: &Access, storage: &Storage) -> Result<Option<Vec<String>>> {
    if let Some(types) = storage.raid_types() {
        return Ok(Some(types));
    }
    let Some(controllers) = storage.controllers() else { return Ok(None) };
    let mut told = None;
    for path in access.bmc.find_members(controllers).await?.unwrap_or_default() {
        let Some(controller) = access.bmc.find(&path).await? else { continue };
        if json::at(&controller.body, &["SupportedRAIDTypes"]).is_some() {
            let types = json::texts(&controller.body, &["SupportedRAIDTypes"]);
            told.get_or_insert_with(Vec::new).extend(types.into_iter().map(str::to_owned));
        }
    }
    Ok(told)
}

/// Bytes of each disk that volumes use.
fn used(volumes: &[Volume]) -> BTreeMap<String, u64> {
    let mut used = BTreeMap::new();
    for volume in volumes {
        let drives = volume.drives();
        let level = volume.raid_type().and_then(super::level::Level::of_type);
        let data = level.map_or(1, |level| level.data_disks(drives.len()));
        for drive in drives {
            let share = volume.capacity_bytes().unwrap_or(u64::MAX).div_ceil(data);
            let so_far = used.entry(drive.to_owned()).or_insert(0_u64);
            *so_far = so_far.saturating_add(share);
        }
    }
    used
}

fn disk(path: &str, drive: &Drive, used: u64) -> Option<Disk> {
    let critical = json::text(&drive.0, &["Status", "Health"]) == Some("Critical");
    Some(Disk {
        path: path.to_owned(),
        names: drive.names(),
        bytes: drive.capacity_bytes().filter(|_| !critical)?,
        used,
        solid: drive.is_rotational().map(|turns| !turns),
        protocol: drive.protocol().map(str::to_lowercase),
    })
}

/// What clients see of a volume.
pub(super) fn document(volume: &Volume, controller: &str, disks: &[String], is_root: bool) -> Value {
    let level = volume.raid_type().and_then(super::level::Level::of_type).map(|level| level.name);
    let mut document = serde_json::json!({
        "controller": controller,
        "id": volume.id(),
        "raid_level": level.or(volume.raid_type()),
        "size_gb": volume.capacity_bytes().map(|bytes| bytes >> 30),
        "physical_disks": disks,
        "volume_name": volume.name(),
    });
    if is_root {
        document["is_root_volume"] = true.into();
    }
    document
}
