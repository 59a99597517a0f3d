//! The control API under `/sim`: what happened, and faults to plant. Not Redfish, and without a login.

use actix_web::web::{self, Bytes, Data, Path, ServiceConfig};
use actix_web::{HttpResponse, ResponseError};
use serde_json::{Value, json};

use crate::error::SimError;
use crate::fault::Fault;
use crate::fleet::Fleet;

pub(crate) fn routes(service: &mut ServiceConfig) {
    service
        .route("/sim/servers", web::get().to(list))
        .route("/sim/servers/{server}", web::get().to(show))
        .route("/sim/servers/{server}/faults", web::get().to(faults))
        .route("/sim/servers/{server}/faults", web::post().to(plant))
        .route("/sim/servers/{server}/faults", web::delete().to(clear))
        .route("/sim/servers/{server}/holds", web::delete().to(release))
        .route("/sim/faults", web::get().to(faults_everywhere))
        .route("/sim/faults", web::post().to(plant_everywhere))
        .route("/sim/faults", web::delete().to(clear_everywhere))
        .route("/sim/sessions", web::get().to(sessions))
        .route("/sim/sessions", web::delete().to(expire_sessions));
}

impl ResponseError for SimError {
    fn error_response(&self) -> HttpResponse {
        let mut response = match self {
            Self::NoSuchServer { .. } => HttpResponse::NotFound(),
            Self::Fault { .. } => HttpResponse::BadRequest(),
            _ => HttpResponse::InternalServerError(),
        };
        response.json(json!({"kind": self.kind(), "error": self.to_string()}))
    }
}

async fn list(fleet: Data<Fleet>) -> HttpResponse {
    let views: Vec<_> = (0..fleet.servers.len()).map(|index| fleet.view(index)).collect();
    HttpResponse::Ok().json(json!({ "servers": views }))
}

async fn show(fleet: Data<Fleet>, server: Path<String>) -> Result<HttpResponse, SimError> {
    Ok(HttpResponse::Ok().json(fleet.view(index(&fleet, &server)?)))
}

async fn faults(fleet: Data<Fleet>, server: Path<String>) -> Result<HttpResponse, SimError> {
    let server = index(&fleet, &server)?;
    Ok(HttpResponse::Ok().json(json!({ "faults": fleet.faults.view(Some(server)) })))
}

async fn plant(fleet: Data<Fleet>, server: Path<String>, body: Bytes) -> Result<HttpResponse, SimError> {
    let server = index(&fleet, &server)?;
    fleet.faults.plant(Some(server), read_fault(&body)?);
    Ok(HttpResponse::Created().json(json!({ "faults": fleet.faults.view(Some(server)) })))
}

async fn clear(fleet: Data<Fleet>, server: Path<String>) -> Result<HttpResponse, SimError> {
    fleet.faults.clear(Some(index(&fleet, &server)?));
    Ok(HttpResponse::NoContent().finish())
}

async fn release(fleet: Data<Fleet>, server: Path<String>) -> Result<HttpResponse, SimError> {
    fleet.servers[index(&fleet, &server)?].holds.release();
    Ok(HttpResponse::NoContent().finish())
}

async fn faults_everywhere(fleet: Data<Fleet>) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "faults": fleet.faults.view(None) }))
}

async fn plant_everywhere(fleet: Data<Fleet>, body: Bytes) -> Result<HttpResponse, SimError> {
    fleet.faults.plant(None, read_fault(&body)?);
    Ok(HttpResponse::Created().json(json!({ "faults": fleet.faults.view(None) })))
}

async fn clear_everywhere(fleet: Data<Fleet>) -> HttpResponse {
    fleet.faults.clear(None);
    HttpResponse::NoContent().finish()
}

async fn sessions(fleet: Data<Fleet>) -> HttpResponse {
    let open: Vec<_> = fleet
        .sessions
        .views()
        .iter()
        .map(|session| {
            let (age, idle) = (session.opened_at.elapsed().as_secs(), session.used_at.elapsed().as_secs());
            json!({"id": session.id, "username": session.username, "client": session.client,
                   "age_secs": age, "idle_secs": idle})
        })
        .collect();
    HttpResponse::Ok().json(json!({"open": open, "counts": fleet.sessions.counts()}))
}

async fn expire_sessions(fleet: Data<Fleet>) -> HttpResponse {
    fleet.sessions.expire_all();
    HttpResponse::NoContent().finish()
}

/// A server by its index or by any of its ids.
fn index(fleet: &Fleet, which: &str) -> Result<usize, SimError> {
    let by_number = which.parse().ok().filter(|index| *index < fleet.servers.len());
    by_number
        .or_else(|| fleet.find_index(which))
        .ok_or_else(|| SimError::NoSuchServer { which: which.to_owned() })
}

fn read_fault(body: &Bytes) -> Result<Fault, SimError> {
    let value: Value =
        serde_json::from_slice(body).map_err(|error| SimError::Fault { what: error.to_string() })?;
    Fault::from_json(&value)
}
