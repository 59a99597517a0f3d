use crate::scene::Scene;
use ferric_control::{AutoDiscoverySettings, ControlError, ControlSettings, RequestContext};
use ferric_db::testing::{Database, on_each};
use ferric_model::JsonMap;
use ferric_model::lifecycle::ProvisionState;
use ferric_model::page::Page;
use serde_json::{Value, json};

fn data(mac: &str, error: Value) -> JsonMap {
    let inventory = json!({
        "interfaces": [{"name": "eth0", "mac_address": mac, "ipv4_address": "10.0.0.7"}],
        "cpu": {"architecture": "aarch64"},
        "bmc_address": "192.0.2.9",
    });
    json!({"inventory": inventory, "error": error}).as_object().unwrap().clone()
}

#[tokio::test]
async fn unknown_hardware_enrolls_itself_once_where_that_is_wanted() {
    on_each(async |Database { store, .. }| {
        let scene = Scene::new(store.clone()).await;
        let data = data("52:54:00:00:00:01", Value::Null);
        let off = scene.control.continue_inspection(None, &data, false).await;
        assert!(matches!(off, Err(ControlError::NotFound(_))), "{off:?}");

        let auto_discovery = AutoDiscoverySettings {
            enabled: true,
            driver: Some("fake-hardware".into()),
            inspection_scope: None,
        };
        let settings = ControlSettings { auto_discovery, ..ControlSettings::default() };
        let scene = Scene::with(store, settings).await;
        let broken = self::data("52:54:00:00:00:02", json!("no disks"));
        let refused = scene.control.continue_inspection(None, &broken, false).await;
        assert!(matches!(refused, Err(ControlError::Invalid(_))), "{refused:?}");

        let first = scene.control.continue_inspection(None, &data, false).await.unwrap().node;
        assert_eq!((first.state(), first.driver.as_str()), (ProvisionState::Enroll, "fake-hardware"));
        assert_eq!(first.spec.properties["cpu_arch"], "aarch64");
        assert_eq!(first.status.driver_internal_info["bmc_address"], "192.0.2.9");
        let again = scene.control.continue_inspection(None, &data, false).await.unwrap().node;
        assert_eq!(again.uuid, first.uuid, "its port is known now");

        let context = RequestContext::system();
        let nodes = scene.control.list_nodes(&context, &Default::default(), &Page::default()).await.unwrap();
        assert_eq!(nodes.len(), 1);
        let found = scene.control.get_inventory(&context, &first.uuid.to_string()).await.unwrap();
        assert_eq!(found.inventory["bmc_address"], "192.0.2.9");
    })
    .await;
}
