//! What handlers get and give: the server a request is about, resource bodies with ETags, preconditions.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{ETAG, IF_MATCH, IF_NONE_MATCH};
use actix_web::web::{Bytes, Data};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use serde_json::{Map, Value, json};

use super::message;
use super::refusal::Refusal;
use crate::digest::sha256_hex;
use crate::fault::{FaultKind, Subject};
use crate::fleet::{Fleet, Server};
use crate::hold;
use crate::identity::Identity;
use crate::model::HardwareModel;

pub(super) type Answer = Result<HttpResponse, Refusal>;

/// A request to the service as a whole.
pub(super) struct Ask {
    pub fleet: Arc<Fleet>,
    pub request: HttpRequest,
}

/// A request about one server, found by the `{id}` in its path.
pub(super) struct About {
    pub fleet: Arc<Fleet>,
    pub index: usize,
    pub request: HttpRequest,
}

impl FromRequest for Ask {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let fleet = request.app_data::<Data<Fleet>>().map(|data| Arc::clone(data));
        ready(match fleet {
            Some(fleet) => Ok(Self { fleet, request: request.clone() }),
            None => Err(Refusal::missing(request.path())),
        })
    }
}

impl FromRequest for About {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let found = Ask::from_request(request, payload).into_inner().and_then(|Ask { fleet, request }| {
            let index = request.match_info().get("id").and_then(|id| fleet.find_index(id));
            // The index knows ids of all kinds; the path must be of the kind the id is of.
            let of_kind = |index: &usize| {
                let identity = &fleet.servers[*index].identity;
                [identity.system_path(), identity.manager_path(), identity.chassis_path()]
                    .iter()
                    .any(|prefix| request.path().starts_with(prefix.as_str()))
            };
            match index.filter(of_kind) {
                Some(index) => Ok(Self { fleet, index, request }),
                None => Err(Refusal::missing(request.path())),
            }
        });
        ready(found)
    }
}

impl Ask {
    pub(super) fn resource(&self, body: Value) -> Answer {
        Ok(respond(&self.request, body, false))
    }
}

impl About {
    pub(super) fn server(&self) -> &Server {
        &self.fleet.servers[self.index]
    }

    pub(super) fn identity(&self) -> &Identity {
        &self.server().identity
    }

    pub(super) fn model(&self) -> &'static HardwareModel {
        self.server().model
    }

    /// A path variable other than the server's id.
    pub(super) fn variable(&self, name: &str) -> &str {
        self.request.match_info().get(name).unwrap_or_default()
    }

    pub(super) fn missing(&self) -> Refusal {
        Refusal::missing(self.request.path())
    }

    /// Uses up a fault planted for this request; `names` are further targets that mean it.
    pub(super) fn take_fault(
        &self,
        names: &[&str],
        wanted: impl Fn(&FaultKind) -> bool,
    ) -> Option<FaultKind> {
        let subject = Subject { method: self.request.method().as_str(), path: self.request.path(), names };
        self.fleet.faults.take(Some(self.index), &subject, wanted)
    }

    /// Keeps the request if that was planted under one of these names; false when its client has left.
    pub(super) async fn pass(&self, names: &[&str], after: bool) -> bool {
        hold::pass_named(&self.fleet, self.index, &self.request, names, after).await
    }

    /// Answers with a resource and its ETag.
    pub(super) fn resource(&self, body: Value) -> Answer {
        let stale = self.request.method() == Method::GET
            && self.take_fault(&[], |kind| *kind == FaultKind::WrongEtag).is_some();
        Ok(respond(&self.request, body, stale))
    }

    /// Refuses a change whose `If-Match` does not name the resource as it is now.
    pub(super) fn check_precondition(&self, current: &Value) -> Result<(), Refusal> {
        let Some(wanted) = self.request.headers().get(IF_MATCH).and_then(|value| value.to_str().ok()) else {
            return Ok(());
        };
        let forced = self.take_fault(&[], |kind| *kind == FaultKind::WrongEtag).is_some();
        let etag = etag(current);
        let matches = wanted.split(',').map(str::trim).any(|one| one == "*" || opaque(one) == opaque(&etag));
        if forced || !matches {
            return Err(Refusal::new(&message::PRECONDITION, &[]));
        }
        Ok(())
    }
}

/// Answers a change that has no body to show; the ETag is that of the resource afterwards.
pub(super) fn changed(after: &Value) -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header(("OData-Version", "4.0"))
        .insert_header((ETAG, etag(after)))
        .finish()
}

/// Answers an action that is done.
pub(super) fn done() -> HttpResponse {
    HttpResponse::NoContent().insert_header(("OData-Version", "4.0")).finish()
}

/// A collection resource.
pub(super) fn collection(path: &str, kind: &str, name: &str, members: Vec<String>) -> Value {
    json!({
        "@odata.id": path,
        "@odata.type": format!("#{kind}.{kind}"),
        "Name": name,
        "Members@odata.count": members.len(),
        "Members": members.iter().map(|member| link(member)).collect::<Vec<_>>(),
    })
}

pub(super) fn link(path: &str) -> Value {
    json!({ "@odata.id": path })
}

pub(super) fn healthy() -> Value {
    json!({"State": "Enabled", "Health": "OK", "HealthRollup": "OK"})
}

/// Reads a request's body, which must be an object; no body is an empty one.
pub(super) fn object(body: &Bytes) -> Result<Map<String, Value>, Refusal> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) | Err(_) => Err(Refusal::new(&message::BAD_JSON, &[])),
    }
}

fn respond(request: &HttpRequest, mut body: Value, stale: bool) -> HttpResponse {
    let etag = if stale { "W/\"stale\"".to_owned() } else { etag(&body) };
    let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|one| opaque(one.trim()) == opaque(&etag))) {
        return HttpResponse::NotModified().insert_header((ETAG, etag)).finish();
    }
    body["@odata.etag"] = json!(etag);
    HttpResponse::Ok()
        .insert_header(("OData-Version", "4.0"))
        .insert_header(("Cache-Control", "no-cache"))
        .insert_header((ETAG, etag))
        .json(body)
}

fn etag(body: &Value) -> String {
    format!("W/\"{}\"", &sha256_hex(body.to_string().as_bytes())[..16])
}

fn opaque(etag: &str) -> &str {
    etag.strip_prefix("W/").unwrap_or(etag)
}
