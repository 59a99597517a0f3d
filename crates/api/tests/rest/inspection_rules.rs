//! Inspection rules beyond what was recorded.

use crate::in_process::InProcess;
use actix_web::test::TestRequest;
use serde_json::{Value, json};

const VERSION: (&str, &str) = ("X-OpenStack-Ironic-API-Version", "1.115");

async fn call(api: &InProcess, request: TestRequest) -> (u16, Value) {
    let answered = api.send(request.insert_header(VERSION)).await;
    let body = serde_json::from_slice(&answered.bytes).unwrap_or_default();
    (answered.status.as_u16(), body)
}

fn post(document: Value) -> TestRequest {
    TestRequest::post().uri("/v1/inspection_rules").set_json(document)
}

#[actix_web::test]
async fn a_rule_is_kept_hidden_changed_and_deleted() {
    let api = InProcess::new().await;
    let list = || TestRequest::get().uri("/v1/inspection_rules");
    let act = json!({"op": "set-attribute", "args": {"path": "/extra/key", "value": "s3cret"}});
    for bad in [
        json!({"actions": [{"op": "explode", "args": {}}]}),
        json!({"actions": [{"op": "fail", "args": {}}]}),
        json!({"actions": [act], "conditions": [{"op": "eq"}]}),
        json!({"actions": [act], "phase": "late"}),
        json!({"actions": []}),
    ] {
        assert_eq!(call(&api, post(bad.clone())).await.0, 400, "{bad}");
    }
    assert_eq!(call(&api, list()).await.1["inspection_rules"], json!([]), "nothing of it was kept");

    let (status, rule) = call(&api, post(json!({"actions": [act], "priority": 7}))).await;
    assert_eq!((status, &rule["conditions"], &rule["phase"]), (201, &json!([]), &json!("main")));
    let path = format!("/v1/inspection_rules/{}", rule["uuid"].as_str().unwrap());
    let patch = |value: Value| TestRequest::patch().uri(&path).set_json(json!([value]));
    let (status, hidden) = call(&api, patch(json!({"op": "add", "path": "/sensitive", "value": true}))).await;
    assert_eq!((status, &hidden["actions"], &hidden["conditions"]), (200, &Value::Null, &Value::Null));
    for unset in [
        json!({"op": "remove", "path": "/sensitive"}),
        json!({"op": "add", "path": "/sensitive", "value": false}),
    ] {
        let (status, said) = call(&api, patch(unset)).await;
        assert_eq!(status, 400);
        assert!(said.to_string().contains("cannot have the sensitive flag unset"), "{said}");
    }
    let (_, all) = call(&api, list()).await;
    let mut members: Vec<&String> = all["inspection_rules"][0].as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(members, ["description", "links", "phase", "priority", "uuid"]);
    let early = list().uri("/v1/inspection_rules?phase=early");
    assert_eq!(call(&api, early).await.1["inspection_rules"], json!([]));

    assert_eq!(call(&api, TestRequest::delete().uri(&path)).await.0, 204);
    assert_eq!(call(&api, TestRequest::get().uri(&path)).await.0, 404);
}
