//! The agent's command API, under the simulator's listener (section 5 of the protocol).

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::api::AGENT_VERSION;
use super::command::{find_command, is_extension};
use super::registry::Agent;
use crate::fleet::Fleet;
use crate::{hold, http};

#[derive(Debug, Deserialize)]
struct Asked {
    agent_token: Option<String>,
    wait: Option<String>,
}

/// Why a caller is not let in.
enum Turned {
    /// No agent lives here, so nobody answers at all.
    Nobody,
    WrongToken,
}

pub(crate) fn routes(service: &mut ServiceConfig) {
    service
        .route("/agent/{id}", web::get().to(root))
        .route("/agent/{id}/v1", web::get().to(root))
        .route("/agent/{id}/v1/status", web::get().to(status))
        .route("/agent/{id}/v1/commands", web::get().to(list))
        .route("/agent/{id}/v1/commands", web::post().to(submit))
        .route("/agent/{id}/v1/commands/{command}", web::get().to(show));
}

async fn root(request: HttpRequest, fleet: Data<Fleet>, id: Path<String>) -> HttpResponse {
    match find_agent(&fleet, &id) {
        Some(_) => {
            HttpResponse::Ok().json(json!({"name": "simulated agent", "default_version": {"id": "v1"}}))
        }
        None => http::cut(&request),
    }
}

async fn status(request: HttpRequest, fleet: Data<Fleet>, id: Path<String>) -> HttpResponse {
    match find_agent(&fleet, &id) {
        Some(agent) => {
            HttpResponse::Ok().json(json!({"started_at": agent.started_at, "version": AGENT_VERSION}))
        }
        None => http::cut(&request),
    }
}

async fn list(
    request: HttpRequest,
    fleet: Data<Fleet>,
    id: Path<String>,
    asked: Query<Asked>,
) -> HttpResponse {
    match admit(&fleet, &id, &asked) {
        Ok(agent) => HttpResponse::Ok().json(json!({ "commands": agent.records() })),
        Err(turned) => turned.answer(&request),
    }
}

async fn show(
    request: HttpRequest,
    fleet: Data<Fleet>,
    path: Path<(String, String)>,
    asked: Query<Asked>,
) -> HttpResponse {
    let (id, command) = path.into_inner();
    let agent = match admit(&fleet, &id, &asked) {
        Ok(agent) => agent,
        Err(turned) => return turned.answer(&request),
    };
    match command.parse().ok().filter(|command| agent.find_record(*command).is_some()) {
        Some(id) => answer(&request, &agent, id, &asked).await,
        None => fault(StatusCode::NOT_FOUND, "there is no such command"),
    }
}

async fn submit(
    request: HttpRequest,
    fleet: Data<Fleet>,
    id: Path<String>,
    asked: Query<Asked>,
    body: Bytes,
) -> HttpResponse {
    let agent = match admit(&fleet, &id, &asked) {
        Ok(agent) => agent,
        Err(turned) => return turned.answer(&request),
    };
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let (Some(name), Some(params @ Value::Object(_))) =
        (body.get("name").and_then(Value::as_str), body.get("params"))
    else {
        return fault(StatusCode::BAD_REQUEST, "a command needs a name and params");
    };
    let Some(command) = find_command(name) else {
        let extension = name.split('.').next().unwrap_or_default();
        return if is_extension(extension) {
            fault(StatusCode::BAD_REQUEST, &format!("unknown command {name}"))
        } else {
            fault(StatusCode::NOT_FOUND, &format!("unknown extension {extension}"))
        };
    };
    let step = params.pointer("/step/step").and_then(Value::as_str).unwrap_or_default();
    let names = [command.name, step];
    let index = agent.uptime().index;
    if !hold::pass_named(&fleet, index, &request, &names, false).await {
        return http::cut(&request);
    }
    let submitted = agent.submit(command, params.clone());
    if !hold::pass_named(&fleet, index, &request, &names, true).await {
        return http::cut(&request);
    }
    match submitted {
        Ok(id) => answer(&request, &agent, id, &asked).await,
        Err(busy) => fault(StatusCode::CONFLICT, &format!("Agent is busy: executing command {}", busy.with)),
    }
}

/// Answers with a command, after it is over if the caller wants to wait.
async fn answer(request: &HttpRequest, agent: &Agent, id: Uuid, asked: &Asked) -> HttpResponse {
    let wait = asked.wait.as_deref().is_some_and(|wait| wait.eq_ignore_ascii_case("true"));
    let record = if wait { agent.wait_for(id).await } else { agent.find_record(id) };
    match record {
        Some(record) => HttpResponse::Ok().json(record),
        None => http::cut(request),
    }
}

fn admit(fleet: &Fleet, id: &str, asked: &Asked) -> Result<Arc<Agent>, Turned> {
    let agent = find_agent(fleet, id).ok_or(Turned::Nobody)?;
    if asked.agent_token.as_deref() != Some(agent.token()) {
        return Err(Turned::WrongToken);
    }
    Ok(agent)
}

impl Turned {
    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        match self {
            Self::Nobody => http::cut(request),
            Self::WrongToken => fault(StatusCode::UNAUTHORIZED, "Token invalid."),
        }
    }
}

fn find_agent(fleet: &Fleet, id: &str) -> Option<Arc<Agent>> {
    let index = fleet.find_index(id)?;
    fleet.read(index, |live| live.activity.agent.clone())
}

fn fault(status: StatusCode, text: &str) -> HttpResponse {
    let code = if status.is_server_error() { "Server" } else { "Client" };
    HttpResponse::build(status).json(json!({"faultcode": code, "faultstring": text}))
}
