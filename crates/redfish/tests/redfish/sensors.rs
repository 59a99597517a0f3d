//! Reading sensors.

use crate::support::tree::SYSTEM;
use crate::support::{Answer, Rig, Service, Tree, clients, node, quick, secs};
use ferric_bmc_sim::{Fault, FaultKind};
use ferric_hardware::HardwareError;
use ferric_hardware::interface::{Health, Sensor, SensorKind, Unit};
use ferric_model::power::PowerTarget;
use serde_json::{Value, json};

async fn sensors_of(service: &Service) -> Result<Vec<Sensor>, HardwareError> {
    let node = node(json!({"redfish_address": service.url}));
    clients(quick()).management[0].1.sensors(&node).await
}

fn links(paths: &[&str]) -> Value {
    paths.iter().map(|path| json!({"@odata.id": path})).collect()
}

/// A system in a chassis that has these links.
fn in_chassis(chassis: Value) -> Tree {
    let mut tree = Tree::new();
    tree.system()["Id"] = json!("S");
    tree.system()["Links"] = json!({"Chassis": links(&["/chassis/1U"])});
    tree.put("/chassis/1U", chassis);
    tree
}

async fn serve(mut tree: Tree) -> Service {
    Service::start(move |seen| tree.answer(seen)).await
}

fn sensor(kind: SensorKind, id: &str, measured: Option<(f64, Unit)>, health: Option<Health>) -> Sensor {
    Sensor { kind, id: id.to_owned(), name: None, context: None, measured, health }
}

/// The sensor without what is only for people.
fn bare(sensor: Sensor) -> Sensor {
    Sensor { name: None, context: None, ..sensor }
}

fn of_kind(sensors: &[Sensor], kind: SensorKind) -> Vec<&Sensor> {
    sensors.iter().filter(|sensor| sensor.kind == kind).collect()
}

#[tokio::test]
async fn a_simulated_server_tells_everything_that_it_has() {
    let rig = Rig::new();
    rig.power(PowerTarget::On, secs(30)).await.unwrap();
    let sensors = rig.hardware.management[0].1.sensors(&rig.task.node).await.unwrap();
    let temperatures = of_kind(&sensors, SensorKind::Temperature);
    let told: Vec<_> =
        temperatures.iter().map(|part| (part.context.as_deref().unwrap(), part.measured.unwrap())).collect();
    let celsius = |value| (value, Unit::Celsius);
    assert_eq!(told, [("Intake", celsius(18.0)), ("Exhaust", celsius(29.0)), ("CPU", celsius(40.0))]);
    let fans = of_kind(&sensors, SensorKind::Fan);
    assert_eq!((fans.len(), fans[1].measured), (4, Some((5220.0, Unit::Rpm))));
    let supplies = of_kind(&sensors, SensorKind::Power);
    assert_eq!((supplies.len(), supplies[0].measured), (2, Some((140.0, Unit::Watts))));
    let drives = of_kind(&sensors, SensorKind::Drive);
    assert_eq!((drives.len(), drives[0].name.as_deref()), (2, Some("Drive in NVMe.Bay.0")));
    assert!(sensors.iter().all(|sensor| sensor.health == Some(Health::Ok)), "{sensors:?}");
    assert!(drives[0].id.starts_with("NVMe.Bay.0:DA000001@"), "{drives:?}");
}

#[tokio::test]
async fn one_broken_part_does_not_lose_the_others() {
    let rig = Rig::new();
    rig.fault(
        Fault::new(FaultKind::Status { status: 500, message: "broken".to_owned() })
            .on("GET /Thermal")
            .forever(),
    );
    rig.fault(Fault::new(FaultKind::Refuse { after: false }).on("GET /Drives/NVMe.Bay.0").forever());
    let sensors = rig.hardware.management[0].1.sensors(&rig.task.node).await.unwrap();
    let kinds = |kind| of_kind(&sensors, kind).len();
    assert_eq!((kinds(SensorKind::Power), kinds(SensorKind::Drive)), (2, 1));
    assert_eq!((kinds(SensorKind::Temperature), kinds(SensorKind::Fan)), (0, 0));
}

