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
        scene.plane.publish(Work::PowerSync(PowerSyncWork { node_uuids: uuids.clone() })).await;
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
