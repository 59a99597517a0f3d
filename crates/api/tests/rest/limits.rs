//! Bodies that nobody wants to read.

use crate::in_process::InProcess;
use actix_web::test::TestRequest;
use ferric_api::{ApiConfig, AuthConfig, NoBootSource};
use serde_json::json;
use std::sync::Arc;

fn put(path: &str, body: impl Into<actix_web::web::Bytes>) -> TestRequest {
    TestRequest::put().uri(path).insert_header(("Content-Type", "application/json")).set_payload(body)
}

#[actix_web::test]
async fn size_and_depth_are_refused_before_anything_else() {
    let config = ApiConfig {
        max_body_bytes: 100,
        max_provision_body_bytes: 300,
        max_inspection_body_bytes: 200,
        ..ApiConfig::default()
    };
    let api = InProcess::with(config, &AuthConfig::default(), Arc::new(NoBootSource)).await;
    let text = |size: usize| format!("\"{}\"", "x".repeat(size - 2));
    for (path, limit) in
        [("/v1/nodes", 100), ("/v1/nodes/n/states/provision", 300), ("/continue_inspection/", 200)]
    {
        let fits = api.send(put(path, text(limit))).await;
        assert_ne!(fits.status, 413, "{path}");
        let too_large = api.send(put(path, text(limit + 1))).await;
        assert_eq!(too_large.status, 413, "{path}");
        assert_eq!(
            too_large.json(),
            json!({"faultcode": "Client",
                "faultstring": "Request body is too large. Please contact the service administrator."})
        );
    }
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_ne!(api.send(put("/v1/nodes", nested(25))).await.status, 400);
    let too_deep = api.send(put("/v1/nodes", nested(26))).await;
    assert_eq!(too_deep.status, 400);
    assert_eq!(
        too_deep.json()["faultstring"],
        "Request body JSON is nested too deeply. Please contact the service administrator."
    );
}

#[actix_web::test]
async fn what_is_no_json_is_a_bad_request() {
    let api = InProcess::new().await;
    for body in ["{\"driver\": ", "nonsense", "{\"a\": 1}{"] {
        let answer = api.send(TestRequest::post().uri("/v1/nodes").set_payload(body)).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.header("openstack-request-id").unwrap().starts_with("req-"));
    }
}
