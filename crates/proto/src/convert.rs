//! Conversions between the wire and the domain.

use crate::v1;
use ferric_model::failure::Exchange;
use ferric_model::history::{HistoryEntry, Severity};
use ferric_model::lifecycle::Event;
use ferric_model::report::{Failure, TaskOutcome, TaskReport};
use v1::report_request::Outcome;

/// A message that does not say what it must.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// A field is missing.
    #[error("the field '{0}' is missing")]
    Missing(&'static str),
    /// A field holds something else than it must.
    #[error("the field '{field}' is not valid: {reason}")]
    Invalid {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

fn invalid(field: &'static str) -> impl FnOnce(&dyn std::fmt::Display) -> ConvertError {
    move |error| ConvertError::Invalid { field, reason: error.to_string() }
}

/// Puts a failure on the wire.
pub fn failure_to_wire(failure: &Failure) -> v1::Failed {
    v1::Failed {
        code: failure.code.clone(),
        doing: failure.doing.clone(),
        summary: failure.summary.clone(),
        evidence: failure.evidence.clone(),
        advice: failure.advice.clone(),
        step: failure.step.clone(),
        duration_ms: failure.duration_ms,
        message_id: failure.message_id.clone(),
        exchange: failure.exchange.as_deref().map(exchange_to_wire),
    }
}

fn exchange_to_wire(exchange: &Exchange) -> v1::BmcExchange {
    v1::BmcExchange {
        method: exchange.method.clone(),
        path: exchange.path.clone(),
        status: exchange.status.map(u32::from),
        request: exchange.request.clone(),
        response: exchange.response.clone(),
    }
}

fn exchange_from_wire(wire: v1::BmcExchange) -> Exchange {
    let mut exchange = Exchange::new(&wire.method, &wire.path);
    exchange.status = wire.status.and_then(|status| u16::try_from(status).ok());
    exchange.request = wire.request;
    exchange.response = wire.response;
    exchange
}

/// Takes a failure off the wire.
pub fn failure_from_wire(failed: v1::Failed) -> Failure {
    let mut failure =
        Failure::new(&failed.code, failed.doing, failed.summary).advised(failed.advice).in_step(failed.step);
    failure.evidence = failed.evidence;
    failure.duration_ms = failed.duration_ms;
    failure.message_id = failed.message_id;
    failure.exchange = failed.exchange.map(|exchange| Box::new(exchange_from_wire(exchange)));
    failure
}

/// Puts a report on the wire.
pub fn report_to_wire(hostname: &str, report: &TaskReport) -> Result<v1::ReportRequest, ConvertError> {
    let outcome = match &report.outcome {
        TaskOutcome::Continues => Outcome::Continues(v1::Continues {}),
        TaskOutcome::Parked { timeout_secs } => Outcome::Parked(v1::Parked { timeout_secs: *timeout_secs }),
        TaskOutcome::Paused { secs } => Outcome::Paused(v1::Paused { secs: *secs }),
        TaskOutcome::Succeeded { result } => Outcome::Succeeded(v1::Succeeded {
            result_json: result
                .as_ref()
                .map(|value| to_json("result_json", value))
                .transpose()?
                .unwrap_or_default(),
        }),
        TaskOutcome::Failed(failure) => Outcome::Failed(failure_to_wire(failure)),
    };
    Ok(v1::ReportRequest {
        hostname: hostname.to_owned(),
        task_id: report.task_id.to_string(),
        epoch: report.epoch,
        sequence: report.sequence,
        event: report.event.map(|event| event.as_str().to_owned()).unwrap_or_default(),
        observed_json: to_json("observed_json", &report.observed)?,
        progress_json: report.progress.as_ref().map(|value| to_json("progress_json", value)).transpose()?,
        outcome: Some(outcome),
    })
}

/// Takes a report off the wire.
pub fn report_from_wire(request: v1::ReportRequest) -> Result<TaskReport, ConvertError> {
    let outcome = match request.outcome.ok_or(ConvertError::Missing("outcome"))? {
        Outcome::Continues(_) => TaskOutcome::Continues,
        Outcome::Parked(parked) => TaskOutcome::Parked { timeout_secs: parked.timeout_secs },
        Outcome::Paused(paused) => TaskOutcome::Paused { secs: paused.secs },
        Outcome::Succeeded(done) => {
            TaskOutcome::Succeeded { result: optional_json("result_json", &done.result_json)? }
        }
        Outcome::Failed(failed) => TaskOutcome::Failed(failure_from_wire(failed)),
    };
    let event = match request.event.as_str() {
        "" => None,
        word => Some(Event::find(word).ok_or_else(|| invalid("event")(&format!("unknown event '{word}'")))?),
    };
    Ok(TaskReport {
        task_id: request.task_id.parse().map_err(|e: uuid::Error| invalid("task_id")(&e))?,
        epoch: request.epoch,
        sequence: request.sequence,
        outcome,
        event,
        observed: optional_json("observed_json", &request.observed_json)?.unwrap_or_default(),
        progress: request
            .progress_json
            .as_deref()
            .map(|text| optional_json("progress_json", text))
            .transpose()?
            .flatten(),
    })
}

fn optional_json<T: serde::de::DeserializeOwned>(
    field: &'static str,
    text: &str,
) -> Result<Option<T>, ConvertError> {
    if text.is_empty() {
        Ok(None)
    } else {
        serde_json::from_str(text).map(Some).map_err(|e| invalid(field)(&e))
    }
}

/// Puts an entry of a node's history on the wire.
pub fn history_entry_to_wire(entry: &HistoryEntry) -> v1::NodeHistoryEntry {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    v1::NodeHistoryEntry {
        uuid: entry.uuid.to_string(),
        node_uuid: entry.node_uuid.to_string(),
        created_at: Some(prost_types::Timestamp {
            seconds: entry.created_at.unix_timestamp(),
            nanos: entry.created_at.nanosecond() as i32,
        }),
        severity: match entry.severity {
            Severity::Info => v1::Severity::Info,
            Severity::Error => v1::Severity::Error,
        }
        .into(),
        event_type: entry.event_type.clone(),
        event: entry.event.clone(),
        conductor: text(&entry.conductor),
        user: text(&entry.user),
        project: text(&entry.project),
        provision_state: text(&entry.state),
        target_provision_state: text(&entry.target_provision_state),
        duration_seconds: entry.duration_seconds,
        code: text(&entry.details.code),
        step: text(&entry.details.step),
        evidence: text(&entry.details.evidence),
        advice: text(&entry.details.advice),
        task_id: entry.details.task.map(|id| id.to_string()).unwrap_or_default(),
    }
}

fn to_json<T: serde::Serialize>(field: &'static str, value: &T) -> Result<String, ConvertError> {
    serde_json::to_string(value).map_err(|e| invalid(field)(&e))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferric_model::power::PowerState;
    use ferric_model::report::Observed;
    use serde_json::json;

    #[test]
    fn a_report_survives_the_wire() {
        let mut failure = Failure::new("c", "d", "s").advised("a").in_step(Some("deploy.x".into()));
        failure.duration_ms = 7;
        failure.message_id = Some("Base.1.8.PropertyUnknown".into());
        failure.exchange =
            Some(Box::new(Exchange::new("PATCH", "/redfish/v1").sent("{}").answered(400, "no")));
        let outcomes = [
            TaskOutcome::Continues,
            TaskOutcome::Parked { timeout_secs: 5 },
            TaskOutcome::Paused { secs: 90 },
            TaskOutcome::Succeeded { result: Some(json!({"boot_device": "pxe"})) },
            TaskOutcome::Failed(failure),
        ];
        for outcome in outcomes {
            let report = TaskReport {
                task_id: uuid::Uuid::from_u128(5),
                epoch: 2,
                sequence: 3,
                outcome,
                event: Some(Event::Fail),
                observed: Observed { power_state: Some(PowerState::On), ..Observed::default() },
                progress: Some(json!({"cursor": 1})),
            };
            let wire = report_to_wire("c1", &report).unwrap();
            assert_eq!(report_from_wire(wire).unwrap(), report);
        }
    }

    #[test]
    fn an_unknown_event_is_refused() {
        let wire = v1::ReportRequest {
            task_id: uuid::Uuid::nil().to_string(),
            event: "explode".into(),
            outcome: Some(Outcome::Continues(v1::Continues {})),
            ..Default::default()
        };
        assert!(matches!(report_from_wire(wire), Err(ConvertError::Invalid { field: "event", .. })));
    }
}
