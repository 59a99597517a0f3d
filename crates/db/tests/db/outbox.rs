use crate::databases::{Database, on_each};
use crate::samples::{later, now};
use ferric_db::{Conn, DbError, outbox};
use ferric_model::outbox::{OutboxMessage, Route};

#[tokio::test]
async fn messages_stay_until_they_are_sent() {
    on_each(async |Database { store, .. }| {
        let action = |group: &str| Route::Action { conductor_group: group.to_owned() };
        let message = |route, payload: &[u8]| OutboxMessage { id: 0, route, payload: payload.to_vec() };
        let messages =
            [message(action("rack1"), b"\0\xff"), message(action(""), b""), message(Route::Event, b"e")];
        let stored = store
            .write("enqueue", async |conn: &mut Conn| {
                let mut stored = outbox::enqueue(conn, &messages[..2], now()).await?;
                stored.extend(outbox::enqueue(conn, &messages[2..], later(10)).await?);
                Ok::<_, DbError>(stored)
            })
            .await
            .unwrap();
        let ids: Vec<i64> = stored.iter().map(|message| message.id).collect();
        let unnumbered: Vec<OutboxMessage> =
            stored.iter().map(|message| OutboxMessage { id: 0, ..message.clone() }).collect();
        assert_eq!(unnumbered, messages);
        assert!(ids.is_sorted());
        let unsent = async |before, limit| {
            let list = async |conn: &mut Conn| outbox::list_unsent(conn, before, limit).await;
            store.read(list).await.unwrap()
        };
        assert_eq!(unsent(None, 9).await, stored);
        assert_eq!(unsent(None, 1).await, stored[..1]);
        assert_eq!(unsent(Some(later(5)), 9).await, stored[..2]);
        let delete = async |conn: &mut Conn| outbox::delete_sent(conn, &ids[..2]).await;
        assert_eq!(store.write("sent", delete).await.unwrap(), 2);
        assert_eq!(store.write("sent", delete).await.unwrap(), 0);
        assert_eq!(unsent(None, 9).await, stored[2..]);
        assert_eq!(store.read(outbox::count).await.unwrap(), 1);
    })
    .await;
}
