//! Bodies that nobody wants to read, callers that ask too often, and those that take their time.

use crate::golden::conductor;
use crate::in_process::InProcess;
use actix_web::test::TestRequest;
use ferric_api::{ApiConfig, AuthConfig, LimitsConfig, NoBootSource};
use ferric_control::{NewNode, RequestContext};
use ferric_model::lifecycle::ProvisionState;
use serde_json::{Value, json};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

async fn limited(limits: LimitsConfig) -> InProcess {
    let config = ApiConfig { limits, ..ApiConfig::default() };
    InProcess::with(config, &AuthConfig::default(), Arc::new(NoBootSource)).await
}

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

#[actix_web::test]
async fn what_no_database_keeps_is_refused_wherever_it_stands() {
    let api = InProcess::new().await;
    let nul = r#"{"driver": "fake-hardware", "extra": {"a": "\u0000"}}"#;
    let data =
        r#"{"inventory": {"interfaces": [{"mac_address": "52:54:00:00:00:01", "product": "\u0000"}]}}"#;
    for (method, path, body, status) in [
        ("POST", "/v1/nodes", nul, 400),
        ("PUT", "/v1/nodes/n/maintenance", r#"{"reason": "\u0000"}"#, 400),
        ("GET", "/v1/nodes?owner=%00", "", 400),
        ("GET", "/v1/nodes/n/bios/%00", "", 400),
        // Servers may say this of themselves; there is only no node that it is said of.
        ("POST", "/v1/continue_inspection", data, 404),
    ] {
        let request = TestRequest::with_uri(path)
            .method(method.parse().unwrap())
            .insert_header(("X-OpenStack-Ironic-API-Version", "latest"));
        let answer = api.send(request.set_payload(body)).await;
        assert_eq!(answer.status, status, "{method} {path}");
        let said = answer.json()["error_message"].as_str().unwrap().to_owned();
        assert_eq!(said.contains("U+0000"), status == 400, "{said}");
    }
}

#[actix_web::test]
async fn who_asks_too_often_is_told_when_to_ask_again() {
    let limits = LimitsConfig {
        address_requests_per_minute: 1,
        burst_requests: 2,
        forwarded_addresses: true,
        ..LimitsConfig::default()
    };
    let api = limited(limits).await;
    let from = |forwarded: &str| {
        TestRequest::get().uri("/v1/nodes").insert_header(("X-Forwarded-For", forwarded.to_owned()))
    };
    for _ in 0..2 {
        assert_eq!(api.send(from("10.0.0.1")).await.status, 200);
    }
    // What stands before the address that the proxy saw may be anything.
    let refused = api.send(from("10.0.0.7, 10.0.0.1")).await;
    assert_eq!(refused.status, 429);
    let secs: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&secs), "{secs}");
    let inner: Value = serde_json::from_str(refused.json()["error_message"].as_str().unwrap()).unwrap();
    assert_eq!((&inner["code"], &inner["title"]), (&json!(429), &json!("Too Many Requests")));
    assert_eq!(api.send(from("10.0.0.2")).await.status, 200);
    assert_eq!(api.get("/healthz").await.status, 200);
}

#[actix_web::test]
async fn more_requests_than_can_wait_are_refused() {
    let limits =
        LimitsConfig { max_concurrent_requests: 1, max_queued_requests: 0, ..LimitsConfig::default() };
    let api = limited(limits).await;
    let mut first = std::pin::pin!(api.get("/v1/nodes"));
    assert!(futures::poll!(&mut first).is_pending());
    let refused = api.get("/v1/nodes").await;
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (503, Some("1")));
    assert_eq!(first.await.status, 200);
    assert_eq!(api.get("/v1/nodes").await.status, 200);
}

#[actix_web::test]
async fn who_waits_longer_than_allowed_is_told_that_the_work_goes_on() {
    let api = limited(LimitsConfig { request_timeout_secs: 1, ..LimitsConfig::default() }).await;
    // A conductor that takes no work: a question to the hardware waits for its answer.
    conductor::join(&api.control).await;
    let new = NewNode::parse(&json!({"driver": "fake-hardware", "name": "n"})).unwrap();
    let context = RequestContext::system();
    api.control.create_node(&context, &new, ProvisionState::Enroll).await.unwrap();
    let answer = api
        .send(
            TestRequest::get()
                .uri("/v1/nodes/n/management/boot_device")
                .insert_header(("X-OpenStack-Ironic-API-Version", "latest")),
        )
        .await;
    assert_eq!(answer.status, 503);
    let said = answer.json()["error_message"].as_str().unwrap().to_owned();
    assert!(said.contains("It goes on."), "{said}");
}

/// What the server says until it closes the connection.
async fn said_to(address: SocketAddr, request: &str) -> String {
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut said = String::new();
    connection.read_to_string(&mut said).await.unwrap();
    said
}

#[actix_web::test]
async fn slow_clients_are_cut_off() {
    let limits = LimitsConfig {
        header_timeout_secs: 1,
        body_timeout_secs: 1,
        send_timeout_secs: 7,
        ..LimitsConfig::default()
    };
    let api = limited(limits).await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let same = listener.try_clone().unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let served = actix_web::rt::spawn(api.server.clone().run(listener, stop.clone()));
    let head = said_to(address, "GET /v1/nodes HTTP/1.1\r\nHost: h\r\n").await;
    assert!(head.starts_with("HTTP/1.1 408"), "{head}");
    let body = said_to(address, "POST /v1/nodes HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n{").await;
    assert!(body.starts_with("HTTP/1.1 408") && body.contains("took too long"), "{body}");
    // What clients do not read the kernel gives up; its own test is not for here.
    #[cfg(target_os = "linux")]
    assert_eq!(
        socket2::SockRef::from(&same).tcp_user_timeout().unwrap(),
        Some(std::time::Duration::from_secs(7))
    );
    drop(same);
    stop.cancel();
    served.await.unwrap().unwrap();
}
