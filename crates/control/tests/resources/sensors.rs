//! Sending conductors out to read sensors.

use crate::scene::Scene;
use ferric_bus::v1::SensorsWork;
use ferric_bus::v1::action_envelope::Work;
use ferric_control::ControlSettings;
use ferric_db::testing::on_each;
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Node;
use futures::StreamExt;

/// An interval of four sweeps.
const INTERVAL_SECS: u64 = 20;
const SWEEP_SECS: u64 = 5;

fn settings() -> ControlSettings {
    ControlSettings {
        sensor_interval_secs: INTERVAL_SECS,
        sweep_interval_secs: SWEEP_SECS,
        power_sync_interval_secs: 0,
        ..ControlSettings::default()
    }
}

/// Nodes that are deployed, one of them in a group of its own, and one of each kind that is not read.
async fn nodes(scene: &Scene) -> [Node; 5] {
    let active = ProvisionState::Active;
    [
        scene.node_in(active, "deployed", |node| node).await,
        scene.node_in(active, "rack1", |node| Node { conductor_group: "rack1".to_owned(), ..node }).await,
        scene.node_in(active, "ill", |node| Node { maintenance: true, ..node }).await,
        scene.node_in(ProvisionState::Available, "free", |node| node).await,
        scene.node_in(ProvisionState::Enroll, "new", |node| node).await,
    ]
}

/// Lets one interval pass.
async fn interval(scene: &Scene) {
    for _ in 0..INTERVAL_SECS / SWEEP_SECS {
        scene.control.sweep_once().await;
        // A second process, or a sweep that comes early, sends nothing twice.
        scene.control.sweep_once().await;
        scene.wait(SWEEP_SECS as i64);
    }
}

/// The work that waits for conductors of a group.
async fn waiting(scene: &Scene, group: &str) -> Vec<SensorsWork> {
    let bus = scene.control.bus();
    let count = bus.waiting_actions(group).await.unwrap();
    let mut deliveries = bus.consume_actions(group, 1).await.unwrap();
    let mut found = Vec::new();
    for _ in 0..count {
        let delivery = deliveries.next().await.unwrap();
        match delivery.envelope.as_ref().unwrap().work.clone() {
            Some(Work::Sensors(work)) => found.push(work),
            other => panic!("{other:?}"),
        }
        delivery.ack().await.unwrap();
    }
    found
}

fn work(nodes: &[&Node]) -> SensorsWork {
    let node_uuids = nodes.iter().map(|node| node.uuid.to_string()).collect();
    let generations = nodes.iter().map(|node| node.generation).collect();
    SensorsWork { node_uuids, generations, interval_secs: INTERVAL_SECS }
}

#[tokio::test]
async fn conductors_are_sent_to_deployed_nodes_once_in_an_interval() {
    on_each(async |database| {
        let scene = Scene::with(database.store.clone(), settings()).await;
        let [deployed, rack1, ..] = nodes(&scene).await;
        for _ in 0..2 {
            interval(&scene).await;
            assert_eq!(waiting(&scene, "").await, [work(&[&deployed])]);
            assert_eq!(waiting(&scene, "rack1").await, [work(&[&rack1])]);
        }
    })
    .await;
}

#[tokio::test]
async fn other_nodes_are_read_where_the_operator_wants_that() {
    on_each(async |database| {
        let settings = ControlSettings { sensors_of_undeployed: true, ..settings() };
        let scene = Scene::with(database.store.clone(), settings).await;
        let [deployed, _, _, free, _] = nodes(&scene).await;
        interval(&scene).await;
        assert_eq!(waiting(&scene, "").await, [work(&[&deployed, &free])]);
    })
    .await;
}

#[tokio::test]
async fn nothing_is_read_unless_an_operator_asks_for_it() {
    on_each(async |database| {
        let settings = ControlSettings {
            sensor_interval_secs: ControlSettings::default().sensor_interval_secs,
            ..settings()
        };
        let scene = Scene::with(database.store.clone(), settings).await;
        nodes(&scene).await;
        interval(&scene).await;
        assert_eq!((waiting(&scene, "").await, waiting(&scene, "rack1").await), (Vec::new(), Vec::new()));
    })
    .await;
}

#[tokio::test]
async fn readings_last_until_the_next_even_where_sweeps_are_rarer_than_wanted() {
    on_each(async |database| {
        let settings = ControlSettings { sensor_interval_secs: 1, ..settings() };
        let scene = Scene::with(database.store.clone(), settings).await;
        let [deployed, ..] = nodes(&scene).await;
        scene.control.sweep_once().await;
        let told = SensorsWork { interval_secs: SWEEP_SECS, ..work(&[&deployed]) };
        assert_eq!(waiting(&scene, "").await, [told]);
    })
    .await;
}
