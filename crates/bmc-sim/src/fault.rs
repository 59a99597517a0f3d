//! Faults a test plants on a server, and the board that hands them out.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use crate::error::SimError;

/// What a target may begin with.
const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// One planted misbehavior.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// Where. For requests `"PATCH /Systems"`, a method and a part of the path, either may be left out; for power faults
    /// also a reset type (`"On"`); for agent faults a step or command name. Without a target the fault strikes every
    /// Redfish request (or boot, or step) of the server.
    pub target: Option<String>,
    /// How often.
    pub times: Times,
}

/// How often a fault strikes before it is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// This many times.
    Count(u32),
    /// Until it is cleared.
    Forever,
}

/// The ways a BMC or an agent misbehaves.
#[derive(Clone, Debug, PartialEq)]
pub enum FaultKind {
    /// The connection is closed without an answer; with `after`, only once the request has been carried out.
    Refuse {
        /// Carry the request out first.
        after: bool,
    },
    /// The request is taken and never answered.
    Hang,
    /// The request is kept until somebody lets it go on; with `after`, once it was carried out, but before its answer. Those
    /// whose client leaves meanwhile are not carried out any more. For requests that belong to a server.
    Hold {
        /// Carry the request out first.
        after: bool,
    },
    /// An error status with a Redfish error body; the request is not carried out.
    Status {
        /// The HTTP status.
        status: u16,
        /// The text of the error body.
        message: String,
    },
    /// The next ETag given out is stale, or the next `If-Match` is refused, whichever the target names.
    WrongEtag,
    /// A Reset, or a change of BIOS settings, is answered with success and nothing happens.
    LostPowerAction,
    /// A Reset is answered 202 with a task monitor, and takes effect when the task ends.
    SlowTask {
        /// How long the task takes; the simulator's default when absent.
        delay: Option<Duration>,
    },
    /// The request is carried out and answered 200 with an HTML page.
    HtmlAnswer,
    /// The ramdisk's kernel starts and nothing is ever heard of the agent.
    AgentNeverBoots,
    /// An in-band step or command ends in failure.
    AgentStepFails {
        /// What the agent says.
        message: String,
    },
    /// InsertMedia is refused.
    ImageRejected {
        /// The HTTP status.
        status: u16,
        /// The text of the error body.
        message: String,
    },
    /// Valid credentials are answered 401.
    WrongCredentials,
}

/// What is about to happen, as faults see it.
pub(crate) struct Subject<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub names: &'a [&'a str],
}

/// All planted faults of a simulator.
#[derive(Debug, Default)]
pub(crate) struct FaultBoard {
    planted: Mutex<Vec<Planted>>,
}

#[derive(Debug)]
struct Planted {
    /// `None`: strikes every server, and requests that belong to none.
    server: Option<usize>,
    fault: Fault,
    hits: u32,
}

impl Fault {
    /// A fault that strikes once, anywhere.
    pub fn new(kind: FaultKind) -> Self {
        Self { kind, target: None, times: Times::Count(1) }
    }

    /// Limits the fault to a target.
    #[must_use]
    pub fn on(mut self, target: impl Into<String>) -> Self {
        self.target = Some(target.into());
        self
    }

    /// Strikes this many times.
    #[must_use]
    pub fn times(mut self, count: u32) -> Self {
        self.times = Times::Count(count);
        self
    }

    /// Strikes until cleared.
    #[must_use]
    pub fn forever(mut self) -> Self {
        self.times = Times::Forever;
        self
    }

    /// Reads the control API's form: `{kind, target?, count?, params?}`.
    ///
    /// # Errors
    /// [`SimError::Fault`] names the part that is wrong.
    pub fn from_json(value: &Value) -> Result<Self, SimError> {
        let kind = value.get("kind").and_then(Value::as_str).ok_or_else(|| invalid("kind is missing"))?;
        let target = match value.get("target") {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(_) => return Err(invalid("target must be a string")),
        };
        let times = match value.get("count") {
            None | Some(Value::Null) => Times::Count(1),
            Some(Value::String(text)) if text == "forever" => Times::Forever,
            Some(count) => {
                let count = count.as_u64().and_then(|count| u32::try_from(count).ok());
                Times::Count(count.ok_or_else(|| invalid("count must be a number or \"forever\""))?)
            }
        };
        let params = value.get("params").cloned().unwrap_or_else(|| json!({}));
        Ok(Self { kind: FaultKind::from_json(kind, &params)?, target, times })
    }
}

