//! Probes.

use crate::in_process::InProcess;
use serde_json::json;

#[actix_web::test]
async fn a_process_with_database_and_bus_is_ready_until_the_bus_is_gone() {
    let api = InProcess::new().await;
    assert_eq!(api.get("/healthz").await.json(), json!({"status": "ok"}));
    assert_eq!(api.get("/readyz").await.json(), json!({"status": "ready"}));
    api.bus.close().await;
    let answer = api.get("/readyz").await;
    assert_eq!(answer.status, 503);
    assert!(answer.json()["problems"][0].as_str().unwrap().starts_with("bus: "));
    assert_eq!(api.get("/healthz").await.status, 200);
}
