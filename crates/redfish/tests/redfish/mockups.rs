//! Service trees that were recorded from real firmware. They are not part of this repository: the tests run where
//! `FERRIC_MOCKUPS`, or the folder `shared/mockups` beside the checkout, has them, and say so where not.

use crate::support::{Answer, Seen, Service, clients, node, quick, run_inspect, task};
use ferric_hardware::TaskView;
use ferric_hardware::interface::{Health, Sensor, SensorKind, Unit};
use ferric_model::report::Observed;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A recorded tree, unpacked.
struct Recording {
    /// The folder that stands for `/redfish/v1`.
    root: PathBuf,
    _folder: TempDir,
}

fn recordings() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/mockups");
    let folder = std::env::var_os("FERRIC_MOCKUPS").map_or(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

fn unpack(name: &str) -> Option<Recording> {
    let archive =
        recordings().map(|folder| folder.join(format!("{name}.tar.gz"))).filter(|archive| archive.is_file());
    let Some(archive) = archive else {
        eprintln!("skipped: no recording {name}; set FERRIC_MOCKUPS to the folder that has it");
        return None;
    };
    let folder = tempfile::tempdir().unwrap();
    let status = Command::new("tar").arg("xzf").arg(&archive).arg("-C").arg(folder.path()).status().unwrap();
    assert!(status.success());
    let inside = ["redfish/v1", "public-rackmount1"].map(|inside| folder.path().join(inside));
    let root = inside.into_iter().find(|root| root.join("index.json").is_file()).expect("a service root");
    Some(Recording { root, _folder: folder })
}

impl Recording {
    async fn serve(&self) -> Service {
        self.serve_without(&[]).await
    }

    /// Serves it as if it had no resources whose paths end like this.
    async fn serve_without(&self, ends: &'static [&'static str]) -> Service {
        let root = self.root.clone();
        Service::start(move |seen: &Seen| {
            let path =
                seen.path.split('?').next().unwrap().trim_start_matches("/redfish/v1").trim_matches('/');
            if ends.iter().any(|end| path.ends_with(end)) {
                return Answer::status(404, "");
            }
            match std::fs::read(root.join(path).join("index.json")) {
                Ok(body) if seen.method == "GET" => Answer::status(200, body),
                Ok(_) => Answer::status(204, ""),
                Err(_) => Answer::status(404, ""),
            }
        })
        .await
    }
}

async fn inspect(service: &Service) -> (TaskView, Observed) {
    let task = task(node(json!({"redfish_address": service.url})));
    let observed = run_inspect(&clients(quick()), &task).await.unwrap();
    (task, observed)
}

/// Every property that an inspection must find, of its type, and at least one address.
fn complete(observed: &Observed) {
    for key in ["cpus", "memory_mb"] {
        assert!(observed.properties[key].as_u64().unwrap() > 0, "{key}");
    }
    assert_eq!(observed.properties["cpu_arch"], "x86_64");
    assert!(observed.properties["vendor"].is_string());
    assert!(!observed.mac_addresses.is_empty());
    assert!(observed.power_state.is_some() && observed.health.is_some());
}

#[tokio::test]
async fn a_recorded_idrac_is_inspected_and_observed() {
    let Some(recording) = unpack("dell_poweredge_r750") else { return };
    let service = recording.serve().await;
    let (task, observed) = inspect(&service).await;
    complete(&observed);
    assert_eq!(observed.properties["memory_mb"], 512 * 1024);
    assert_eq!(observed.properties["cpus"], 72);
    assert_eq!(observed.properties["local_gb"], 1_920_383_410_176_u64 / (1 << 30) - 1);
    let inventory = observed.inventory.unwrap().inventory;
    assert_eq!(inventory["disks"].as_array().unwrap().len(), 3);
    assert_eq!(inventory["system_vendor"]["product_name"], "PowerEdge R750");
    let seen = clients(quick()).management[0].1.observe(&task).await.unwrap();
    assert_eq!(seen.boot_mode.as_deref(), Some("uefi"));
    assert!(seen.secure_boot.is_some());
}

