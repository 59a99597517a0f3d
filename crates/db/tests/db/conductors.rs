use crate::databases::{Database, on_each};
use crate::samples::{later, now};
use ferric_db::{Conn, conductors};
use ferric_model::conductor::{Conductor, DriverOffer};
use ferric_model::hardware::InterfaceKind;
use ferric_model::page::Page;

fn conductor(hostname: &str, incarnation: &str) -> Conductor {
    let interfaces = [(InterfaceKind::Power, vec!["redfish".to_owned()])].into();
    let offer = DriverOffer { interfaces, ..DriverOffer::default() };
    Conductor {
        id: 0,
        hostname: hostname.to_owned(),
        conductor_group: "rack1".to_owned(),
        incarnation: incarnation.to_owned(),
        drivers: [("redfish".to_owned(), offer)].into(),
        online: true,
        created_at: now(),
        updated_at: now(),
    }
}

#[tokio::test]
async fn a_conductor_joins_beats_leaves_and_is_forgotten() {
    on_each(async |Database { store, .. }| {
        let join = async |conductor: Conductor| {
            store
                .write("join", async |conn: &mut Conn| conductors::join(conn, &conductor).await)
                .await
                .unwrap()
        };
        let find = async |hostname: &str| {
            store.read(async |conn: &mut Conn| conductors::find(conn, hostname).await).await.unwrap()
        };
        let touch = async |incarnation: &str, at| {
            let touch = async |conn: &mut Conn| conductors::touch(conn, "c1", incarnation, at).await;
            store.write("touch", touch).await.unwrap()
        };
        let leave = async |incarnation: &str| {
            let leave = async |conn: &mut Conn| conductors::leave(conn, "c1", incarnation).await;
            store.write("leave", leave).await.unwrap()
        };
        let first = join(conductor("c1", "a")).await;
        assert_eq!(first, Conductor { id: first.id, ..conductor("c1", "a") });
        assert!(touch("a", later(10)).await);
        assert_eq!(find("c1").await.unwrap().updated_at, later(10));

        // It restarts: a new incarnation takes the name over, the old one has nothing to say any more.
        let restarted = Conductor {
            conductor_group: "rack2".into(),
            created_at: later(20),
            updated_at: later(20),
            ..conductor("c1", "b")
        };
        let second = join(restarted.clone()).await;
        assert_eq!(second, Conductor { id: first.id, created_at: now(), ..restarted });
        assert!(!touch("a", later(30)).await);
        assert!(!leave("a").await);
        assert_eq!(find("c1").await, Some(second));

        assert!(leave("b").await);
        assert!(!find("c1").await.unwrap().online);
        assert!(!touch("b", later(40)).await);
        join(conductor("c2", "x")).await;
        let list = async |page: Page| {
            let list = async |conn: &mut Conn| conductors::list(conn, &page).await;
            let found = store.read(list).await.unwrap();
            found.into_iter().map(|conductor| conductor.hostname).collect::<Vec<_>>()
        };
        assert_eq!(list(Page::default()).await, ["c1", "c2"]);
        assert_eq!(list(Page { marker: Some("c1".into()), ..Page::default() }).await, ["c2"]);
        let prune = async |conn: &mut Conn| conductors::prune(conn, later(5)).await;
        assert_eq!(store.write("prune", prune).await.unwrap(), 1);
        assert_eq!(list(Page::default()).await, ["c1"]);
    })
    .await;
}
