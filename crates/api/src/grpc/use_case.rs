//! From a message to a use case of the control plane, and back.

use super::error::status;
use ferric_control::{Control, ControlError};
use std::sync::Arc;
use tonic::Status;

/// Lets a use case run to its end even if the caller goes away (I-7).
pub(super) async fn run_to_end<T, F>(
    control: &Arc<Control>,
    work: impl FnOnce(Arc<Control>) -> F,
) -> Result<T, Status>
where
    T: Send + 'static,
    F: Future<Output = Result<T, ControlError>> + Send + 'static,
{
    match tokio::spawn(work(Arc::clone(control))).await {
        Ok(outcome) => outcome.map_err(|error| status(&error)),
        Err(error) => Err(status(&ControlError::internal(error))),
    }
}

/// A value as the JSON of a field.
pub(super) fn json<T: serde::Serialize>(value: &T) -> Result<String, Status> {
    serde_json::to_string(value).map_err(|error| status(&ControlError::internal(error)))
}
