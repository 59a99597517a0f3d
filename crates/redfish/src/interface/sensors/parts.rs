//! What the parts of a chassis or system say, as sensors. Identities are those that Ironic gives them.

use crate::client::{Resource, json};
use ferric_hardware::interface::{Health, Sensor, SensorKind, Unit};
use serde_json::Value;

/// The temperatures of a summary, and where they are measured.
const SUMMARY: [&str; 4] = ["Internal", "Intake", "Ambient", "Exhaust"];

/// Temperatures and fans of a `Thermal`.
pub(super) fn of_thermal(thermal: &Resource, chassis: &str) -> Vec<Sensor> {
    let temperatures = numbered(thermal, "Temperatures").filter_map(|(index, part)| {
        let celsius = json::number(part, &["ReadingCelsius"]).map(|value| (value, Unit::Celsius));
        let id = format!("{}@{chassis}", member_id(part, index));
        sensor(SensorKind::Temperature, part, id, celsius)
    });
    let fans = numbered(thermal, "Fans").filter_map(|(index, part)| {
        sensor(SensorKind::Fan, part, format!("{}@{chassis}", member_id(part, index)), turns(part))
    });
    temperatures.chain(fans).collect()
}

/// Power supplies of a `Power`.
pub(super) fn of_power(power: &Resource, chassis: &str) -> Vec<Sensor> {
    let supplies = numbered(power, "PowerSupplies").filter_map(|(index, part)| {
        let watts = ["PowerOutputWatts", "LastPowerOutputWatts"];
        let watts = watts.iter().find_map(|key| json::number(part, &[key]));
        let id = format!("{index}:{}@{chassis}", power.id());
        sensor(SensorKind::Power, part, id, watts.map(|value| (value, Unit::Watts)))
    });
    supplies.collect()
}

/// A `Fan` of a `ThermalSubsystem`.
pub(super) fn fan(fan: &Resource, chassis: &str) -> Option<Sensor> {
    let rpm = json::number(&fan.body, &["SpeedPercent", "SpeedRPM"]).map(|value| (value, Unit::Rpm));
    let percent =
        || json::number(&fan.body, &["SpeedPercent", "Reading"]).map(|value| (value, Unit::Percent));
    sensor(SensorKind::Fan, &fan.body, format!("{}@{chassis}", fan.id()), rpm.or_else(percent))
}

/// A `PowerSupply` of a `PowerSubsystem`; what it puts out stands elsewhere and would cost another read of each.
pub(super) fn power_supply(supply: &Resource, chassis: &str) -> Option<Sensor> {
    sensor(SensorKind::Power, &supply.body, format!("{}@{chassis}", supply.id()), None)
}

/// A `Drive`.
pub(super) fn drive(drive: &Resource, storage: &str, system: &str) -> Option<Sensor> {
    sensor(SensorKind::Drive, &drive.body, format!("{}:{storage}@{system}", drive.id()), None)
}

/// Temperatures of a `ThermalMetrics`: those of the summary, whose places are known, then all others.
pub(super) fn of_thermal_metrics(metrics: &Resource, chassis: &str) -> Vec<Sensor> {
    let summary = SUMMARY.into_iter().filter_map(|place| {
        let part = json::at(&metrics.body, &["TemperatureSummaryCelsius", place])?;
        Some((part, place.to_owned(), Some(place.to_owned())))
    });
    let others = numbered(metrics, "TemperatureReadingsCelsius").map(|(index, part)| {
        let device = json::text(part, &["DeviceName"]);
        // Some have the word of the summary for the device.
        let place = device.filter(|name| SUMMARY.contains(name));
        let context = json::text(part, &["PhysicalContext"]).or(place).map(str::to_owned);
        (part, device.map_or_else(|| index.to_string(), str::to_owned), context)
    });
    let mut sources: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    for (part, name, context) in summary.chain(others) {
        let source = json::text(part, &["DataSourceUri"]);
        let Some(celsius) = json::number(part, &["Reading"]) else { continue };
        if source.is_some_and(|source| sources.contains(&source)) {
            continue;
        }
        sources.extend(source);
        found.push(Sensor {
            kind: SensorKind::Temperature,
            id: format!("{}@{chassis}", source.map_or(name.as_str(), json::last_segment)),
            name: Some(name),
            context,
            measured: Some((celsius, Unit::Celsius)),
            health: None,
        });
    }
    found
}

fn numbered<'a>(resource: &'a Resource, list: &str) -> impl Iterator<Item = (usize, &'a Value)> {
    json::list(&resource.body, &[list]).iter().enumerate()
}

/// The identity of a part within a resource: its own, else its place.
fn member_id(part: &Value, index: usize) -> String {
    json::text(part, &["MemberId"]).map_or_else(|| index.to_string(), str::to_owned)
}

/// How fast a fan turns. Without a word on the unit only the oldest key tells what it means.
fn turns(fan: &Value) -> Option<(f64, Unit)> {
    let unit = match json::text(fan, &["ReadingUnits"]) {
        Some("RPM") => Some(Unit::Rpm),
        Some("Percent") => Some(Unit::Percent),
        _ => None,
    };
    let told = unit.and_then(|unit| Some((json::number(fan, &["Reading"])?, unit)));
    told.or_else(|| json::number(fan, &["ReadingRPM"]).map(|value| (value, Unit::Rpm)))
}

/// What a part says; none for an empty place, and for a part that says nothing.
fn sensor(kind: SensorKind, part: &Value, id: String, measured: Option<(f64, Unit)>) -> Option<Sensor> {
    let health = json::text(part, &["Status", "Health"]).and_then(Health::find);
    let absent = json::text(part, &["Status", "State"]) == Some("Absent");
    let told = (measured.is_some() || health.is_some()) && !absent;
    let name = json::text(part, &["Name"]).or_else(|| json::text(part, &["FanName"]));
    told.then(|| Sensor {
        kind,
        id,
        name: name.map(str::to_owned),
        context: json::text(part, &["PhysicalContext"]).map(str::to_owned),
        measured,
        health,
    })
}
