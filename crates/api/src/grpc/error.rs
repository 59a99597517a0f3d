//! Refusals and failures of the control plane as gRPC statuses.

use ferric_control::ControlError;
use tonic::{Code, Status};

/// The status of a refusal or failure.
pub(crate) fn status(error: &ControlError) -> Status {
    let code = code(error);
    if matches!(code, Code::Internal | Code::Unavailable) {
        tracing::warn!(%error, cause = ?std::error::Error::source(error), "a gRPC call failed");
    }
    Status::new(code, error.to_string())
}

/// The refusal of a field of a message.
pub(crate) fn invalid(field: &str, reason: &dyn std::fmt::Display) -> Status {
    Status::invalid_argument(format!("the field '{field}' is not valid: {reason}"))
}

/// The code of a refusal or failure.
fn code(error: &ControlError) -> Code {
    match error {
        ControlError::NotFound(_) => Code::NotFound,
        ControlError::Invalid(_) | ControlError::KeyReused(_) => Code::InvalidArgument,
        ControlError::InvalidStateRequested(_) | ControlError::Conflict(_) => Code::FailedPrecondition,
        ControlError::Gone(_) => Code::OutOfRange,
        ControlError::NodeLocked { .. } | ControlError::Stale(_) => Code::Aborted,
        ControlError::Forbidden(_) => Code::PermissionDenied,
        ControlError::Hardware(_) => Code::Unknown,
        ControlError::Timeout(_) => Code::DeadlineExceeded,
        ControlError::NoConductor(_) | ControlError::Database(_) | ControlError::Bus(_) => Code::Unavailable,
        ControlError::Internal(_) => Code::Internal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_caller_can_cure_by_waiting_is_told_apart() {
        let cases = [
            (ControlError::NotFound("x".into()), Code::NotFound),
            (ControlError::NodeLocked { node: "n".into(), host: "h".into() }, Code::Aborted),
            (ControlError::NoConductor("x".into()), Code::Unavailable),
            (ControlError::Invalid("x".into()), Code::InvalidArgument),
            (ControlError::internal("secret"), Code::Internal),
        ];
        for (error, expected) in cases {
            let status = status(&error);
            assert_eq!(status.code(), expected);
            assert!(!status.message().contains("secret"));
        }
    }
}
