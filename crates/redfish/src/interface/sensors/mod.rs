//! Sensors: temperatures, fans and power supplies of the node's chassis, and its drives.
//!
//! Source: DSP0268, `Thermal` and `Power` (up to 2020), `ThermalSubsystem` and `PowerSubsystem` (since). Many BMCs have both:
//! the older ones tell everything with one read, so they are asked first.

mod parts;

use crate::client::{Access, Bmc, RedfishError, Resource, Result, json};
use crate::resource::{Chassis, Storage, System};
use ferric_hardware::interface::Sensor;
use futures::{StreamExt, stream};

/// Reads that a BMC is asked for at once: fewer than it could take, for others may wait for it.
const READS_AT_ONCE: usize = 2;

/// Reads one part after the other; a part that is not there or cannot be read is left out.
///
/// **Errors**: only when nothing could be read at all.
pub(super) async fn read(access: &Access) -> Result<Vec<Sensor>> {
    let system = access.system().await?;
    let mut reader = Reader { bmc: &access.bmc, sensors: Vec::new(), failure: None };
    for path in system.chassis() {
        if let Some(chassis) = reader.find(Some(path)).await.map(Chassis) {
            reader.read_thermal(&chassis).await;
            reader.read_power(&chassis).await;
        }
    }
    reader.read_drives(&system).await;
    match reader.failure {
        Some(failure) if reader.sensors.is_empty() => Err(failure),
        _ => Ok(reader.sensors),
    }
}

/// What was read so far.
struct Reader<'a> {
    bmc: &'a Bmc,
    sensors: Vec<Sensor>,
    /// The first failure to read a part.
    failure: Option<RedfishError>,
}

impl Reader<'_> {
    async fn read_thermal(&mut self, chassis: &Chassis) {
        let before = self.sensors.len();
        if let Some(thermal) = self.find(chassis.thermal()).await {
            self.sensors.extend(parts::of_thermal(&thermal, chassis.id()));
        }
        if self.sensors.len() > before {
            return;
        }
        let Some(subsystem) = self.find(chassis.thermal_subsystem()).await else { return };
        for fan in self.members(json::link(&subsystem.body, &["Fans"])).await {
            self.sensors.extend(parts::fan(&fan, chassis.id()));
        }
        if let Some(metrics) = self.find(json::link(&subsystem.body, &["ThermalMetrics"])).await {
            self.sensors.extend(parts::of_thermal_metrics(&metrics, chassis.id()));
        }
    }

    async fn read_power(&mut self, chassis: &Chassis) {
        let before = self.sensors.len();
        if let Some(power) = self.find(chassis.power()).await {
            self.sensors.extend(parts::of_power(&power, chassis.id()));
        }
        if self.sensors.len() > before {
            return;
        }
        let Some(subsystem) = self.find(chassis.power_subsystem()).await else { return };
        for supply in self.members(json::link(&subsystem.body, &["PowerSupplies"])).await {
            self.sensors.extend(parts::power_supply(&supply, chassis.id()));
        }
    }

    async fn read_drives(&mut self, system: &System) {
        for storage in self.members(system.storage()).await.into_iter().map(Storage) {
            let paths = storage.drives().into_iter().map(str::to_owned).collect();
            for drive in self.all(paths).await {
                self.sensors.extend(parts::drive(&drive, storage.0.id(), system.0.id()));
            }
        }
    }

    /// A resource, where there is one.
    async fn find(&mut self, path: Option<&str>) -> Option<Resource> {
        let found = self.bmc.find(path?).await;
        self.note(found).flatten()
    }

    /// The members of a collection, where there is one.
    async fn members(&mut self, collection: Option<&str>) -> Vec<Resource> {
        let Some(collection) = collection else { return Vec::new() };
        let paths = self.bmc.find_members(collection).await;
        let paths = self.note(paths).flatten().unwrap_or_default();
        self.all(paths).await
    }

    /// The resources that can be read of these.
    async fn all(&mut self, paths: Vec<String>) -> Vec<Resource> {
        let bmc = self.bmc;
        let reads: Vec<Result<Option<Resource>>> = stream::iter(paths)
            .map(|path| async move { bmc.find(&path).await })
            .buffered(READS_AT_ONCE)
            .collect()
            .await;
        reads.into_iter().filter_map(|read| self.note(read).flatten()).collect()
    }

    fn note<T>(&mut self, read: Result<T>) -> Option<T> {
        match read {
            Ok(found) => Some(found),
            Err(error) => {
                self.failure.get_or_insert(error);
                None
            }
        }
    }
}
