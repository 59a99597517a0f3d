//! `GET /v1/watch/nodes`: the events as clients read them.

use crate::in_process::{Answered, InProcess};
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Events of a stream that has ended: id, name and data.
fn events(answer: &Answered) -> Vec<(i64, String, Value)> {
    let text = String::from_utf8(answer.bytes.clone()).unwrap();
    let event = |block: &str| {
        let field = |name: &str| {
            let line = block.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap_or_else(|| panic!("no '{name}' in {block}")).trim().to_owned()
        };
        (field("id:").parse().unwrap(), field("event:"), serde_json::from_str(&field("data:")).unwrap())
    };
    text.split("\n\n").filter(|block| !block.is_empty()).map(event).collect()
}

#[actix_web::test]
async fn events_are_bookmarks_nodes_and_where_to_resume() {
    let api = InProcess::new().await;
    let (watching, stop) = (Arc::clone(&api.control), CancellationToken::new());
    let until = stop.clone();
    tokio::spawn(async move { watching.run_watch(until).await });

    let first = api.get("/v1/watch/nodes?timeout=0").await;
    assert_eq!((first.status.as_u16(), first.header("Content-Type")), (200, Some("text/event-stream")));
    let told = events(&first);
    assert_eq!(told.iter().map(|event| event.1.as_str()).collect::<Vec<_>>(), ["bookmark", "resume"]);
    let begin = told[1].0;
    assert_eq!(told[1].2, json!({"revision": begin}));

    let node = json!({"driver": "manual-management", "name": "a", "driver_info": {"fake_password": "hush"}});
    let conductor = crate::golden::conductor::start(Arc::clone(&api.control), Arc::clone(&api.bus)).await;
    let request =
        TestRequest::post().uri("/v1/nodes").insert_header(("X-OpenStack-Ironic-API-Version", "1.90"));
    let made = api.send(request.set_json(&node)).await;
    assert_eq!(made.status.as_u16(), 201, "{}", String::from_utf8_lossy(&made.bytes));
    drop(conductor);

    let path = format!("/v1/watch/nodes?timeout=1&since={begin}&fields=uuid,name,driver_info");
    let request = TestRequest::get().uri(&path).insert_header(("X-OpenStack-Ironic-API-Version", "1.90"));
    let told = events(&api.send(request).await);
    let (revision, name, data) = &told[0];
    assert_eq!((name.as_str(), &data["revision"]), ("created", &json!(revision)));
    assert_eq!(data["node"]["name"], "a");
    assert_eq!(data["node"]["driver_info"]["fake_password"], "******");
    assert!(data["node"].get("provision_state").is_none());
    assert!(*revision > begin && told.last().unwrap().1 == "resume");

    let unknown = api.get("/v1/watch/nodes?timeout=0&since=999999").await;
    assert_eq!(unknown.status.as_u16(), 410);
    for wrong in ["timeout=-1", "since=x", "fields=nothing"] {
        let request = TestRequest::get().uri(&format!("/v1/watch/nodes?{wrong}"));
        let request = request.insert_header(("X-OpenStack-Ironic-API-Version", "1.90"));
        assert_eq!(api.send(request).await.status.as_u16(), 400, "{wrong}");
    }
    stop.cancel();
}