#[tokio::test]
async fn the_mockup_of_the_standard_is_inspected_and_its_slot_without_actions_is_patched() {
    let Some(recording) = unpack("dmtf_public_rackmount1") else { return };
    let service = recording.serve().await;
    let (mut task, observed) = inspect(&service).await;
    complete(&observed);
    assert_eq!(observed.properties["memory_mb"], 96 * 1024);
    // Nothing changes in a recording: the eject is asked for and then seen not to happen.
    task.boot_url = Some("http://10.0.0.1/boot".to_owned());
    let error = clients(quick()).boot[0].1.prepare_ramdisk(&task).await.unwrap_err();
    assert_eq!(error.code, "vmedia-eject-refused");
    let patched: Vec<(String, Value)> = service
        .seen()
        .into_iter()
        .filter(|seen| seen.method != "GET")
        .map(|seen| (seen.line(), seen.body))
        .collect();
    let slot = "PATCH /redfish/v1/Systems/437XR1138R2/VirtualMedia/CD1".to_owned();
    assert_eq!(patched, [(slot, json!({"Image": null, "Inserted": false}))]);
}

async fn sensors(service: &Service) -> Vec<Sensor> {
    let node = node(json!({"redfish_address": service.url}));
    clients(quick()).management[0].1.sensors(&node).await.unwrap()
}

/// How many there are of each kind.
fn counts(sensors: &[Sensor]) -> BTreeMap<SensorKind, usize> {
    sensors.iter().fold(BTreeMap::new(), |mut counts, sensor| {
        *counts.entry(sensor.kind).or_default() += 1;
        counts
    })
}

fn distinct(sensors: &[Sensor]) {
    let ids: BTreeSet<_> = sensors.iter().map(|sensor| (sensor.kind, &sensor.id)).collect();
    assert_eq!(ids.len(), sensors.len(), "{sensors:?}");
}

#[tokio::test]
async fn the_sensors_of_a_recorded_idrac_are_read() {
    let Some(recording) = unpack("dell_poweredge_r750") else { return };
    let sensors = sensors(&recording.serve().await).await;
    let counts = counts(&sensors);
    assert_eq!((counts[&SensorKind::Temperature], counts[&SensorKind::Fan]), (5, 6));
    assert_eq!((counts[&SensorKind::Power], counts[&SensorKind::Drive]), (2, 3));
    distinct(&sensors);
    let supply = sensors.iter().find(|sensor| sensor.id == "0:Power@System.Embedded.1").unwrap();
    assert_eq!((supply.measured, supply.health), (Some((273.0, Unit::Watts)), Some(Health::Ok)));
}

#[tokio::test]
async fn the_sensors_of_the_mockup_of_the_standard_are_read() {
    let Some(recording) = unpack("dmtf_public_rackmount1") else { return };
    let sensors = sensors(&recording.serve().await).await;
    let counts = counts(&sensors);
    // One of its three temperatures is disabled and says nothing.
    assert_eq!((counts[&SensorKind::Temperature], counts[&SensorKind::Fan]), (2, 2));
    distinct(&sensors);
    let of = |id: &str, kind| sensors.iter().find(|sensor| sensor.id == id && sensor.kind == kind).unwrap();
    let cpu = of("0@1U", SensorKind::Temperature);
    assert_eq!((cpu.context.as_deref(), cpu.measured), (Some("CPU"), Some((41.0, Unit::Celsius))));
    assert_eq!(of("0:Power@1U", SensorKind::Power).health, Some(Health::Warning));
}

#[tokio::test]
async fn the_same_trees_are_read_by_their_newer_resources_where_the_older_are_gone() {
    for (name, temperatures, fans, supplies) in
        [("dell_poweredge_r750", 4, 6, 2), ("dmtf_public_rackmount1", 4, 4, 1)]
    {
        let Some(recording) = unpack(name) else { return };
        let sensors = sensors(&recording.serve_without(&["/Thermal", "/Power"]).await).await;
        let counts = counts(&sensors);
        let count = |kind| counts.get(&kind).copied().unwrap_or_default();
        let found = [SensorKind::Temperature, SensorKind::Fan, SensorKind::Power].map(count);
        assert_eq!(found, [temperatures, fans, supplies], "{name}: {sensors:#?}");
        distinct(&sensors);
        let placed = |sensor: &Sensor| sensor.kind != SensorKind::Temperature || sensor.context.is_some();
        assert!(sensors.iter().all(placed), "{name}: {sensors:#?}");
    }
}
