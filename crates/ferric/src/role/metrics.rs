//! The sensors of nodes in the text format of Prometheus.
//!
//! Names and labels are those of ironic-prometheus-exporter, as its parsers of Redfish and of IPMI have them, so that
//! dashboards and alerts go on. There is more than it has: `baremetal_temperature_status`, `baremetal_power_watts`, the label
//! `sensor_name`. And where it says 1 for all that is not well, a status here says 2 for what is critical.

use ferric_conductor::{NodeSensors, Readings};
use ferric_hardware::interface::{Health, Sensor, SensorKind, Unit};
use prometheus::{GaugeVec, IntCounterVec, Opts, Registry, Result, TextEncoder};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// What tells nodes apart.
const OF_NODE: [&str; 3] = ["node_name", "node_uuid", "instance_uuid"];

/// What tells their parts apart.
const OF_PART: [&str; 6] =
    ["node_name", "node_uuid", "instance_uuid", "entity_id", "sensor_id", "sensor_name"];

/// Where a part is of which the BMC does not tell.
const NOWHERE: &str = "unknown";

/// One value of a part.
struct Sample {
    name: String,
    help: &'static str,
    value: f64,
}

/// What is known, as one text.
pub fn exposition(readings: &Readings) -> Result<String> {
    let registry = Registry::new();
    let mut gauges = Gauges { registry: &registry, by_name: BTreeMap::new() };
    for node in readings.nodes() {
        gauges.tell(&node)?;
    }
    tell_failures(&registry, &readings.failures())?;
    TextEncoder::new().encode_to_string(&registry.gather())
}

fn tell_failures(registry: &Registry, failures: &BTreeMap<&'static str, u64>) -> Result<()> {
    let help = "Nodes whose sensors could not be read, by kind of failure";
    let counter = IntCounterVec::new(Opts::new("ferric_sensor_failures_total", help), &["kind"])?;
    for (kind, count) in failures {
        counter.get_metric_with_label_values(&[kind])?.inc_by(*count);
    }
    registry.register(Box::new(counter))
}

/// The gauges that there are so far: which ones depends on what hardware there is.
struct Gauges<'a> {
    registry: &'a Registry,
    by_name: BTreeMap<String, GaugeVec>,
}

impl Gauges<'_> {
    fn tell(&mut self, node: &NodeSensors) -> Result<()> {
        let uuid = node.node_uuid.to_string();
        let name = node.node_name.as_deref().unwrap_or(&uuid);
        let instance = node.instance_uuid.unwrap_or(node.node_uuid).to_string();
        let of_node = [name, &uuid, &instance];
        let read_at = Sample {
            name: "baremetal_last_payload_timestamp_seconds".to_owned(),
            help: "When the sensors of the node were last read",
            value: node.read_at.unix_timestamp() as f64,
        };
        self.set(read_at, &OF_NODE, &of_node)?;
        for sensor in &node.sensors {
            let [name, uuid, instance] = of_node;
            let sensor_name = sensor.name.as_deref().unwrap_or_default();
            let of_part = [name, uuid, instance, entity(sensor), &sensor.id, sensor_name];
            for sample in [health(sensor), measured(sensor)].into_iter().flatten() {
                self.set(sample, &OF_PART, &of_part)?;
            }
        }
        Ok(())
    }

    fn set(&mut self, sample: Sample, names: &[&str], values: &[&str]) -> Result<()> {
        let gauge = match self.by_name.entry(sample.name) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => {
                let gauge = GaugeVec::new(Opts::new(free.key().clone(), sample.help), names)?;
                self.registry.register(Box::new(gauge.clone()))?;
                free.insert(gauge)
            }
        };
        gauge.get_metric_with_label_values(values)?.set(sample.value);
        Ok(())
    }
}

/// What kind of part it is, or where it is.
fn entity(sensor: &Sensor) -> &str {
    match sensor.kind {
        SensorKind::Temperature | SensorKind::Fan => sensor.context.as_deref().unwrap_or(NOWHERE),
        SensorKind::Power => "PSU",
        SensorKind::Drive => "HDD",
    }
}

fn health(sensor: &Sensor) -> Option<Sample> {
    let value = match sensor.health? {
        Health::Ok => 0.0,
        Health::Warning => 1.0,
        Health::Critical => 2.0,
    };
    let (name, help) = match sensor.kind {
        SensorKind::Temperature => (
            "baremetal_temperature_status",
            "How well a temperature is (0: well, 1: somebody should look at it, 2: critical)",
        ),
        SensorKind::Fan => (
            "baremetal_fan_status",
            "How well a fan is (0: well, 1: somebody should look at it, 2: critical)",
        ),
        SensorKind::Power => (
            "baremetal_power_status",
            "How well a power supply is (0: well, 1: somebody should look at it, 2: critical)",
        ),
        SensorKind::Drive => (
            "baremetal_drive_status",
            "How well a drive is (0: well, 1: somebody should look at it, 2: critical)",
        ),
    };
    Some(Sample { name: name.to_owned(), help, value })
}

fn measured(sensor: &Sensor) -> Option<Sample> {
    let (value, unit) = sensor.measured?;
    let (name, help) = match unit {
        Unit::Celsius => {
            (format!("baremetal_temp_{}_celsius", word(entity(sensor))), "A temperature in degrees Celsius")
        }
        Unit::Rpm => ("baremetal_fan_rpm".to_owned(), "Turns of a fan in a minute"),
        Unit::Percent => ("baremetal_fan_percent".to_owned(), "Speed of a fan in percent of its highest"),
        Unit::Watts => ("baremetal_power_watts".to_owned(), "What a power supply puts out, in watts"),
    };
    Some(Sample { name, help, value })
}

