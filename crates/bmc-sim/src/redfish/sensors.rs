//! Sensors of a chassis: temperatures, fans and power supplies. Their values follow from the server's index and from whether
//! it is on.

use serde_json::{Value, json};

use super::answer::{About, Answer, healthy};
use crate::state::PowerState;

const FANS: usize = 4;

/// Both are needed only by a server that works hard.
const SUPPLIES: usize = 2;

/// What they can give together is twice that.
const CAPACITY_WATTS: u64 = 800;

fn is_on(about: &About) -> bool {
    about.fleet.read(about.index, |live| live.state.power) != PowerState::Off
}

/// The temperature of the air that the server takes in: a rack is warmer at the top.
fn inlet_celsius(about: &About) -> u64 {
    18 + (about.index % 10) as u64
}

pub(super) async fn thermal(about: About) -> Answer {
    let path = format!("{}/Thermal", about.identity().chassis_path());
    about.resource(json!({
        "@odata.id": path,
        "@odata.type": "#Thermal.v1_7_3.Thermal",
        "Id": "Thermal",
        "Name": "Temperatures and fans",
        "Temperatures": temperatures(&about, &path),
        "Fans": fans(&about, &path),
    }))
}

fn temperatures(about: &About, path: &str) -> Vec<Value> {
    let inlet = inlet_celsius(about);
    let warmth = if is_on(about) { 22 + (about.index % 7) as u64 } else { 0 };
    let sockets = about.model().processors.sockets;
    let cpus = (0..sockets).map(|cpu| (format!("CPU {cpu}"), "CPU", inlet + warmth + 2 * cpu));
    let places =
        [("Inlet".to_owned(), "Intake", inlet), ("Exhaust".to_owned(), "Exhaust", inlet + warmth / 2)];
    let temperature = |(index, (name, context, celsius)): (usize, (String, &str, u64))| {
        json!({
            "@odata.id": format!("{path}#/Temperatures/{index}"),
            "MemberId": index.to_string(),
            "Name": format!("{name} temperature"),
            "PhysicalContext": context,
            "ReadingCelsius": celsius,
            "UpperThresholdCritical": if context == "CPU" { 95 } else { 45 },
            "Status": healthy(),
        })
    };
    places.into_iter().chain(cpus).enumerate().map(temperature).collect()
}

fn fans(about: &About, path: &str) -> Vec<Value> {
    let rpm = if is_on(about) { 5_200 + 40 * (about.index % 25) } else { 0 };
    let fan = |index: usize| {
        json!({
            "@odata.id": format!("{path}#/Fans/{index}"),
            "MemberId": index.to_string(),
            "Name": format!("Fan {index}"),
            "PhysicalContext": "SystemBoard",
            "Reading": if rpm == 0 { 0 } else { rpm + 20 * index },
            "ReadingUnits": "RPM",
            "Status": healthy(),
        })
    };
    (0..FANS).map(fan).collect()
}

pub(super) async fn power(about: About) -> Answer {
    let path = format!("{}/Power", about.identity().chassis_path());
    let watts = if is_on(&about) { 140 + 5 * (about.index % 40) } else { 9 };
    let supply = |index: usize| {
        json!({
            "@odata.id": format!("{path}#/PowerSupplies/{index}"),
            "MemberId": index.to_string(),
            "Name": format!("Power supply {index}"),
            "SerialNumber": format!("PS{}{index}", about.identity().serial),
            "PowerCapacityWatts": CAPACITY_WATTS,
            "LastPowerOutputWatts": watts,
            "Status": healthy(),
        })
    };
    about.resource(json!({
        "@odata.id": path,
        "@odata.type": "#Power.v1_7_3.Power",
        "Id": "Power",
        "Name": "Power",
        "PowerControl": [{
            "@odata.id": format!("{path}#/PowerControl/0"),
            "MemberId": "0",
            "Name": "All of it",
            "PowerConsumedWatts": watts * SUPPLIES,
        }],
        "PowerSupplies": (0..SUPPLIES).map(supply).collect::<Vec<_>>(),
    }))
}
