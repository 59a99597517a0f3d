use crate::databases::{Database, on_each};
use crate::samples::{later, now};
use ferric_db::idempotency::{self, KeyedRequest, StoredAnswer};
use ferric_db::{Conn, DbError};
use uuid::Uuid;

#[tokio::test]
async fn a_key_is_taken_once_until_its_request_is_forgotten() {
    on_each(async |Database { store, .. }| {
        let request = KeyedRequest {
            caller: "ann".to_owned(),
            key: "k".to_owned(),
            digest: "d".to_owned(),
            identity: Uuid::new_v4(),
            answer: None,
            claimed_at: now(),
            created_at: now(),
        };
        let insert = async |request: &KeyedRequest| {
            let insert = async |conn: &mut Conn| idempotency::insert(conn, request).await;
            store.write("insert", insert).await.unwrap()
        };
        let find = async |caller: &'static str| {
            let find = async move |conn: &mut Conn| idempotency::find(conn, caller, "k").await;
            store.read(find).await.unwrap()
        };
        assert!(insert(&request).await);
        assert!(!insert(&KeyedRequest { digest: "e".to_owned(), ..request.clone() }).await);
        assert!(insert(&KeyedRequest { caller: "bob".to_owned(), ..request.clone() }).await);
        assert_eq!(find("ann").await.as_ref(), Some(&request));

        let take_over = async |conn: &mut Conn| idempotency::take_over(conn, &request, later(9)).await;
        assert!(store.write("take over", take_over).await.unwrap());
        assert!(!store.write("take over", take_over).await.unwrap());
        assert_eq!(find("ann").await.unwrap().claimed_at, later(9));

        let leave = async |conn: &mut Conn| idempotency::leave(conn, "ann", "k").await;
        store.write("leave", leave).await.unwrap();
        assert_eq!(find("ann").await.unwrap().claimed_at, time::OffsetDateTime::UNIX_EPOCH);

        let forget = async |conn: &mut Conn| idempotency::forget(conn, "bob", "k").await;
        store.write("forget", forget).await.unwrap();
        assert_eq!(find("bob").await, None);

        let answer =
            StoredAnswer { status: 201, location: Some("/x".to_owned()), body: Some("{}".to_owned()) };
        let complete = async |conn: &mut Conn| idempotency::complete(conn, "ann", "k", &answer).await;
        store.write("complete", complete).await.unwrap();
        let forget = async |conn: &mut Conn| idempotency::forget(conn, "ann", "k").await;
        store.write("forget", forget).await.unwrap();
        assert_eq!(find("ann").await.unwrap().answer, Some(answer));

        let expire = async |before| {
            let one = KeyedRequest { key: "other".to_owned(), ..request.clone() };
            let work = async |conn: &mut Conn| {
                idempotency::insert(conn, &one).await?;
                idempotency::expire(conn, &one, before).await?;
                Ok::<_, DbError>(idempotency::find(conn, "ann", "other").await?.is_some())
            };
            store.write("expire", work).await.unwrap()
        };
        assert_eq!((expire(now()).await, expire(later(1)).await), (true, false));

        let prune = async |before| {
            let prune = async move |conn: &mut Conn| idempotency::prune(conn, before, 10).await;
            store.write("prune", prune).await.unwrap()
        };
        assert_eq!((prune(now()).await, prune(later(1)).await, find("ann").await), (0, 1, None));
    })
    .await;
}
