//! Giving the document out.

use super::document::document;
use crate::rest::app::App;
use crate::rest::entry::base;
use crate::rest::error::Fault;
use crate::rest::json::Members;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

static DOCUMENT: LazyLock<Map<String, Value>> =
    LazyLock::new(|| document().as_object().cloned().unwrap_or_default());

/// `GET /openapi.json`
pub(crate) async fn get(request: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, "application/json"));
    match body(&base(&request, &app.config.public_url)) {
        Ok(body) => response.body(body),
        Err(error) => HttpResponse::InternalServerError().json(Fault::internal(error).body()),
    }
}

fn body(base: &str) -> serde_json::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(1 << 18);
    let mut members = Members::open(&mut out);
    for (name, member) in DOCUMENT.iter() {
        members.put(name, member)?;
    }
    members.put("servers", &json!([{"url": base}]))?;
    members.close();
    Ok(out)
}
