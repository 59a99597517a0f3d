//! Refusals and failures as Ironic's clients expect them.
//!
//! **Shape**: `{"error_message": "<text>"}` where the text is itself a JSON document, of one of two shapes.
//! Source: `contract: rest-api` section 1, "Error body".

use super::microversion::Refusal;
use actix_web::http::StatusCode;
use ferric_control::ControlError;
use serde_json::{Value, json};

/// After how long it is worth asking again when this service cannot serve now.
const RETRY_AFTER_SECS: u64 = 1;

/// A refusal or failure on its way to the caller.
#[derive(Debug)]
pub(crate) struct Fault {
    /// Status code.
    pub status: u16,
    /// Which document is sent.
    pub shape: Shape,
    /// The text for the caller.
    pub text: String,
    /// How the caller may authenticate.
    pub challenge: Option<String>,
    /// What must stay inside: for the log.
    pub inside: Option<String>,
    /// Seconds after which it is worth asking again.
    pub retry_after_secs: Option<u64>,
}

/// The form of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `{"faultcode", "faultstring", "debuginfo"}`: what a use case refused.
    Fault,
    /// `{"code", "title", "description"}`: what was refused on the way to one.
    Http,
    /// `{"faultcode", "faultstring"}` without the outer document: a body that nobody wants to read.
    Raw,
    /// `{"error": {"message", "code"}}`: a failed authentication.
    Auth,
    /// The same with a `title`: a token that is not valid.
    Token,
}

impl Fault {
    fn new(status: u16, shape: Shape, text: impl Into<String>) -> Self {
        Self { status, shape, text: text.into(), challenge: None, inside: None, retry_after_secs: None }
    }

    /// 400 from a use case.
    pub(crate) fn invalid(text: impl Into<String>) -> Self {
        Self::new(400, Shape::Fault, text)
    }

    /// 404 from a use case.
    pub(crate) fn not_found(text: impl Into<String>) -> Self {
        Self::new(404, Shape::Fault, text)
    }

    /// 403 from a use case.
    pub(crate) fn forbidden(text: impl Into<String>) -> Self {
        Self::new(403, Shape::Fault, text)
    }

    /// 406 because something is newer than the microversion of the request.
    pub(crate) fn too_new() -> Self {
        Self::new(406, Shape::Fault, "Request not acceptable.")
    }

    /// The same with the microversion that would do.
    pub(crate) fn too_new_since(minor: u16) -> Self {
        let text = format!("Request not acceptable. The minimal required API version should be 1.{minor}");
        Self::new(406, Shape::Fault, text)
    }

    /// 406 with a text of its own.
    pub(crate) fn not_acceptable(text: impl Into<String>) -> Self {
        Self::new(406, Shape::Fault, text)
    }

    /// 404 for a path that leads nowhere.
    pub(crate) fn no_route() -> Self {
        Self::new(404, Shape::Http, "")
    }

    /// 405.
    pub(crate) fn wrong_method() -> Self {
        Self::new(405, Shape::Http, "")
    }

    /// 404 or 405 for a resource that is newer than the request.
    pub(crate) fn too_early(status: u16, text: &str) -> Self {
        Self::new(status, Shape::Http, text)
    }

    /// 400 for a path that cannot be read.
    pub(crate) fn bad_path(text: impl Into<String>) -> Self {
        Self::new(400, Shape::Http, text)
    }

    /// 400 or 413 for a body that is not read at all.
    pub(crate) fn unread(status: u16, text: &str) -> Self {
        Self::new(status, Shape::Raw, text)
    }

    /// 401 for a user or a password that is not known.
    pub(crate) fn unauthenticated(text: impl Into<String>, challenge: &str) -> Self {
        Self { challenge: Some(challenge.to_owned()), ..Self::new(401, Shape::Auth, text) }
    }

    /// 400 for credentials that cannot be read.
    pub(crate) fn bad_credentials(text: impl Into<String>) -> Self {
        Self::new(400, Shape::Auth, text)
    }

    /// 401 for a token that is absent or not valid.
    pub(crate) fn no_token(challenge: String) -> Self {
        let text = "The request you have made requires authentication.";
        Self { challenge: Some(challenge), ..Self::new(401, Shape::Token, text) }
    }

    /// 503.
    pub(crate) fn unavailable(text: impl Into<String>) -> Self {
        Self::new(503, Shape::Fault, text)
    }

    /// 408 for a body that does not come in.
    pub(crate) fn too_slow() -> Self {
        Self::new(408, Shape::Http, "The request took too long to come in.")
    }

    /// 429.
    pub(crate) fn too_many(whose: &str, retry_after_secs: u64) -> Self {
        let text = format!("Too many requests {whose}, please retry after {retry_after_secs} s.");
        Self { retry_after_secs: Some(retry_after_secs), ..Self::new(429, Shape::Http, text) }
    }

    /// 503 because there is more to do than can be done.
    pub(crate) fn overloaded() -> Self {
        let text = "The service works on as many requests as it can, please retry.";
        Self { retry_after_secs: Some(RETRY_AFTER_SECS), ..Self::new(503, Shape::Http, text) }
    }