impl FaultKind {
    /// The name the control API uses.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Refuse { .. } => "refuse",
            Self::Hang => "hang",
            Self::Hold { .. } => "hold",
            Self::Status { .. } => "status",
            Self::WrongEtag => "wrong_etag",
            Self::LostPowerAction => "lost_power_action",
            Self::SlowTask { .. } => "slow_task",
            Self::HtmlAnswer => "html_answer",
            Self::AgentNeverBoots => "agent_never_boots",
            Self::AgentStepFails { .. } => "agent_step_fails",
            Self::ImageRejected { .. } => "image_rejected",
            Self::WrongCredentials => "wrong_credentials",
        }
    }

    fn from_json(kind: &str, params: &Value) -> Result<Self, SimError> {
        let message =
            |default: &str| params.get("message").and_then(Value::as_str).unwrap_or(default).to_owned();
        let status = |default: u16| match params.get("status") {
            None => Ok(default),
            Some(value) => value
                .as_u64()
                .and_then(|status| u16::try_from(status).ok())
                .filter(|status| (400..=599).contains(status))
                .ok_or_else(|| invalid("params.status must be an error status")),
        };
        let after = params.get("after").and_then(Value::as_bool).unwrap_or(false);
        Ok(match kind {
            "refuse" => Self::Refuse { after },
            "hang" => Self::Hang,
            "hold" => Self::Hold { after },
            "wrong_etag" => Self::WrongEtag,
            "lost_power_action" => Self::LostPowerAction,
            "slow_task" => Self::SlowTask {
                delay: params.get("delay_ms").and_then(Value::as_u64).map(Duration::from_millis),
            },
            "html_answer" => Self::HtmlAnswer,
            "agent_never_boots" => Self::AgentNeverBoots,
            "agent_step_fails" => Self::AgentStepFails { message: message("the step was told to fail") },
            "image_rejected" => {
                Self::ImageRejected { status: status(400)?, message: message("the image cannot be mounted") }
            }
            "wrong_credentials" => Self::WrongCredentials,
            other => match other.strip_prefix("status") {
                Some(suffix) => {
                    let named = match suffix.trim_start_matches('_') {
                        "" => 500,
                        digits => digits.parse().map_err(|_| invalid("unknown kind"))?,
                    };
                    let status = status(named)?;
                    if !(400..=599).contains(&status) {
                        return Err(invalid("the status must be an error status"));
                    }
                    Self::Status { status, message: message("an internal error occurred") }
                }
                None => return Err(invalid("unknown kind")),
            },
        })
    }
}

impl FaultBoard {
    pub(crate) fn plant(&self, server: Option<usize>, fault: Fault) {
        self.lock().push(Planted { server, fault, hits: 0 });
    }

    /// Removes the faults of one server, or with `None` those planted on all at once.
    pub(crate) fn clear(&self, server: Option<usize>) {
        self.lock().retain(|planted| planted.server != server);
    }

    /// Uses up the oldest fault that applies.
    pub(crate) fn take(
        &self,
        server: Option<usize>,
        subject: &Subject<'_>,
        wanted: impl Fn(&FaultKind) -> bool,
    ) -> Option<FaultKind> {
        let mut planted = self.lock();
        let found = planted.iter_mut().find(|planted| {
            (planted.server.is_none() || planted.server == server)
                && !planted.spent()
                && wanted(&planted.fault.kind)
                && subject.is_at(planted.fault.target.as_deref())
        })?;
        found.hits += 1;
        tracing::info!(server, fault = found.fault.kind.name(), path = subject.path, "fault strikes");
        Some(found.fault.kind.clone())
    }

