//! What the bus has put aside: envelopes that nobody could read, or that came back too often.
//!
//! The envelope of a task is not the task: it is sent again, and history tells. What drives conductors away each time is
//! given up like what kills them.

use super::relay::jittered;
use crate::control::Control;
use crate::error::ControlError;
use ferric_bus::v1::action_envelope::Work;
use ferric_bus::{BusError, DELIVERY_LIMIT, Delivery};
use ferric_db::{Conn, tasks};
use ferric_model::failure::code;
use ferric_model::report::Failure;
use ferric_model::task::{Task, TaskState};
use futures::StreamExt;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Dead letters that are looked at together.
const PREFETCH: u16 = 8;

/// How long to wait after a bus or a database that does not answer.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

impl Control {
    /// Looks after what the bus puts aside until told to stop.
    pub async fn run_dead_letters(&self, stop: CancellationToken) {
        loop {
            match self.bus().consume_dead_letters(PREFETCH).await {
                Ok(mut letters) => loop {
                    let letter = tokio::select! {
                        () = stop.cancelled() => return,
                        letter = letters.next() => letter,
                    };
                    let Some(letter) = letter else { break };
                    if !self.take_dead_letter(letter).await {
                        // It comes back; the database may answer then.
                        break;
                    }
                },
                Err(BusError::Closed) => return,
                Err(error) => tracing::warn!(%error, "what the bus has put aside cannot be looked at yet"),
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(jittered(AFTER_FAILURE)) => {}
            }
        }
    }

    /// Looks after one dead letter; false when that cannot be done now.
    async fn take_dead_letter(&self, letter: Delivery) -> bool {
        let looked_after = match &letter.envelope {
            Ok(envelope) => match &envelope.work {
                Some(Work::Task(work)) => match work.task_id.parse() {
                    Ok(task_id) => self.envelope_lost(task_id).await,
                    Err(_) => forgotten("its task has no UUID"),
                },
                Some(Work::PowerSync(_)) => forgotten("power states are read again in the next round"),
                Some(Work::Sensors(_)) => forgotten("sensors are read again in the next round"),
                Some(Work::DriverCall(_)) => forgotten("its caller is told that it did not end in time"),
                None => forgotten("it asks for nothing"),
            },
            Err(error) => forgotten(&error.to_string()),
        };
        match looked_after {
            Ok(()) => letter.ack().await.is_ok(),
            Err(error) => {
                tracing::warn!(%error, "an envelope that was put aside could not be looked after");
                false
            }
        }
    }

    /// The envelope of this task was put aside: whatever the reason, a task that still waits for it gets another.
    pub async fn envelope_lost(&self, task_id: Uuid) -> Result<(), ControlError> {
        let find = async |conn: &mut Conn| tasks::find(conn, task_id).await;
        let Some(task) = self.store().read(find).await? else { return Ok(()) };
        if task.state != TaskState::Queued {
            return Ok(());
        }
        tracing::warn!(node.uuid = %task.node_uuid, task.id = %task.id, "its envelope was put aside");
        let event = format!(
            "No conductor could take up the {}: its envelope came back {DELIVERY_LIMIT} times or was refused; it is sent again.",
            task.action.as_str()
        );
        self.pass_on(task, event, undeliverable).await?;
        Ok(())
    }
}

fn forgotten(reason: &str) -> Result<(), ControlError> {
    tracing::error!(reason, "an envelope was put aside and is forgotten");
    Ok(())
}

fn undeliverable(task: &Task) -> Failure {
    let summary = format!("no conductor could take it up; it was put aside {} times", task.lost_leases);
    Failure::new(code::UNDELIVERABLE, task.action.as_str().replace('_', " "), summary)
}
