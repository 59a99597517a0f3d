//! Follows a task of the BMC to its end.
//!
//! Source: DSP0266 clause 12.2 (asynchronous operations), Task schema.

use super::action::Accepted;
use super::bmc::Bmc;
use super::error::{RedfishError, Result};
use super::json;
use super::pace::Pace;
use super::reply::{Call, Reply};
use super::said::Said;
use serde_json::Value;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How far a task is.
#[derive(Debug, PartialEq, Eq)]
enum Stage {
    Running(Option<String>),
    Ended,
    Failed { state: String, said: Said },
}

/// What one look at a task shows of one that did not fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskLook {
    /// It runs.
    Running {
        /// Its `TaskState`, where the BMC tells.
        state: Option<String>,
        /// How long the BMC asks to be left alone.
        pause: Option<Duration>,
    },
    /// It ended well, or nobody knows any more how.
    Ended,
}

impl Bmc {
    /// Waits until an accepted change has ended, at most `within`.
    ///
    /// A monitor that is gone says that the task has ended and no longer how: the caller looks at the state.
    ///
    /// **Errors**: [`RedfishError::TaskFailed`], [`RedfishError::TaskTimeout`], and why the task cannot be followed.
    pub async fn settle(&self, accepted: &Accepted, within: Duration, hide: &[&str]) -> Result<()> {
        let deadline = Instant::now() + within;
        let mut pace = Pace::of_looks(&self.config);
        loop {
            let mut asked = None;
            match self.look_at_task(accepted, hide).await {
                Ok(TaskLook::Ended) => return Ok(()),
                Ok(TaskLook::Running { pause, .. }) => asked = pause,
                Err(error) if error.retryable() => {}
                Err(error) => return Err(error),
            }
            if Instant::now() >= deadline {
                return Err(RedfishError::TaskTimeout { request: accepted.request.clone(), after: within });
            }
            let pause = asked.unwrap_or_default().max(pace.next_pause());
            sleep(pause.min(deadline.saturating_duration_since(Instant::now()))).await;
        }
    }

    /// Looks once at the task of an accepted change; one without a task has ended.
    ///
    /// **Errors**: [`RedfishError::TaskFailed`], and why the task cannot be looked at; a BMC that restarts with its new
    /// firmware is unreachable for a while.
    pub async fn look_at_task(&self, accepted: &Accepted, hide: &[&str]) -> Result<TaskLook> {
        let Some(monitor) = &accepted.monitor else { return Ok(TaskLook::Ended) };
        let call = Call::get(monitor);
        let reply = self.authorized(&call).await?;
        match stage(&reply) {
            Some(Stage::Running(state)) => {
                let pause = reply.retry_after(Duration::from_millis(self.config.poll_longest_ms));
                Ok(TaskLook::Running { state, pause })
            }
            Some(Stage::Ended) => Ok(TaskLook::Ended),
            Some(Stage::Failed { state, said }) => Err(RedfishError::TaskFailed {
                request: accepted.request.clone(),
                state,
                said: Box::new(said.without(hide)),
            }),
            None => Err(self.refused(&call, &reply, hide)),
        }
    }
}

/// What an answer of a monitor says; none for a refusal.
fn stage(reply: &Reply) -> Option<Stage> {
    match reply.status.as_u16() {
        202 => return Some(reply.json().as_ref().map_or(Stage::Running(None), stage_of_task)),
        404 | 410 => return Some(Stage::Ended),
        200..=299 => {}
        _ => return None,
    }
    // The monitor of an ended task answers what the operation itself would have; only a task has a state.
    Some(
        reply
            .json()
            .filter(|body| body.get("TaskState").is_some())
            .map_or(Stage::Ended, |body| stage_of_task(&body)),
    )
}

fn stage_of_task(task: &Value) -> Stage {
    let failed = |state: &str| Stage::Failed {
        state: state.to_owned(),
        said: Said::in_messages(json::list(task, &["Messages"])),
    };
    match json::text(task, &["TaskState"]) {
        Some("Completed") => match json::text(task, &["TaskStatus"]) {
            Some("Critical") => failed("Completed, Critical"),
            _ => Stage::Ended,
        },
        Some(state @ ("Exception" | "Killed" | "Cancelled" | "Interrupted")) => failed(state),
        state => Stage::Running(state.map(str::to_owned)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Stage, stage};
    use crate::client::reply::Reply;
    use reqwest::StatusCode;
    use reqwest::header::HeaderMap;

    fn answer(status: u16, body: &str) -> Option<Stage> {
        let status = StatusCode::from_u16(status).unwrap();
        stage(&Reply { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() })
    }

    #[test]
    fn monitors_are_understood() {
        for (status, body, expected) in [
            (202, "", Some(Stage::Running(None))),
            (202, "<html>", Some(Stage::Running(None))),
            (202, r#"{"TaskState":"Completed"}"#, Some(Stage::Ended)),
            (200, r#"{"TaskState":"Running"}"#, Some(Stage::Running(Some("Running".to_owned())))),
            (200, r#"{"TaskState":"Completed","TaskStatus":"OK"}"#, Some(Stage::Ended)),
            (200, r#"{"error":{}}"#, Some(Stage::Ended)),
            (204, "", Some(Stage::Ended)),
            (404, "", Some(Stage::Ended)),
            (400, "", None),
            (503, "", None),
        ] {
            assert_eq!(answer(status, body), expected, "{status} {body}");
        }
        let failed =
            answer(200, r#"{"TaskState":"Exception","Messages":[{"MessageId":"X.1","Message":"no"}]}"#);
        let Some(Stage::Failed { state, said }) = failed else { panic!("{failed:?}") };
        assert_eq!((state.as_str(), said.text.as_str()), ("Exception", "X.1: no"));
    }
}
