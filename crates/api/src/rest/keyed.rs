//! Requests that create something and may be sent again under a key.

use super::answer::{Answer, Content};
use super::call::Call;
use super::error::Fault;
use super::route::{self, Method, Route};
use ferric_control::{Keyed, KeyedOutcome, StoredAnswer};
use serde_json::Value;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The header that holds the key.
pub(crate) const HEADER: &str = "Idempotency-Key";

/// Paths of the routes that create something.
const PATHS: [&str; 11] = [
    "nodes",
    "ports",
    "portgroups",
    "chassis",
    "allocations",
    "deploy_templates",
    "runbooks",
    "inspection_rules",
    "volume/connectors",
    "volume/targets",
    "bulk",
];

/// Whether requests to a route may carry a key; other routes take no notice of it.
pub(crate) fn takes_key(route: &Route) -> bool {
    route.method == Method::Post && PATHS.contains(&route.path)
}

/// Carries a request out, once for its key if it has one.
pub(crate) async fn serve(
    route: &'static Route,
    key: Option<String>,
    mut call: Call,
) -> Result<Answer, Fault> {
    let Some(key) = key.filter(|_| takes_key(route)) else { return (route.handler)(call).await };
    let (app, context) = (std::sync::Arc::clone(&call.app), call.context.clone());
    let (identity, since) = match app.control.begin_keyed(&context, &key, &digest(route, &call)).await? {
        Keyed::Answered(StoredAnswer { status, location, body }) => {
            let content = body.map_or(Content::None, |body| Content::Json(body.into_bytes()));
            return Ok(Answer { status, location, content });
        }
        Keyed::New(identity) => (identity, None),
        Keyed::Left(identity, since) => (identity, Some(since)),
    };
    call.context.identity = Some(identity);
    let own = call.document.get("uuid").and_then(Value::as_str).map(str::to_owned);
    let reading =
        since.map(|since| (since, call.reading(route, &own.unwrap_or_else(|| identity.to_string()))));
    let mut answered = (route.handler)(call).await;
    let taken = matches!(&answered, Err(fault) if fault.status == 409);
    if let Some((since, reading)) = reading.filter(|_| taken)
        && let Some(created) = created_before(route, since, reading?).await?
    {
        answered = Ok(created);
    }
    let outcome = outcome(&answered);
    app.control.end_keyed(&context, &key, &outcome).await;
    answered
}

/// What is asked: the same request in another microversion is answered in another form, so that it is another one.
fn digest(route: &Route, call: &Call) -> String {
    let asked = format!("{} {} {}", route.path, call.version, call.document);
    Sha256::digest(asked).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn outcome(answered: &Result<Answer, Fault>) -> KeyedOutcome {
    match answered {
        Ok(answer) => {
            let body = match &answer.content {
                Content::Json(body) => Some(String::from_utf8_lossy(body).into_owned()),
                Content::None | Content::Pieces(_) | Content::Events(_) => None,
            };
            let (status, location) = (answer.status, answer.location.clone());
            KeyedOutcome::Done(StoredAnswer { status, location, body })
        }
        Err(fault) if fault.status < 500 => KeyedOutcome::Refused,
        Err(_) => KeyedOutcome::Unknown,
    }
}

/// The answer to a request whose work was done before somebody could say so: what it was to create is there, made since
/// the request first came.
async fn created_before(
    route: &Route,
    since: OffsetDateTime,
    (show, call): (&'static Route, Call),
) -> Result<Option<Answer>, Fault> {
    let location = call.url(&format!("{}/{}", route.path, call.params.first().map_or("", |row| &row.1)));
    let body = match (show.handler)(call).await {
        Ok(Answer { content: Content::Json(body), .. }) => body,
        Ok(_) | Err(_) => return Ok(None),
    };
    let shown: Value = serde_json::from_slice(&body)?;
    let created_at = shown["created_at"].as_str().and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
    if created_at.is_none_or(|at| at < since) {
        return Ok(None);
    }
    let status = if route.path == "bulk" { 202 } else { 201 };
    Ok(Some(Answer { status, ..Answer::created(location, body) }))
}

impl Call {
    /// The request that shows what this one creates as `ident`.
    fn reading(&self, route: &Route, ident: &str) -> Result<(&'static Route, Call), Fault> {
        let parts: Vec<String> = route.path.split('/').chain([ident]).map(str::to_owned).collect();
        let (show, params) = route::find(super::ROUTES, Some(Method::Get), &parts, self.version)?;
        let call = Call {
            app: std::sync::Arc::clone(&self.app),
            method: Method::Get,
            version: self.version,
            context: self.context.clone(),
            base: self.base.clone(),
            params,
            args: super::args::Args::default(),
            document: Value::Null,
            json_suffix: false,
        };
        Ok((show, call))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rest::ROUTES;

    #[test]
    fn every_path_creates_and_shows() {
        let routes = || ROUTES.iter().flat_map(|table| table.iter());
        for path in PATHS {
            assert!(routes().any(|route| takes_key(route) && route.path == path), "{path}");
            let shows = |route: &Route| {
                let below = route.path.strip_prefix(path).and_then(|rest| rest.strip_prefix("/{"));
                route.method == Method::Get && below.is_some_and(|name| !name.contains('/'))
            };
            assert!(routes().any(shows), "{path}");
        }
    }
}
