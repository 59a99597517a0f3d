//! Troubles: noting what goes wrong during a task without ending it, so that a later failure can name its cause.

use crate::control::Control;
use crate::error::ControlError;
use ferric_db::{Conn, DbError, troubles};
use ferric_model::failure::Trouble;
use ferric_model::report::Failure;
use time::OffsetDateTime;
use uuid::Uuid;

/// What a failure of one task is to the task that cleans up after it.
pub(crate) fn trouble_of(failure: &Failure, now: OffsetDateTime) -> Trouble {
    match &failure.cause {
        Some(cause) => Trouble::clone(cause),
        None => Trouble::new(&failure.code, failure.summary.clone(), now).said(failure.evidence.clone()),
    }
}

impl Control {
    /// Notes that something went wrong during a task that goes on; seen again, it is counted. `code` is a row of
    /// [`ferric_model::failure::CODES`], and no text may hold a secret. A note that cannot be taken is logged and lost:
    /// whoever notes has something better to do.
    pub async fn note_trouble(&self, task: Uuid, code: &str, summary: &str, evidence: Option<&str>) {
        let trouble = Trouble::new(code, summary, self.now()).said(evidence.map(str::to_owned));
        let noted: Result<(), DbError> = self
            .store()
            .write("note trouble", async |conn: &mut Conn| troubles::note(conn, task, &trouble).await)
            .await;
        match noted {
            Ok(()) => tracing::info!(task.id = %task, code, summary, evidence, "trouble"),
            Err(error) => {
                tracing::warn!(task.id = %task, code, summary, %error, "a trouble could not be noted")
            }
        }
    }

    /// What went wrong during a task so far.
    pub(crate) async fn troubles_of(&self, task: Uuid) -> Result<Vec<Trouble>, ControlError> {
        let list = async |conn: &mut Conn| troubles::list(conn, task).await;
        self.store().read(list).await.map_err(ControlError::Database)
    }
}
