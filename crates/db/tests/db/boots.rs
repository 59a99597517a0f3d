use crate::databases::{Database, on_each};
use crate::samples::{later, node, now};
use ferric_db::{Conn, DbError, boots, nodes};
use ferric_model::boot::{BootAttempt, BootFetch, BootPurpose};
use uuid::Uuid;

fn attempt(node_uuid: Uuid, token: &str) -> BootAttempt {
    BootAttempt {
        id: 0,
        node_uuid,
        task_id: Some(Uuid::from_u128(7)),
        purpose: BootPurpose::Ramdisk,
        token: token.to_owned(),
        interface: "redfish-https".to_owned(),
        number: 1,
        started_at: now(),
        deadline_at: Some(later(10)),
        ended_at: None,
    }
}

#[tokio::test]
async fn an_attempt_ends_the_one_before_and_evidence_adds_up() {
    on_each(async |Database { store, .. }| {
        let node = node();
        let work = async |conn: &mut Conn| {
            nodes::insert(conn, &node).await?;
            boots::begin(conn, &attempt(node.uuid, "one")).await?;
            boots::begin(conn, &BootAttempt { number: 2, ..attempt(node.uuid, "two") }).await?;
            let instance = BootAttempt { purpose: BootPurpose::Instance, ..attempt(node.uuid, "three") };
            boots::begin(conn, &BootAttempt { deadline_at: None, ..instance }).await?;
            let open = boots::find_open(conn, node.uuid).await?;
            assert_eq!(open.iter().map(|open| open.token.as_str()).collect::<Vec<_>>(), ["three", "two"]);
            let task = Uuid::from_u128(7);
            let latest = boots::latest_of_task(conn, node.uuid, task, BootPurpose::Ramdisk).await?.unwrap();
            assert_eq!((latest.token.as_str(), latest.number), ("two", 2));

            let asked = BootFetch { file: "boot.iso".to_owned(), total_bytes: 100, ..BootFetch::default() };
            let id = latest.id;
            boots::see(conn, id, &BootFetch { head: true, ..asked.clone() }, later(1)).await?;
            boots::see(conn, id, &BootFetch { get: true, more_bytes: 12, ..asked.clone() }, later(2)).await?;
            boots::see(conn, id, &BootFetch { get: true, more_bytes: 30, ..asked.clone() }, later(3)).await?;
            let broken = BootFetch { error: Some("502".to_owned()), total_bytes: 0, ..asked.clone() };
            boots::see(conn, id, &broken, later(4)).await?;
            let files = boots::files(conn, id).await?;
            let file = &files[0];
            assert_eq!((files.len(), file.percent(), file.is_complete()), (1, 42, false));
            assert_eq!((file.head_at, file.get_at), (Some(later(1)), Some(later(2))));
            assert_eq!((file.seen_at, file.error.as_deref()), (later(4), Some("502")));
            boots::see(conn, id, &BootFetch { more_bytes: 80, ..asked }, later(5)).await?;
            let file = &boots::files(conn, id).await?[0];
            assert!(file.is_complete() && file.bytes == 100 && file.error.is_none());

            let overdue = async |conn: &mut Conn, at| {
                let overdue = boots::list_overdue(conn, later(at), 10).await?;
                Ok::<_, DbError>(overdue.into_iter().map(|late| late.token).collect::<Vec<_>>())
            };
            assert_eq!(overdue(conn, 11).await?, ["two"]);
            boots::expect(conn, id, Some(later(20))).await?;
            assert!(overdue(conn, 11).await?.is_empty());
            assert!(boots::end(conn, id, later(12)).await?);
            assert!(!boots::end(conn, id, later(12)).await?);
            assert!(overdue(conn, 30).await?.is_empty(), "nothing is expected of what has ended");
            assert_eq!(boots::prune_ended(conn, later(12), 10).await?, 1, "the first one");
            assert_eq!(boots::prune_ended(conn, later(13), 10).await?, 1);
            assert!(boots::files(conn, id).await?.is_empty());
            assert!(boots::find_by_token(conn, "three").await?.is_some());
            Ok::<_, DbError>(())
        };
        store.write("attempts", work).await.unwrap();
    })
    .await;
}
