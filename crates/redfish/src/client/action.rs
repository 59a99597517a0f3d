//! Changes: actions and patches. Nothing here is ever repeated while it is unknown whether it was carried out; the
//! caller looks at the state and decides ([`super::RedfishError::may_have_acted`]).

use super::bmc::Bmc;
use super::error::{Request, Result};
use super::get::Tries;
use super::json;
use super::reply::{Call, Reply, Verb};
use reqwest::StatusCode;
use serde_json::Value;

/// A change that the BMC took on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// What was asked.
    pub(super) request: Request,
    /// Where its task is followed, if it became one.
    pub(super) monitor: Option<String>,
    /// The resource that was made, if one was.
    pub(super) made: Option<String>,
}

impl Accepted {
    /// Where its task is followed, for whoever goes on with it later ([`Bmc::remembered`]).
    pub fn monitor(&self) -> Option<&str> {
        self.monitor.as_deref()
    }

    /// The path of the resource that was made, as the BMC says.
    pub fn made(&self) -> Option<&str> {
        self.made.as_deref()
    }

    /// Whether the change goes on after the answer.
    pub const fn is_task(&self) -> bool {
        self.monitor.is_some()
    }
}

impl Bmc {
    /// Runs the action at `target`, which was found in a resource. Any answer of success counts, whatever its body:
    /// some firmware sends a web page. What the BMC says on refusal is freed of `hide`.
    pub async fn post(&self, target: &str, body: &Value, hide: &[&str]) -> Result<Accepted> {
        let call = Call::post(target, body, hide);
        let reply = self.change(&call).await?;
        self.accepted(&call, &reply, hide)
    }

    /// Changes properties of the resource at `path`, guarded by its entity tag where it has one. A tag that is refused
    /// is read again once.
    pub async fn patch(
        &self,
        path: &str,
        etag: Option<&str>,
        body: &Value,
        hide: &[&str],
    ) -> Result<Accepted> {
        let mut call = Call { verb: Verb::Patch, path, body: Some(body), if_match: etag, hide };
        let mut reply = self.change(&call).await?;
        if reply.status == StatusCode::PRECONDITION_FAILED {
            let read = self.get(path).await?.etag;
            // Some firmware gives out weak tags and compares with strong ones.
            let fresh = match (etag, read.as_deref()) {
                (Some(refused), Some(read)) if refused == read => read.strip_prefix("W/"),
                (_, read) => read,
            };
            call.if_match = fresh;
            reply = self.change(&call).await?;
            return self.accepted(&call, &reply, hide);
        }
        self.accepted(&call, &reply, hide)
    }

    /// Deletes the resource at `path`. Where there is none any more, nothing is left to be done.
    pub async fn delete(&self, path: &str) -> Result<Accepted> {
        let call = Call { verb: Verb::Delete, path, body: None, if_match: None };
        let reply = self.change(&call).await?;
        if matches!(reply.status, StatusCode::NOT_FOUND | StatusCode::GONE) {
            return Ok(Accepted { request: self.request(&call), monitor: None, made: None });
        }
        self.accepted(&call, &reply, &[])
    }

    /// A change that was accepted earlier and is followed at `monitor`, if it became a task; `path` is what was changed.
    pub fn remembered(&self, path: &str, monitor: Option<&str>) -> Accepted {
        let request = self.request(&Call { verb: Verb::Post, path, body: None, if_match: None });
        Accepted { request, monitor: monitor.map(str::to_owned), made: None }
    }

    /// Sends a change; only one that surely did not arrive is sent again.
    async fn change(&self, call: &Call<'_>) -> Result<Reply> {
        let mut tries = Tries::new(&self.config);
        loop {
            match self.authorized(call).await {
                Err(error) if error.retryable() && !error.may_have_acted() => {
                    if !tries.another().await {
                        return Err(error);
                    }
                }
                result => return result,
            }
        }
    }

    fn accepted(&self, call: &Call<'_>, reply: &Reply, hide: &[&str]) -> Result<Accepted> {
        if !reply.status.is_success() {
            return Err(self.refused(call, reply, hide));
        }
        let monitor = if reply.status == StatusCode::ACCEPTED { task_of(reply) } else { None };
        let made = reply.location().filter(|_| reply.status == StatusCode::CREATED).map(str::to_owned);
        Ok(Accepted { request: self.request(call), monitor, made })
    }
}

/// Where the task of an answer is followed: its `Location`, else what its body says.
fn task_of(reply: &Reply) -> Option<String> {
    if let Some(location) = reply.location() {
        return Some(location.to_owned());
    }
    let body = reply.json()?;
    let is_task = json::text(&body, &["@odata.type"]).is_some_and(|kind| kind.starts_with("#Task."))
        || json::text(&body, &["TaskState"]).is_some();
    json::link(&body, &["TaskMonitor"])
        .or_else(|| json::link(&body, &[]).filter(|_| is_task))
        .map(str::to_owned)
}
