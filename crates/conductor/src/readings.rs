//! The latest sensors of the nodes that this process read, for whoever collects metrics.

use ferric_hardware::interface::Sensor;
use ferric_model::clock::SharedClock;
use ferric_model::node::Node;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// Most sensors that are kept of one node: no hardware has as many, and no BMC is to fill the memory.
const MOST_SENSORS: usize = 2_000;

/// Sensors by node; cheap to clone. They are forgotten when they were not read again for two rounds: the node is gone, or
/// another conductor reads it.
#[derive(Debug, Clone)]
pub struct Readings {
    clock: SharedClock,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    nodes: BTreeMap<Uuid, Arc<NodeSensors>>,
    failures: BTreeMap<&'static str, u64>,
}

/// The sensors of a node.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeSensors {
    /// The node.
    pub node_uuid: Uuid,
    /// Its name.
    pub node_name: Option<String>,
    /// Its instance.
    pub instance_uuid: Option<Uuid>,
    /// When they were read.
    pub read_at: OffsetDateTime,
    /// What was read.
    pub sensors: Vec<Sensor>,
    /// From then on they are no longer true.
    expires_at: OffsetDateTime,
}

impl Readings {
    /// Nothing is known yet.
    pub fn new(clock: SharedClock) -> Self {
        Self { clock, state: Arc::default() }
    }

    /// What is known, in the order of the nodes' UUIDs.
    pub fn nodes(&self) -> Vec<Arc<NodeSensors>> {
        self.fresh().nodes.values().cloned().collect()
    }

    /// How often nodes could not be read since the process began, by kind of failure.
    pub fn failures(&self) -> BTreeMap<&'static str, u64> {
        self.lock().failures.clone()
    }

    /// Keeps what was read of a node that is read again after `interval_secs`.
    pub fn keep(&self, node: &Node, mut sensors: Vec<Sensor>, interval_secs: u64) {
        sensors.truncate(MOST_SENSORS);
        let read_at = self.clock.now();
        let lasts = Duration::seconds(i64::try_from(interval_secs).unwrap_or(i64::MAX)).saturating_mul(2);
        let known = NodeSensors {
            node_uuid: node.uuid,
            node_name: node.name.clone(),
            instance_uuid: node.instance_uuid,
            read_at,
            sensors,
            expires_at: read_at.saturating_add(lasts),
        };
        self.lock().nodes.insert(node.uuid, Arc::new(known));
    }

    /// Forgets what has expired, if nobody asks for metrics.
    pub fn forget_expired(&self) {
        drop(self.fresh());
    }

    /// Counts a node that could not be read; what was read before stays until it expires.
    pub fn count_failure(&self, kind: &'static str) {
        *self.lock().failures.entry(kind).or_default() += 1;
    }

    /// The state without what has expired.
    fn fresh(&self) -> MutexGuard<'_, State> {
        let now = self.clock.now();
        let mut state = self.lock();
        state.nodes.retain(|_, known| now < known.expires_at);
        state
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferric_hardware::interface::{Health, SensorKind};
    use ferric_model::clock::ManualClock;
    use ferric_model::lifecycle::ProvisionState;

    fn sensor(id: &str) -> Sensor {
        Sensor {
            kind: SensorKind::Fan,
            id: id.to_owned(),
            name: None,
            context: None,
            measured: None,
            health: Some(Health::Ok),
        }
    }

    #[test]
    fn what_is_not_read_again_for_two_rounds_is_forgotten() {
        let start = OffsetDateTime::UNIX_EPOCH;
        let clock = Arc::new(ManualClock::new(start));
        let readings = Readings::new(clock.clone());
        let node = |number| {
            Node::new(
                Uuid::from_u128(number),
                "fake-hardware",
                ProvisionState::Active,
                OffsetDateTime::UNIX_EPOCH,
            )
        };
        readings.keep(&node(1), vec![sensor("a")], 60);
        readings.keep(&node(2), vec![sensor("b")], 60);
        clock.advance(Duration::seconds(119));
        readings.keep(&node(2), vec![sensor("c")], 60);
        let known = |readings: &Readings| -> Vec<(u128, String)> {
            let nodes = readings.nodes();
            nodes.iter().map(|known| (known.node_uuid.as_u128(), known.sensors[0].id.clone())).collect()
        };
        assert_eq!(known(&readings), [(1, "a".to_owned()), (2, "c".to_owned())]);
        assert_eq!(readings.nodes()[1].read_at, start + Duration::seconds(119));
        clock.advance(Duration::seconds(1));
        assert_eq!(known(&readings), [(2, "c".to_owned())]);
        clock.advance(Duration::seconds(119));
        assert_eq!(known(&readings), []);
    }

    #[test]
    fn no_node_has_more_sensors_than_there_is_room_for() {
        let readings = Readings::new(Arc::new(ManualClock::new(OffsetDateTime::UNIX_EPOCH)));
        let node =
            Node::new(Uuid::nil(), "fake-hardware", ProvisionState::Active, OffsetDateTime::UNIX_EPOCH);
        readings.keep(&node, vec![sensor("x"); MOST_SENSORS + 1], 60);
        assert_eq!(readings.nodes()[0].sensors.len(), MOST_SENSORS);
    }
}