#[tokio::test]
async fn identities_are_those_that_operators_know_from_ironic() {
    let mut tree = in_chassis(json!({
        "Id": "1U", "Thermal": {"@odata.id": "/thermal"}, "Power": {"@odata.id": "/power"},
        "ThermalSubsystem": {"@odata.id": "/newer"}, "PowerSubsystem": {"@odata.id": "/newer"},
    }));
    tree.system()["Storage"] = json!({"@odata.id": "/storage"});
    tree.put("/storage", json!({"Members": links(&["/storage/1"])}));
    tree.put("/storage/1", json!({"Id": "RAID.1", "Drives": links(&["/drive/0", "/drive/missing"])}));
    tree.put("/drive/0", json!({"Id": "Disk.0", "Status": {"State": "Enabled", "Health": "Critical"}}));
    tree.put(
        "/thermal",
        json!({
            "Temperatures": [
                {"MemberId": "cpu", "ReadingCelsius": "41.5", "PhysicalContext": "CPU", "Status": {"Health": "OK"}},
                {"ReadingCelsius": 24},
                {"MemberId": "empty", "ReadingCelsius": 0, "Status": {"State": "Absent", "Health": "OK"}},
                {"MemberId": "mute", "ReadingCelsius": null, "Status": {"State": "Disabled"}},
            ],
            "Fans": [
                {"MemberId": "f0", "FanName": "Front", "ReadingRPM": 900, "Status": {"Health": "Warning"}},
                {"MemberId": "f1", "Reading": 30, "ReadingUnits": "Percent", "Status": {"Health": "Fine"}},
                {"MemberId": "f2", "Reading": 30},
            ],
        }),
    );
    tree.put(
        "/power",
        json!({"Id": "Power", "PowerSupplies": [
            {"MemberId": "psu", "LastPowerOutputWatts": 325, "Status": {"Health": "OK"}},
            {"PowerOutputWatts": 300, "LastPowerOutputWatts": 1, "Status": {"Health": "Critical"}},
        ]}),
    );
    let service = serve(tree).await;
    let sensors = sensors_of(&service).await.unwrap();
    assert_eq!(sensors[0].context.as_deref(), Some("CPU"));
    assert_eq!(sensors[2].name.as_deref(), Some("Front"));
    let (temperature, fan, power) = (SensorKind::Temperature, SensorKind::Fan, SensorKind::Power);
    let expected = [
        sensor(temperature, "cpu@1U", Some((41.5, Unit::Celsius)), Some(Health::Ok)),
        sensor(temperature, "1@1U", Some((24.0, Unit::Celsius)), None),
        sensor(fan, "f0@1U", Some((900.0, Unit::Rpm)), Some(Health::Warning)),
        sensor(fan, "f1@1U", Some((30.0, Unit::Percent)), None),
        sensor(power, "0:Power@1U", Some((325.0, Unit::Watts)), Some(Health::Ok)),
        sensor(power, "1:Power@1U", Some((300.0, Unit::Watts)), Some(Health::Critical)),
        sensor(SensorKind::Drive, "Disk.0:RAID.1@S", None, Some(Health::Critical)),
    ];
    assert_eq!(sensors.into_iter().map(bare).collect::<Vec<_>>(), expected);
    // What tells everything at once is not asked for in pieces as well.
    assert_eq!(service.count("GET /newer"), 0);
}

