//! Whether this process lives and can serve.

use super::app::App;
use actix_web::{HttpResponse, web};
use serde_json::json;

/// `GET /healthz`: the process answers.
pub(crate) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "ok"}))
}

/// `GET /readyz`: database, migrations and bus are as they should be.
pub(crate) async fn ready(app: web::Data<App>) -> HttpResponse {
    let readiness = app.control.readiness().await;
    if readiness.is_ready() {
        HttpResponse::Ok().json(json!({"status": "ready"}))
    } else {
        HttpResponse::ServiceUnavailable()
            .json(json!({"status": "not ready", "problems": readiness.problems}))
    }
}
