//! Sensors, from the BMC to what Prometheus collects at conductors.

use ferric_tests::cluster::{Cluster, ClusterSpec, run};
use ferric_tests::fleet::{Fleet, quick_simulator};
use ferric_tests::on_both_kinds;
use ferric_tests::wait::{DEADLINE, Look, wait_for};

on_both_kinds!(sensors);

/// The server whose node is read, and the one whose node is not known well enough.
const READ: usize = 0;
const ENROLLED: usize = 1;

async fn sensors(spec: ClusterSpec) -> anyhow::Result<()> {
    let fleet = Fleet::start(quick_simulator(2)).await?;
    let spec = spec
        .with("CONTROL__SENSOR_INTERVAL_SECS", 2)
        .with("CONTROL__SENSORS_OF_UNDEPLOYED", true)
        .with("CONDUCTOR__SENSOR_JITTER_MS", 0);
    run(spec, async |cluster| {
        let rest = cluster.rest.clone();
        let unread = fleet.enroll(&rest, ENROLLED).await?;
        let uuid = fleet.enroll(&rest, READ).await?;
        rest.lead(&uuid, "manage", "manageable").await?;
        let metrics = until(cluster, "the node's sensors", |text| text.contains(&uuid)).await?;

        let of_node = |name: &str, context: &str| {
            let node = Fleet::name(READ);
            format!(
                r#"{name}{{entity_id="{context}",instance_uuid="{uuid}",node_name="{node}",node_uuid="{uuid}","#
            )
        };
        // The simulator says of its first server that it is off and that the air is 18 degrees warm.
        for (begin, count, value) in [
            (of_node("baremetal_temp_intake_celsius", "Intake"), 1, " 18"),
            (of_node("baremetal_fan_status", "SystemBoard"), 4, " 0"),
            (of_node("baremetal_power_status", "PSU"), 2, " 0"),
            (of_node("baremetal_drive_status", "HDD"), 2, " 0"),
        ] {
            let found: Vec<&str> = metrics.lines().filter(|line| line.starts_with(&begin)).collect();
            assert_eq!(found.len(), count, "{begin}: {metrics}");
            assert!(found.iter().all(|line| line.ends_with(value)), "{found:?}");
        }
        assert!(!metrics.contains(&unread), "{metrics}");
        let (_, password) = fleet.simulator.credentials();
        assert!(!metrics.contains(password), "{metrics}");

        rest.maintain(&uuid, true).await?;
        until(cluster, "its sensors to be forgotten", |text| !text.contains(&uuid)).await.map(drop)
    })
    .await
}

async fn until(cluster: &Cluster, what: &str, holds: impl Fn(&str) -> bool) -> anyhow::Result<String> {
    wait_for(what, DEADLINE, async || {
        let text = cluster.metrics().await?;
        Ok(Look::when(holds(&text), text.clone(), text))
    })
    .await
}
