//! Who may ask: session tokens and basic authentication.

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::AUTHORIZATION;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::fleet::Fleet;

/// Paths anybody may read, and the one anybody may post to (DSP0266, "Authentication requirements").
const OPEN: &[(Method, &str)] = &[
    (Method::GET, "/redfish"),
    (Method::GET, "/redfish/v1"),
    (Method::GET, "/redfish/v1/odata"),
    (Method::POST, "/redfish/v1/SessionService/Sessions"),
];

pub(crate) fn needs_login(method: &Method, path: &str) -> bool {
    let path = path.trim_end_matches('/');
    path.starts_with("/redfish") && !OPEN.iter().any(|(open, at)| open == method && *at == path)
}

pub(crate) fn is_authorized(fleet: &Fleet, request: &HttpRequest) -> bool {
    if let Some(token) = request.headers().get("X-Auth-Token") {
        return token.to_str().is_ok_and(|token| fleet.sessions.is_valid(token));
    }
    let Some((username, password)) = basic(request) else { return false };
    is_user(fleet, &username, &password)
}

pub(super) fn is_user(fleet: &Fleet, username: &str, password: &str) -> bool {
    username == fleet.config.username && password == fleet.config.password
}

fn basic(request: &HttpRequest) -> Option<(String, String)> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (username, password) = decoded.split_once(':')?;
    Some((username.to_owned(), password.to_owned()))
}
