//! The way of every request: identity, version, route, body, use case, answer.

use super::answer::{Answer, Content};
use super::app::App;
use super::args::{Args, parse_query};
use super::authn::Caller;
use super::body;
use super::call::Call;
use super::error::{Fault, Shape};
use super::keyed;
use super::microversion::{HEADER, MAXIMUM_HEADER, MINIMUM_HEADER, Microversion, Refusal};
use super::nul;
use super::root;
use super::route::{self, Body, Method};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::http::{Method as HttpMethod, StatusCode};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use ferric_control::{RequestContext, in_request};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// What is known of a request before its answer: the headers of the answer.
#[derive(Debug, Default)]
struct Envelope {
    request_id: String,
    /// Whether a version could be read, so that the range is told.
    tells_range: bool,
    /// The version agreed on.
    version: Option<Microversion>,
}

/// Serves everything that is not health or boot.
pub(crate) async fn serve(request: HttpRequest, payload: web::Payload, app: web::Data<App>) -> HttpResponse {
    if request.method() == HttpMethod::OPTIONS {
        return HttpResponse::Ok().finish();
    }
    let mut envelope = Envelope { request_id: format!("req-{}", Uuid::new_v4()), ..Envelope::default() };
    let result = handle(&request, payload, app.into_inner(), &mut envelope).await;
    match result {
        Ok(answer) => envelope.answer(answer),
        Err(fault) => envelope.refuse(&fault, request.path()),
    }
}

async fn handle(
    request: &HttpRequest,
    payload: web::Payload,
    app: Arc<App>,
    envelope: &mut Envelope,
) -> Result<Answer, Fault> {
    let (path, json_suffix) = cut_suffix(request);
    let parts = parts(path);
    let below: &[String] = if parts.first().is_some_and(|part| part == "v1") { &parts[1..] } else { &parts };
    app.rates.check_address(request, app.control.clock().now()).await?;
    let body = body::read(request, payload, &app.config).await?;
    let caller =
        Caller { method: request.method().as_str(), path: request.path(), headers: request.headers() };
    let actor = app.authn.recognize(below, &caller).await?;
    app.rates.check_actor(&actor, app.control.clock().now()).await?;
    let version = match Microversion::negotiate(request.headers()) {
        Ok(version) => version,
        Err(refusal) => {
            envelope.tells_range = matches!(refusal, Refusal::Unsupported(_));
            return Err(refusal.into());
        }
    };
    envelope.tells_range = true;
    envelope.version = Some(version);
    let head = request.method() == HttpMethod::HEAD;
    let base = base(request, &app.config.public_url);
    if parts.is_empty() && (head || request.method() == HttpMethod::GET) {
        return Answer::json(&root::root(&base));
    }
    let method = match request.method().as_str() {
        "HEAD" if below.is_empty() => Some(Method::Get),
        name => Method::find(name),
    };
    let found = route::find(super::ROUTES, method, below, version)?;
    let mut given = parse_query(request.query_string());
    let document = body::parse(&body, found.0.body)?;
    nul::refuse(&found, &given, &document)?;
    let (route, params) = found;
    if route.body == Body::Members {
        given.extend(
            document.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())),
        );
    }
    let key = request.headers().get(keyed::HEADER);
    let key = key.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    if app.control.is_overloaded() {
        return Err(Fault::overloaded());
    }
    let permit = app.admission.enter().await?;
    let patience = Duration::from_secs(app.config.limits.request_timeout_secs);
    let call = Call {
        app,
        method: route.method,
        version,
        context: RequestContext::new(actor, envelope.request_id.clone()),
        base,
        params,
        args: Args::check(given, route.args)?,
        document,
        json_suffix,
    };
    // A client that goes away must not take the use case with it (I-7).
    let work = tokio::spawn(in_request(async move {
        let answer = keyed::serve(route, key, call).await;
        drop(permit);
        answer
    }));
    tokio::time::timeout(patience, work).await.map_err(|_| Fault::unfinished())?.map_err(Fault::internal)?
}

/// The path without the `.json` that microversions before 1.91 allow at its end.
fn cut_suffix(request: &HttpRequest) -> (&str, bool) {
    let path = request.path().trim_end_matches('/');
    match path.strip_suffix(".json") {
        Some(cut) if Microversion::legacy_minor(request.headers()).is_some_and(|minor| minor < 91) => {
            (cut, true)
        }
        _ => (path, false),
    }
}

fn parts(path: &str) -> Vec<String> {
    let decode = |part: &str| percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned();
    path.split('/').skip(1).filter(|part| !part.is_empty()).map(decode).collect()
}

/// Base of links: what the operator set, or what the client called this host.
pub(super) fn base(request: &HttpRequest, public_url: &str) -> String {
    let set = public_url.trim_end_matches('/');
    if !set.is_empty() {
        return set.to_owned();
    }
    let connection = request.connection_info();
    format!("{}://{}", connection.scheme(), connection.host())
}

impl Envelope {
    fn answer(&self, answer: Answer) -> HttpResponse {
        let mut response = self.response(answer.status);
        if let Some(location) = answer.location {
            response.insert_header((LOCATION, location));
        }
        let json = (CONTENT_TYPE, "application/json");
        match answer.content {
            Content::None => response.finish(),
            Content::Json(body) => response.insert_header(json).body(body),
            Content::Pieces(pieces) => response.insert_header(json).body(pieces),
            Content::Events(events) => response
                .insert_header((CONTENT_TYPE, "text/event-stream"))
                .insert_header((CACHE_CONTROL, "no-store"))
                .streaming(events.0),
        }
    }

    fn refuse(&mut self, fault: &Fault, path: &str) -> HttpResponse {
        if fault.shape == Shape::Http && fault.status != 406 {
            // What is refused on the way to a use case says nothing of versions.
            (self.tells_range, self.version) = (false, None);
        }
        if let Some(inside) = &fault.inside {
            tracing::error!(
                request_id = self.request_id,
                path,
                status = fault.status,
                inside,
                "request failed"
            );
        }
        let mut response = self.response(fault.status);
        if let Some(challenge) = &fault.challenge {
            response.insert_header((WWW_AUTHENTICATE, challenge.as_str()));
        }
        if fault.status == 408 {
            // The rest of the body is not waited for.
            response.force_close();
        }
        if let Some(secs) = fault.retry_after_secs {
            response.insert_header((RETRY_AFTER, secs));
        }
        response.insert_header((CONTENT_TYPE, "application/json")).body(fault.body().to_string())
    }

    fn response(&self, status: u16) -> HttpResponseBuilder {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        response.insert_header(("OpenStack-Request-Id", self.request_id.clone()));
        response.insert_header(("X-OpenStack-Request-Id", self.request_id.clone()));
        if self.tells_range {
            response.insert_header((MINIMUM_HEADER, Microversion::OLDEST.to_string()));
            response.insert_header((MAXIMUM_HEADER, Microversion::NEWEST.to_string()));
        }
        if let Some(version) = self.version {
            response.insert_header((HEADER, version.to_string()));
        }
        response
    }
}