/// A BMC's word as a part of a name.
fn word(text: &str) -> String {
    let word: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    if word.is_empty() { NOWHERE.to_owned() } else { word.to_ascii_lowercase() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferric_model::clock::ManualClock;
    use ferric_model::lifecycle::ProvisionState;
    use ferric_model::node::Node;
    use std::sync::Arc;
    use time::OffsetDateTime;
    use uuid::Uuid;

    fn sensor(kind: SensorKind, id: &str, context: Option<&str>) -> Sensor {
        let (name, context) = (Some(format!("its {id}")), context.map(str::to_owned));
        Sensor { kind, id: id.to_owned(), name, context, measured: None, health: None }
    }

    fn readings(now: i64) -> Readings {
        let now = OffsetDateTime::from_unix_timestamp(now).unwrap();
        Readings::new(Arc::new(ManualClock::new(now)))
    }

    fn node(number: u128) -> Node {
        let at = OffsetDateTime::UNIX_EPOCH;
        Node::new(Uuid::from_u128(number), "redfish", ProvisionState::Active, at)
    }

    #[test]
    fn one_node_is_told_in_the_words_that_dashboards_know() {
        let readings = readings(1_800_000_000);
        let mut named = node(1);
        named.name = Some("rack \"1\"".to_owned());
        named.instance_uuid = Some(Uuid::from_u128(2));
        named.spec.driver_info.insert("redfish_password".to_owned(), "secret".into());
        let sensors = vec![
            Sensor {
                measured: Some((41.5, Unit::Celsius)),
                health: Some(Health::Ok),
                ..sensor(SensorKind::Temperature, "0@1U", Some("CPU"))
            },
            Sensor {
                measured: Some((25.0, Unit::Celsius)),
                ..sensor(SensorKind::Temperature, "1@1U", Some("Intake"))
            },
            Sensor {
                measured: Some((2100.0, Unit::Rpm)),
                health: Some(Health::Warning),
                ..sensor(SensorKind::Fan, "0@1U", Some("Backplane"))
            },
            Sensor { health: Some(Health::Ok), ..sensor(SensorKind::Power, "0:Power@1U", None) },
            Sensor { health: Some(Health::Critical), ..sensor(SensorKind::Drive, "D0:R@S", None) },
        ];
        readings.keep(&named, sensors, 600);
        let labels = |entity: &str, id: &str| {
            format!(
                r#"{{entity_id="{entity}",instance_uuid="{}",node_name="rack \"1\"",node_uuid="{}",sensor_id="{id}",sensor_name="its {id}"}}"#,
                Uuid::from_u128(2),
                Uuid::from_u128(1)
            )
        };
        let of_node = format!(
            r#"{{instance_uuid="{}",node_name="rack \"1\"",node_uuid="{}"}}"#,
            Uuid::from_u128(2),
            Uuid::from_u128(1)
        );
        let expected = [
            format!("baremetal_drive_status{} 2", labels("HDD", "D0:R@S")),
            format!("baremetal_fan_rpm{} 2100", labels("Backplane", "0@1U")),
            format!("baremetal_fan_status{} 1", labels("Backplane", "0@1U")),
            format!("baremetal_last_payload_timestamp_seconds{of_node} 1800000000"),
            format!("baremetal_power_status{} 0", labels("PSU", "0:Power@1U")),
            format!("baremetal_temp_cpu_celsius{} 41.5", labels("CPU", "0@1U")),
            format!("baremetal_temp_intake_celsius{} 25", labels("Intake", "1@1U")),
            format!("baremetal_temperature_status{} 0", labels("CPU", "0@1U")),
        ];
        let text = exposition(&readings).unwrap();
        let values: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(values, expected);
        for line in &expected {
            let name = line.split('{').next().unwrap();
            assert!(text.contains(&format!("# TYPE {name} gauge\n")), "{name}");
            assert!(text.contains(&format!("# HELP {name} ")), "{name}");
        }
    }

    #[test]
    fn whatever_a_bmc_says_the_text_stays_readable() {
        let readings = readings(0);
        let told = |context: Option<&str>| Sensor {
            measured: Some((1.0, Unit::Celsius)),
            ..sensor(SensorKind::Temperature, "a\nb", context)
        };
        let twice = told(Some("CPU Sub-System#1"));
        readings.keep(&node(1), vec![told(None), told(Some("°")), twice.clone(), twice], 600);
        readings.keep(&node(2), Vec::new(), 600);
        readings.count_failure("timeout");
        readings.count_failure("timeout");
        let text = exposition(&readings).unwrap();
        let count = |part: &str| text.lines().filter(|line| line.starts_with(part)).count();
        assert_eq!(count("baremetal_temp_cpusubsystem1_celsius{"), 1);
        assert_eq!(count("baremetal_temp_unknown_celsius{"), 2);
        assert_eq!(count("baremetal_last_payload_timestamp_seconds{"), 2);
        assert!(text.contains(r#"sensor_id="a\nb""#), "{text}");
        assert!(text.contains("ferric_sensor_failures_total{kind=\"timeout\"} 2\n"), "{text}");
        // Who has neither a name nor an instance is known by its UUID.
        let uuid = Uuid::from_u128(2);
        assert!(text.contains(&format!(r#"{{instance_uuid="{uuid}",node_name="{uuid}","#)), "{text}");
    }

    #[test]
    fn a_conductor_that_knows_nothing_says_nothing() {
        assert_eq!(exposition(&readings(0)).unwrap(), "");
    }
}