#[tokio::test]
async fn a_bmc_that_has_only_the_newer_resources_is_read_too() {
    let mut tree = in_chassis(json!({
        "ThermalSubsystem": {"@odata.id": "/cooling"}, "PowerSubsystem": {"@odata.id": "/current"},
        "Power": {"@odata.id": "/gone"},
    }));
    tree.put(
        "/cooling",
        json!({"Fans": {"@odata.id": "/fans"}, "ThermalMetrics": {"@odata.id": "/metrics"}}),
    );
    tree.put("/fans", json!({"Members": links(&["/fans/A", "/fans/B", "/fans/gone"])}));
    tree.put(
        "/fans/A",
        json!({"Id": "A", "PhysicalContext": "CPU", "SpeedPercent": {"Reading": 45, "SpeedRPM": 2200},
            "Status": {"Health": "OK"}}),
    );
    tree.put("/fans/B", json!({"SpeedPercent": {"Reading": 45.5}, "Status": {"Health": "Warning"}}));
    tree.put(
        "/metrics",
        json!({
            "TemperatureSummaryCelsius": {
                "Internal": {"Reading": 39, "DataSourceUri": "/sensors/CPU1Temp"},
                "Intake": {"Reading": 24.8}, "Ambient": {"Reading": null}, "Exhaust": null,
            },
            "TemperatureReadingsCelsius": [
                {"Reading": 39, "DeviceName": "CPU #1", "DataSourceUri": "/sensors/CPU1Temp"},
                {"Reading": 51, "DeviceName": "GPU", "PhysicalContext": "GPU", "DataSourceUri": "/sensors/Gpu"},
                {"Reading": 52},
            ],
        }),
    );
    tree.put("/current", json!({"PowerSupplies": {"@odata.id": "/supplies"}}));
    tree.put("/supplies", json!({"Members": links(&["/supplies/1", "/supplies/2"])}));
    tree.put("/supplies/1", json!({"Id": "Bay1", "Status": {"State": "Enabled", "Health": "Warning"}}));
    tree.put("/supplies/2", json!({"Id": "Bay2", "Status": {"State": "Absent"}}));
    let sensors = sensors_of(&serve(tree).await).await.unwrap();
    let places: Vec<_> = of_kind(&sensors, SensorKind::Temperature)
        .into_iter()
        .map(|part| (part.id.as_str(), part.context.as_deref(), part.measured.unwrap().0))
        .collect();
    let expected = [
        ("CPU1Temp@1U", Some("Internal"), 39.0),
        ("Intake@1U", Some("Intake"), 24.8),
        ("Gpu@1U", Some("GPU"), 51.0),
        ("2@1U", None, 52.0),
    ];
    assert_eq!(places, expected);
    let others: Vec<Sensor> =
        sensors.into_iter().filter(|part| part.kind != SensorKind::Temperature).map(bare).collect();
    let expected = [
        sensor(SensorKind::Fan, "A@1U", Some((2200.0, Unit::Rpm)), Some(Health::Ok)),
        sensor(SensorKind::Fan, "B@1U", Some((45.5, Unit::Percent)), Some(Health::Warning)),
        sensor(SensorKind::Power, "Bay1@1U", None, Some(Health::Warning)),
    ];
    assert_eq!(others, expected);
}

#[tokio::test]
async fn nothing_to_read_is_no_failure_and_nothing_readable_is_one() {
    assert_eq!(sensors_of(&serve(Tree::new()).await).await, Ok(Vec::new()));
    let mut tree = in_chassis(json!({"Thermal": {"@odata.id": "/thermal"}}));
    let service = Service::start(move |seen| match seen.path.as_str() {
        "/chassis/1U" => Answer::Close,
        _ => tree.answer(seen),
    })
    .await;
    assert_eq!(sensors_of(&service).await.unwrap_err().code, "redfish-unreachable");
    let mut tree = Tree::new();
    let service = Service::start(move |seen| match seen.path.as_str() {
        SYSTEM => Answer::status(500, ""),
        _ => tree.answer(seen),
    })
    .await;
    assert_eq!(sensors_of(&service).await.unwrap_err().code, "redfish-refused");
}
