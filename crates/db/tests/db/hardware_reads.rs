//! BIOS settings and firmware components.

use crate::databases::{Database, on_each};
use crate::samples::{node, now};
use ferric_db::{Conflict, Conn, DbError, bios, firmware, nodes};
use ferric_model::bios::{BiosSetting, KnownBiosSetting, KnownBiosSettings};
use ferric_model::firmware::{FirmwareComponent, KnownFirmwareComponent, KnownFirmwareComponents};
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
