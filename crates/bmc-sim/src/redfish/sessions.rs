//! SessionService and its sessions.

use actix_web::HttpResponse;
use actix_web::http::header::{LOCATION, USER_AGENT};
use actix_web::web::{Bytes, Path};
use serde_json::{Value, json};

use super::answer::{Answer, Ask, collection, done, healthy, link, object};
use super::refusal::Refusal;
use super::{login, message};
use crate::clock;
use crate::session::{Opener, Session};

const SESSIONS: &str = "/redfish/v1/SessionService/Sessions";

pub(super) async fn service(ask: Ask) -> Answer {
    ask.resource(json!({
        "@odata.id": "/redfish/v1/SessionService",
        "@odata.type": "#SessionService.v1_1_9.SessionService",
        "Id": "SessionService",
        "Name": "Session service",
        "ServiceEnabled": true,
        "SessionTimeout": ask.fleet.sessions.timeout().as_secs(),
        "Status": healthy(),
        "Sessions": link(SESSIONS),
    }))
}

pub(super) async fn list(ask: Ask) -> Answer {
    let members = ask.fleet.sessions.ids().iter().map(|id| format!("{SESSIONS}/{id}")).collect();
    ask.resource(collection(SESSIONS, "SessionCollection", "Sessions", members))
}

pub(super) async fn open(ask: Ask, body: Bytes) -> Answer {
    let body = object(&body)?;
    let field = |name: &str| {
        body.get(name)
            .and_then(Value::as_str)
            .ok_or_else(|| Refusal::new(&message::MISSING_PARAMETER, &["Sessions.Post", name]))
    };
    let (username, password) = (field("UserName")?, field("Password")?);
    if !login::is_user(&ask.fleet, username, password) {
        return Err(Refusal::unauthorized());
    }
    let opener = Opener {
        username,
        client: ask.request.headers().get(USER_AGENT).and_then(|client| client.to_str().ok()),
        address: ask.request.peer_addr().map(|address| address.ip().to_string()),
    };
    let login = ask
        .fleet
        .sessions
        .open(&opener, clock::now())
        .ok_or_else(|| Refusal::new(&message::SESSION_LIMIT, &[]))?;
    Ok(HttpResponse::Created()
        .insert_header(("OData-Version", "4.0"))
        .insert_header((LOCATION, format!("{SESSIONS}/{}", login.id)))
        .insert_header(("X-Auth-Token", login.token))
        .json(render(&login.id, &login.session)))
}

pub(super) async fn show(ask: Ask, id: Path<String>) -> Answer {
    let session = ask.fleet.sessions.find(&id).ok_or_else(|| Refusal::missing(ask.request.path()))?;
    ask.resource(render(&id, &session))
}

pub(super) async fn close(ask: Ask, id: Path<String>) -> Answer {
    if ask.fleet.sessions.close(&id) { Ok(done()) } else { Err(Refusal::missing(ask.request.path())) }
}

fn render(id: &str, session: &Session) -> Value {
    let mut shown = json!({
        "@odata.id": format!("{SESSIONS}/{id}"),
        "@odata.type": "#Session.v1_7_0.Session",
        "Id": id,
        "Name": "User session",
        "UserName": session.username,
        "CreatedTime": session.created_at,
    });
    if let Some(address) = &session.address {
        shown["ClientOriginIPAddress"] = json!(address);
    }
    shown
}