    /// 503 for an answer that is not there in time.
    pub(crate) fn unfinished() -> Self {
        Self::new(503, Shape::Http, "The request takes longer than a caller may wait. It goes on.")
    }

    /// 405 from a handler, in the words that clients know.
    pub(crate) fn malformed_method() -> Self {
        let text = "The server could not comply with the request since it is either malformed or otherwise incorrect.";
        Self::new(405, Shape::Fault, text)
    }

    /// 500 whose reason stays inside.
    pub(crate) fn internal(inside: impl std::fmt::Display) -> Self {
        let text = "internal error, the log of this service says more";
        Self { inside: Some(inside.to_string()), ..Self::new(500, Shape::Fault, text) }
    }

    /// The body.
    pub(crate) fn body(&self) -> Value {
        let code = if self.status < 500 { "Client" } else { "Server" };
        let inner = match self.shape {
            Shape::Fault => json!({"faultcode": code, "faultstring": self.text, "debuginfo": null}),
            Shape::Http => {
                let title = StatusCode::from_u16(self.status).ok().and_then(|s| s.canonical_reason());
                json!({"code": self.status, "title": title, "description": self.text})
            }
            Shape::Raw => return json!({"faultcode": code, "faultstring": self.text}),
            Shape::Auth => return json!({"error": {"message": self.text, "code": self.status}}),
            Shape::Token => {
                let title = StatusCode::from_u16(self.status).ok().and_then(|s| s.canonical_reason());
                return json!({"error": {"code": self.status, "title": title, "message": self.text}});
            }
        };
        json!({"error_message": inner.to_string()})
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        let text = match refusal {
            Refusal::Unreadable => format!("Invalid value for {} header", super::microversion::HEADER),
            Refusal::Unsupported(text) => text,
        };
        Self::new(406, Shape::Http, text)
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(error)
    }
}

impl From<ControlError> for Fault {
    fn from(error: ControlError) -> Self {
        let status = status_of(&error);
        let inside = (status >= 500).then(|| chain(&error));
        let retry_after_secs = (status == 503).then_some(RETRY_AFTER_SECS);
        Self { inside, retry_after_secs, ..Self::new(status, Shape::Fault, error.to_string()) }
    }
}

/// Which status each refusal has.
const fn status_of(error: &ControlError) -> u16 {
    match error {
        ControlError::NotFound(_) => 404,
        ControlError::Invalid(_) | ControlError::InvalidStateRequested(_) => 400,
        ControlError::Conflict(_) | ControlError::NodeLocked { .. } | ControlError::Stale(_) => 409,
        ControlError::Forbidden(_) => 403,
        ControlError::Gone(_) => 410,
        ControlError::KeyReused(_) => 422,
        ControlError::NoConductor(_)
        | ControlError::Timeout(_)
        | ControlError::Database(_)
        | ControlError::Bus(_) => 503,
        ControlError::Hardware(_) | ControlError::Internal(_) => 500,
    }
}

/// An error with everything that caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inner(fault: &Fault) -> Value {
        serde_json::from_str(fault.body()["error_message"].as_str().unwrap()).unwrap()
    }

    #[test]
    fn bodies_are_documents_in_a_string() {
        let fault = Fault::invalid("no");
        assert_eq!(inner(&fault), json!({"faultcode": "Client", "faultstring": "no", "debuginfo": null}));
        let fault = Fault::no_route();
        assert_eq!(inner(&fault), json!({"code": 404, "title": "Not Found", "description": ""}));
        assert_eq!(Fault::unread(413, "big").body(), json!({"faultcode": "Client", "faultstring": "big"}));
    }

    #[test]
    fn what_happened_inside_stays_inside() {
        let error = ControlError::internal("password=hunter2");
        let fault = Fault::from(error);
        assert_eq!(fault.status, 500);
        assert!(!fault.body().to_string().contains("hunter2"));
        assert!(fault.inside.as_deref().unwrap_or_default().contains("hunter2"));
    }

    #[test]
    fn refusals_have_the_status_that_clients_act_on() {
        let text = || "x".to_owned();
        let rows = [
            (ControlError::NotFound(text()), 404),
            (ControlError::Invalid(text()), 400),
            (ControlError::InvalidStateRequested(text()), 400),
            (ControlError::Conflict(text()), 409),
            (ControlError::NodeLocked { node: text(), host: text() }, 409),
            (ControlError::Stale(text()), 409),
            (ControlError::Forbidden(text()), 403),
            (ControlError::NoConductor(text()), 503),
            (ControlError::Timeout(text()), 503),
        ];
        for (error, status) in rows {
            assert_eq!(
                error.retryable(),
                matches!(status, 409 | 503) && !matches!(error, ControlError::Conflict(_))
            );
            let fault = Fault::from(error);
            assert_eq!((fault.status, fault.retry_after_secs), (status, (status == 503).then_some(1)));
        }
    }
}
