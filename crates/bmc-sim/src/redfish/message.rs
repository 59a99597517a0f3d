//! The messages this service uses, as rows of the Base message registry (DSP8011).

use actix_web::http::StatusCode;
use serde_json::{Value, json};

/// The registry version of the ids below.
const REGISTRY: &str = "Base.1.18";

/// One kind of message; `%1`, `%2` stand for arguments.
#[derive(Debug)]
pub(crate) struct Message {
    id: &'static str,
    pub status: StatusCode,
    severity: &'static str,
    text: &'static str,
    resolution: &'static str,
}

macro_rules! messages {
    ($($name:ident = $id:literal, $status:ident, $severity:literal, $text:literal, $resolution:literal;)+) => {
        $(pub(crate) const $name: Message = Message {
            id: $id,
            status: StatusCode::$status,
            severity: $severity,
            text: $text,
            resolution: $resolution,
        };)+
    };
}

messages! {
    GENERAL = "GeneralError", INTERNAL_SERVER_ERROR, "Critical", "%1", "Look at the service's log.";
    BAD_JSON = "MalformedJSON", BAD_REQUEST, "Critical", "The body of the request is not valid JSON.",
        "Correct the body and send it again.";
    NO_CREDENTIALS = "NoValidSession", UNAUTHORIZED, "Critical", "There is no valid session or credential.",
        "Log in and send the request again.";
    SESSION_LIMIT = "SessionLimitExceeded", SERVICE_UNAVAILABLE, "Critical", "Too many sessions are open.",
        "Close a session first.";
    NOT_FOUND = "ResourceMissingAtURI", NOT_FOUND, "Critical", "There is no resource at %1.",
        "Follow links from the service root.";
    METHOD = "OperationNotAllowed", METHOD_NOT_ALLOWED, "Critical", "%1 is not allowed on this resource.",
        "Use a method from the Allow header.";
    PRECONDITION = "PreconditionFailed", PRECONDITION_FAILED, "Critical",
        "The ETag does not match the resource any more.", "Read the resource again, then repeat the request.";
    QUERY = "QueryNotSupported", NOT_IMPLEMENTED, "Warning", "The query parameter %1 is not supported.",
        "Leave it out.";
    UNKNOWN_PROPERTY = "PropertyUnknown", BAD_REQUEST, "Warning", "The property %1 is not known here.",
        "Leave it out.";
    READ_ONLY = "PropertyNotWritable", BAD_REQUEST, "Warning", "The property %1 cannot be written.",
        "Leave it out.";
    WRONG_TYPE = "PropertyValueTypeError", BAD_REQUEST, "Warning", "The value %1 of %2 has the wrong type.",
        "Send a value of the right type.";
    NOT_IN_LIST = "PropertyValueNotInList", BAD_REQUEST, "Warning",
        "The value %1 of %2 is not among the allowed ones.", "Choose one of the allowed values.";
    MISSING_PARAMETER = "ActionParameterMissing", BAD_REQUEST, "Critical", "The action %1 needs the parameter %2.",
        "Send the parameter.";
    UNKNOWN_PARAMETER = "ActionParameterUnknown", BAD_REQUEST, "Warning", "The action %1 has no parameter %2.",
        "Leave it out.";
    PARAMETER_TYPE = "ActionParameterValueTypeError", BAD_REQUEST, "Critical",
        "The value %1 of the parameter %2 has the wrong type.", "Send a value of the right type.";
    PARAMETER_VALUE = "ActionParameterValueNotInList", BAD_REQUEST, "Critical",
        "The value %1 of the parameter %2 is not among the allowed ones.", "Choose one of the allowed values.";
    STANDBY = "ResourceInStandby", CONFLICT, "Critical", "The resource cannot do this while its power state is %1.",
        "Change its power state first.";
    IN_USE = "ResourceInUse", CONFLICT, "Warning", "The resource is in use: %1.", "Free it first.";
    UNREACHABLE = "CouldNotEstablishConnection", BAD_REQUEST, "Critical", "The image at %1 cannot be read: %2.",
        "Check the URL and that the service can reach it.";
}

impl Message {
    pub(super) fn text(&self, args: &[String]) -> String {
        args.iter()
            .enumerate()
            .fold(self.text.to_owned(), |text, (at, arg)| text.replace(&format!("%{}", at + 1), arg))
    }

    pub(super) fn code(&self) -> String {
        format!("{REGISTRY}.{}", self.id)
    }

    /// The message as an item of `@Message.ExtendedInfo`.
    pub(super) fn info(&self, args: &[String], properties: &[String]) -> Value {
        let mut info = json!({
            "@odata.type": "#Message.v1_1_2.Message",
            "MessageId": self.code(),
            "Message": self.text(args),
            "MessageArgs": args,
            "Severity": self.severity,
            "MessageSeverity": self.severity,
            "Resolution": self.resolution,
        });
        if !properties.is_empty() {
            info["RelatedProperties"] = json!(properties);
        }
        info
    }
}
