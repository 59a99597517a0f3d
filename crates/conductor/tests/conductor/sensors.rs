//! Reading the sensors of many nodes.

use crate::control_plane::Trouble;
use crate::hardware::{Gate, Reaction};
use crate::scene::{Offer, Scene, within};
use ferric_conductor::{ConductorConfig, Readings};
use ferric_hardware::HardwareErrorKind;
use ferric_hardware::interface::Health;
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Node;
use ferric_proto::v1::SensorsWork;
use ferric_proto::v1::action_envelope::Work;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Nodes of these names; the health of their fans is what the names say.
fn nodes(scene: &Scene, names: &[&str]) -> Vec<Uuid> {
    let add = |name: &&str| {
        let uuid = scene.node(ProvisionState::Active, &[]);
        scene.plane.change(|state| {
            let node = state.nodes.get_mut(&uuid).unwrap();
            node.name = Some((*name).to_owned());
            node.instance_uuid = Some(uuid);
            node.spec.driver_info.insert("health".to_owned(), (*name).into());
        });
        uuid
    };
    names.iter().map(add).collect()
}

async fn send(scene: &Scene, nodes: &[Uuid], interval_secs: u64) {
    let node_uuids = nodes.iter().map(Uuid::to_string).collect();
    scene
        .plane
        .publish(Work::Sensors(SensorsWork { node_uuids, interval_secs, generations: Vec::new() }))
        .await;
}

fn read(readings: &Readings) -> BTreeMap<String, Option<Health>> {
    let nodes = readings.nodes();
    nodes.iter().map(|node| (node.node_name.clone().unwrap(), node.sensors[0].health)).collect()
}

#[tokio::test]
async fn a_batch_is_read_and_one_bad_node_spoils_no_other() {
    within(async {
        let scene = Scene::set(Offer::default()).await;
        scene.plane.change(|state| state.trouble.insert("get_nodes", [Trouble::Lost].into()));
        let names = ["OK", "Critical", "away", "wild", "slow"];
        let mut uuids = nodes(&scene, &names);
        let before: Vec<Node> = uuids.iter().map(|uuid| scene.plane.node(*uuid)).collect();
        scene.script.on("sensors? away", Reaction::Fail(HardwareErrorKind::Unreachable));
        scene.script.on("sensors? wild", Reaction::Panic);
        scene.script.on("sensors? slow", Reaction::Gate(Gate::closed()));
        uuids.push(Uuid::nil());
        // What does not answer in the moment that it is asked is too late.
        let conductor = scene.start_with(ConductorConfig { sensor_timeout_secs: 0, ..scene.config("c1") });
        send(&scene, &uuids, 600).await;
        for name in names {
            scene.log.wait_for(&format!("sensors? {name}")).await;
        }
        let readings = conductor.readings.clone();
        conductor.stop().await;

        let told = [("Critical", Some(Health::Critical)), ("OK", Some(Health::Ok))];
        assert_eq!(read(&readings), told.map(|(name, health)| (name.to_owned(), health)).into());
        assert_eq!(readings.failures(), [("panic", 1), ("timeout", 1), ("unreachable", 1)].into());
        assert!(readings.nodes().iter().all(|node| node.instance_uuid == Some(node.node_uuid)));
        // Nothing is reported, whatever happened: no node is the worse for it.
        let after: Vec<Node> = before.iter().map(|node| scene.plane.node(node.uuid)).collect();
        assert_eq!(after, before);
        assert!(scene.plane.state().readings.is_empty());
    })
    .await;
}

#[tokio::test]
async fn readings_of_nodes_that_nobody_sends_any_more_do_not_stay() {
    within(async {
        let scene = Scene::set(Offer::default()).await;
        let uuids = nodes(&scene, &["OK"]);
        let conductor = scene.start("c1");
        // Twice no time at all: it expires as soon as it is read.
        send(&scene, &uuids, 0).await;
        scene.log.wait_for("sensors? OK").await;
        let readings = conductor.readings.clone();
        conductor.stop().await;
        assert_eq!((read(&readings), readings.failures()), (BTreeMap::new(), BTreeMap::new()));
    })
    .await;
}

#[tokio::test]
async fn a_conductor_that_stops_begins_with_no_further_node() {
    within(async {
        let scene = Scene::set(Offer::default()).await;
        let uuids = nodes(&scene, &["OK", "Warning"]);
        let gate = Gate::closed();
        for name in ["OK", "Warning"] {
            scene.script.on(&format!("sensors? {name}"), Reaction::Gate(gate.clone()));
        }
        let conductor = scene.start_with(ConductorConfig { sensor_concurrency: 1, ..scene.config("c1") });
        send(&scene, &uuids, 600).await;
        scene.log.wait_for("sensors? OK").await;
        let readings = conductor.readings.clone();
        conductor.stop.cancel();
        // Everybody hears of it before the node that is being read goes on: a test has one thread.
        tokio::task::yield_now().await;
        gate.open();
        conductor.stop().await;
        assert_eq!(read(&readings).len(), 1);
        assert_eq!(scene.log.count("sensors? Warning"), 0);
    })
    .await;
}
