//! Error answers (DSP0266, "Error responses").

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use serde_json::json;

use super::message::{self, Message};

/// A request that was not carried out, and what the client is told.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    message: &'static Message,
    args: Vec<String>,
    properties: Vec<String>,
    text: Option<String>,
}

impl Refusal {
    pub(super) fn new(message: &'static Message, args: &[&str]) -> Self {
        Self {
            status: message.status,
            message,
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            properties: Vec::new(),
            text: None,
        }
    }

    /// Names the property that was wrong.
    pub(super) fn about(mut self, pointer: impl Into<String>) -> Self {
        self.properties.push(pointer.into());
        self
    }

    /// A status and a text chosen by a fault.
    pub(crate) fn told(status: u16, text: &str) -> Self {
        let mut refusal = Self::new(&message::GENERAL, &[text]);
        refusal.status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        refusal.text = Some(text.to_owned());
        refusal
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(&message::NO_CREDENTIALS, &[])
    }

    pub(super) fn missing(path: &str) -> Self {
        Self::new(&message::NOT_FOUND, &[path])
    }

    pub(crate) fn into_response(self) -> HttpResponse {
        let text = self.text.clone().unwrap_or_else(|| self.message.text(&self.args));
        let body = json!({
            "error": {
                "code": self.message.code(),
                "message": text,
                "@Message.ExtendedInfo": [self.message.info(&self.args, &self.properties)],
            }
        });
        let mut response = HttpResponse::build(self.status);
        response.insert_header(("OData-Version", "4.0"));
        if self.status == StatusCode::UNAUTHORIZED {
            response.insert_header(("WWW-Authenticate", "Basic realm=\"Redfish\""));
        }
        response.json(body)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message.text(&self.args))
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        self.clone().into_response()
    }
}

/// Answers a path no resource lives at.
pub(crate) async fn unknown_path(request: HttpRequest) -> HttpResponse {
    Refusal::missing(request.path()).into_response()
}

/// Answers a method a resource does not have.
pub(super) async fn wrong_method(request: HttpRequest) -> HttpResponse {
    Refusal::new(&message::METHOD, &[request.method().as_str()]).into_response()
}
