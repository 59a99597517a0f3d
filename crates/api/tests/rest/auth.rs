//! Who is let in.

use crate::in_process::InProcess;
use actix_web::test::TestRequest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ferric_api::{ApiConfig, AuthConfig, AuthStrategy, NoBootSource};
use serde_json::json;
use std::io::Write;
use std::sync::Arc;

#[actix_web::test]
async fn http_basic_opens_everything_and_ramdisks_need_nothing() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "ann:{}", bcrypt::hash("secret", 4).unwrap()).unwrap();
    let auth = AuthConfig {
        strategy: AuthStrategy::HttpBasic,
        http_basic_file: file.path().to_owned(),
        ..AuthConfig::default()
    };
    let api = InProcess::with(ApiConfig::default(), &auth, Arc::new(NoBootSource)).await;

    let refused = api.get("/v1/nodes").await;
    assert_eq!(refused.status, 401);
    assert_eq!(refused.json(), json!({"error": {"message": "Authorization required", "code": 401}}));
    assert_eq!(refused.header("www-authenticate"), Some("Basic realm=\"Baremetal API\""));

    let with = |pair: &str| {
        let value = format!("Basic {}", STANDARD.encode(pair));
        TestRequest::get().uri("/v1/nodes").insert_header(("Authorization", value))
    };
    let wrong = api.send(with("ann:other")).await;
    assert_eq!(wrong.json(), json!({"error": {"message": "Incorrect username or password", "code": 401}}));
    assert_eq!(api.send(with("ann:secret")).await.status, 200);

    for (path, status) in [("/", 200), ("/v1", 200), ("/v1/", 200), ("/healthz", 200), ("/lookup", 404)] {
        assert_eq!(api.get(path).await.status, status, "{path}");
    }
}