    /// The faults of one server, spent ones included.
    pub(crate) fn view(&self, server: Option<usize>) -> Vec<Value> {
        self.lock()
            .iter()
            .filter(|planted| planted.server == server)
            .map(|planted| {
                json!({
                    "kind": planted.fault.kind.name(),
                    "target": planted.fault.target,
                    "count": match planted.fault.times {
                        Times::Count(count) => json!(count),
                        Times::Forever => json!("forever"),
                    },
                    "hits": planted.hits,
                })
            })
            .collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Planted>> {
        self.planted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Planted {
    fn spent(&self) -> bool {
        matches!(self.fault.times, Times::Count(count) if self.hits >= count)
    }
}

impl Subject<'_> {
    fn is_at(&self, target: Option<&str>) -> bool {
        let Some(target) = target else {
            return self.path.is_empty() || self.path.starts_with("/redfish");
        };
        if self.names.iter().any(|name| name.eq_ignore_ascii_case(target)) {
            return true;
        }
        let (first, rest) = target.split_once(' ').unwrap_or((target, ""));
        let (method, part) =
            if METHODS.contains(&first) { (Some(first), rest.trim()) } else { (None, target) };
        !self.path.is_empty() && method.is_none_or(|method| method == self.method) && self.path.contains(part)
    }
}

fn invalid(what: &str) -> SimError {
    SimError::Fault { what: what.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request<'a>(method: &'a str, path: &'a str) -> Subject<'a> {
        Subject { method, path, names: &[] }
    }

    #[test]
    fn faults_are_used_up_in_the_order_they_were_planted() {
        let board = FaultBoard::default();
        board.plant(Some(1), Fault::new(FaultKind::Hang).on("PATCH /Systems").times(2));
        board.plant(None, Fault::new(FaultKind::WrongCredentials).forever());
        let patch = request("PATCH", "/redfish/v1/Systems/x");
        assert_eq!(
            board.take(Some(1), &request("GET", patch.path), |_| true),
            Some(FaultKind::WrongCredentials)
        );
        assert_eq!(board.take(Some(1), &patch, |_| true), Some(FaultKind::Hang));
        assert_eq!(board.take(Some(0), &patch, |_| true), Some(FaultKind::WrongCredentials));
        assert_eq!(board.take(Some(1), &patch, |_| true), Some(FaultKind::Hang));
        assert_eq!(board.take(Some(1), &patch, |kind| *kind == FaultKind::Hang), None);
        board.clear(None);
        assert_eq!(board.take(Some(1), &patch, |_| true), None);
    }

    #[test]
    fn targets_name_methods_paths_or_steps() {
        let step = Subject { method: "", path: "", names: &["write_image", "deploy.execute_deploy_step"] };
        assert!(step.is_at(Some("write_image")) && step.is_at(None) && !step.is_at(Some("erase_devices")));
        let agent = request("POST", "/agent/x/v1/commands");
        assert!(!agent.is_at(None) && agent.is_at(Some("/agent")) && agent.is_at(Some("POST")));
        assert!(request("GET", "/redfish/v1/Systems/x/BIOS").is_at(Some("BIOS")));
        assert!(!agent.is_at(Some("GET")) && !agent.is_at(Some("GET /agent")));
    }

    #[test]
    fn the_control_form_is_checked() {
        let fault = Fault::from_json(&json!({"kind": "status_503", "count": "forever"})).unwrap();
        assert!(matches!(fault.kind, FaultKind::Status { status: 503, .. }));
        assert_eq!(fault.times, Times::Forever);
        for bad in [
            json!({}),
            json!({"kind": "explode"}),
            json!({"kind": "status_200"}),
            json!({"kind": "hang", "count": "often"}),
            json!({"kind": "hang", "target": 5}),
            json!({"kind": "image_rejected", "params": {"status": 201}}),
        ] {
            assert_eq!(Fault::from_json(&bad).unwrap_err().kind(), "fault", "{bad}");
        }
    }
}
