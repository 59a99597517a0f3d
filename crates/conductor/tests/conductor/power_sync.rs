//! Reading the power state of many nodes.

use crate::control_plane::Trouble;
use crate::hardware::Reaction;
use crate::scene::{Offer, Scene, within};
use ferric_hardware::HardwareErrorKind;
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Fault;
use ferric_model::power::PowerState;
use ferric_proto::v1::PowerSyncWork;
use ferric_proto::v1::action_envelope::Work;
use std::collections::BTreeSet;

#[tokio::test]
async fn a_batch_is_read_and_one_bad_node_spoils_no_other() {
    within(async {
        let scene = Scene::set(Offer::default()).await;
        scene.plane.change(|state| {
            state.trouble.insert("get_nodes", [Trouble::Lost].into());
            state.trouble.insert("report_power", [Trouble::Lost].into());
        });
        let mut uuids = Vec::new();
        for name in ["fine", "away", "wild", "as known", "well again", "counted"] {
            let uuid = scene.node(ProvisionState::Active, &[]);
            scene.plane.change(|state| {
                let node = state.nodes.get_mut(&uuid).unwrap();
                node.name = Some(name.to_owned());
                node.power_state = (name != "fine").then_some(PowerState::On);
                node.fault = (name == "well again").then_some(Fault::Power);
                if name == "counted" {
                    node.status.driver_internal_info.insert("power_sync_failures".into(), 2.into());
                }
                if name == "fine" {
                    node.spec.driver_info.insert("health".to_owned(), "Warning".into());
                }
                node.generation = 7;
            });
            uuids.push(uuid.to_string());
        }
        scene.script.on("power? away", Reaction::Fail(HardwareErrorKind::Unreachable));
        scene.script.on("power? wild", Reaction::Panic);
        uuids.push(uuid::Uuid::nil().to_string());
        let _conductor = scene.start("c1");
        scene
            .plane
            .publish(Work::PowerSync(PowerSyncWork { node_uuids: uuids.clone(), generations: Vec::new() }))
            .await;
        scene.plane.wait_until(|state| !state.readings.is_empty()).await;

        let readings = scene.plane.state().readings.clone();
        // What is as it was known is not told.
        let told: BTreeSet<&str> = readings.iter().map(|reading| reading.node_uuid.as_str()).collect();
        assert_eq!(told, [0, 1, 2, 4, 5].map(|index| uuids[index].as_str()).into());
        let of = |index: usize| readings.iter().find(|reading| reading.node_uuid == uuids[index]).unwrap();
        assert_eq!((of(0).power_state.as_str(), of(0).generation, &of(0).failure), ("power off", 7, &None));
        assert_eq!(of(0).health.as_deref(), Some("Warning"));
        let away = of(1).failure.as_ref().unwrap();
        assert_eq!((away.code.as_str(), away.doing.as_str()), ("scripted", "reading the power state"));
        assert_eq!(of(2).failure.as_ref().unwrap().code, "conductor-panicked");
    })
    .await;
}

#[tokio::test]
async fn only_nodes_are_asked_for_that_were_written_since_they_were_read() {
    within(async {
        let scene = Scene::set(Offer::default()).await;
        let nodes = [(); 2].map(|()| scene.node(ProvisionState::Active, &[]));
        let uuids = nodes.map(|uuid| uuid.to_string());
        let write = |uuid, generation| {
            scene.plane.change(|state| state.nodes.get_mut(&uuid).unwrap().generation = generation);
        };
        nodes.iter().for_each(|uuid| write(*uuid, 7));
        let _conductor = scene.start("c1");
        // Their power state is not known: whatever is read of them is told.
        let round = async |generations: &[i64], told: usize| {
            let work = PowerSyncWork { node_uuids: uuids.to_vec(), generations: generations.to_vec() };
            scene.plane.publish(Work::PowerSync(work)).await;
            scene.plane.wait_until(|state| state.readings.len() == told).await;
        };
        round(&[7, 7], 2).await;
        write(nodes[1], 8);
        round(&[7, 8], 4).await;
        round(&[7, 8], 6).await;
        // A control plane that does not say in which generation they are.
        round(&[], 8).await;

        let state = scene.plane.state();
        assert_eq!(state.asked_for, [&uuids[..], &uuids[1..], &uuids[..]]);
        let read: Vec<(&str, i64)> = state.readings[4..6]
            .iter()
            .map(|reading| (reading.node_uuid.as_str(), reading.generation))
            .collect();
        let known = [(uuids[0].as_str(), 7), (uuids[1].as_str(), 8)];
        assert_eq!(BTreeSet::from_iter(read), BTreeSet::from(known));
    })
    .await;
}
