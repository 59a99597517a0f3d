//! BIOS settings, firmware components and calls of vendor methods of hardware types.

use crate::databases::{Database, on_each};
use crate::samples::{node, now};
use ferric_db::{Conflict, Conn, DbError, bios, driver_calls, firmware, nodes};
use ferric_model::bios::{BiosSetting, KnownBiosSetting, KnownBiosSettings};
use ferric_model::driver_call::DriverCall;
use ferric_model::firmware::{FirmwareComponent, KnownFirmwareComponent, KnownFirmwareComponents};
use ferric_model::task::TaskState;
use serde_json::json;
use time::Duration;
use uuid::Uuid;

fn settings(value: &str) -> KnownBiosSettings {
    let setting = BiosSetting { value: Some(value.to_owned()), ..BiosSetting::default() };
    let known = KnownBiosSetting { setting, created_at: now(), updated_at: None };
    KnownBiosSettings::from([("virt".to_owned(), known)])
}

fn components(version: &str) -> KnownFirmwareComponents {
    let known = KnownFirmwareComponent {
        component: FirmwareComponent {
            current_version: Some(version.to_owned()),
            ..FirmwareComponent::default()
        },
        initial_version: None,
        last_version_flashed: None,
        created_at: now(),
        updated_at: Some(now()),
    };
    KnownFirmwareComponents::from([("bmc".to_owned(), known)])
}

#[tokio::test]
async fn what_was_read_last_is_kept_as_long_as_the_node() {
    on_each(async |Database { store, .. }| {
        let uuid = store
            .write("node", async |conn: &mut Conn| nodes::insert(conn, &node()).await)
            .await
            .unwrap()
            .uuid;
        let find = async || {
            store
                .read(async |conn: &mut Conn| {
                    Ok::<_, DbError>((bios::find(conn, uuid).await?, firmware::find(conn, uuid).await?))
                })
                .await
                .unwrap()
        };
        let save = async |uuid: Uuid, value: &str| {
            store
                .write("save", async |conn: &mut Conn| {
                    bios::save(conn, uuid, &settings(value)).await?;
                    firmware::save(conn, uuid, &components(value)).await
                })
                .await
        };
        let nothing = (KnownBiosSettings::new(), KnownFirmwareComponents::new());
        assert_eq!(find().await, nothing);
        for value in ["1", "2"] {
            save(uuid, value).await.unwrap();
            assert_eq!(find().await, (settings(value), components(value)));
        }
        let gone = save(Uuid::new_v4(), "1").await;
        assert!(matches!(gone, Err(DbError::Conflict { constraint: Conflict::NodeGone })));
        let delete = async |conn: &mut Conn| nodes::delete(conn, uuid, 1).await;
        assert!(store.write("delete", delete).await.unwrap());
        assert_eq!(find().await, nothing);
    })
    .await;
}

#[tokio::test]
async fn a_driver_call_is_taken_once_and_ended_by_whoever_took_it() {
    on_each(async |Database { store, .. }| {
        let call = DriverCall {
            id: Uuid::new_v4(),
            conductor_group: "rack".to_owned(),
            driver: "ipmi".to_owned(),
            interface: "ipmitool".to_owned(),
            method: "greet".to_owned(),
            http_method: "GET".to_owned(),
            args: json!({"name": "x"}).as_object().cloned().unwrap(),
            state: TaskState::Queued,
            claimed_by: None,
            result: None,
            created_at: now(),
        };
        let id = call.id;
        let insert = async |conn: &mut Conn| driver_calls::insert(conn, &call).await;
        store.write("insert", insert).await.unwrap();
        let find =
            async || store.read(async |conn: &mut Conn| driver_calls::find(conn, id).await).await.unwrap();
        assert_eq!(find().await.as_ref(), Some(&call));
        let take = async |host: &str| {
            store
                .write("take", async |conn: &mut Conn| driver_calls::take(conn, id, host).await)
                .await
                .unwrap()
        };
        let end = async |host: &str| {
            let (state, result) = (TaskState::Succeeded, json!({"hello": host}));
            store
                .write("end", async |conn: &mut Conn| driver_calls::end(conn, id, host, state, &result).await)
                .await
                .unwrap()
        };
        assert!(!end("c1").await);
        assert_eq!((take("c1").await, take("c2").await), (true, false));
        assert_eq!((end("c2").await, end("c1").await, end("c1").await), (false, true, false));
        let ended = find().await.unwrap();
        assert_eq!((ended.state, ended.result), (TaskState::Succeeded, Some(json!({"hello": "c1"}))));
        let prune = async |before| {
            store
                .write("prune", async |conn: &mut Conn| driver_calls::prune(conn, before, 10).await)
                .await
                .unwrap()
        };
        assert_eq!((prune(now()).await, prune(now() + Duration::seconds(1)).await), (0, 1));
        assert_eq!(find().await, None);
    })
    .await;
}
