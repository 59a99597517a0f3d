//! Clients that go away.

use crate::golden::conductor;
use crate::in_process::InProcess;
use actix_web::test::TestRequest;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

#[actix_web::test]
async fn a_use_case_ends_although_its_client_is_gone() {
    let api = InProcess::new().await;
    let _worked = conductor::start(Arc::clone(&api.control), Arc::clone(&api.bus)).await;
    let request =
        TestRequest::post().uri("/v1/nodes").insert_header(("X-OpenStack-Ironic-API-Version", "1.110"));
    let request = request.set_json(json!({"driver": "fake-hardware", "name": "left-behind"}));
    {
        let mut answer = std::pin::pin!(api.send(request));
        assert!(futures::poll!(&mut answer).is_pending());
    }
    let written = async {
        while api.control.get_node("left-behind").await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), written).await.unwrap();
}
