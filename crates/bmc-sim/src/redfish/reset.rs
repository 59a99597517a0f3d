//! ComputerSystem.Reset.

use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::Bytes;
use serde_json::Value;

use super::answer::{About, Answer, done, object};
use super::refusal::Refusal;
use super::{message, tasks};
use crate::fault::FaultKind;
use crate::state::{ResetRefused, ResetType};
use crate::{clock, http, power};

const ACTION: &str = "ComputerSystem.Reset";

pub(super) async fn reset(about: About, body: Bytes) -> Answer {
    let kind = read_kind(&body)?;
    if !about.pass(&[kind.as_str()], false).await {
        return Ok(http::cut(&about.request));
    }
    let answer = act(&about, kind);
    if !about.pass(&[kind.as_str()], true).await {
        return Ok(http::cut(&about.request));
    }
    answer
}

fn act(about: &About, kind: ResetType) -> Answer {
    let strike = about.take_fault(&[kind.as_str(), ACTION], |fault| {
        matches!(fault, FaultKind::LostPowerAction | FaultKind::SlowTask { .. })
    });
    match strike {
        Some(FaultKind::LostPowerAction) => {
            about.fleet.update(about.index, |live| live.state.counters.lost_resets += 1);
            Ok(done())
        }
        Some(FaultKind::SlowTask { delay }) => {
            Ok(reset_later(about, kind, delay.unwrap_or(about.fleet.config.task_delay)))
        }
        _ => {
            power::reset(&about.fleet, about.index, kind).map(|()| done()).map_err(|refused| refuse(&refused))
        }
    }
}

fn read_kind(body: &Bytes) -> Result<ResetType, Refusal> {
    let body = object(body)?;
    if let Some(name) = body.keys().find(|name| *name != "ResetType" && !name.contains('@')) {
        return Err(Refusal::new(&message::UNKNOWN_PARAMETER, &[ACTION, name]));
    }
    match body.get("ResetType") {
        None => Err(Refusal::new(&message::MISSING_PARAMETER, &[ACTION, "ResetType"])),
        Some(Value::String(text)) => ResetType::parse(text)
            .ok_or_else(|| Refusal::new(&message::PARAMETER_VALUE, &[text, "ResetType"])),
        Some(other) => Err(Refusal::new(&message::PARAMETER_TYPE, &[&other.to_string(), "ResetType"])),
    }
}

fn reset_later(about: &About, kind: ResetType, delay: Duration) -> HttpResponse {
    let name = format!("{ACTION} {}", kind.as_str());
    let id = about.fleet.tasks.start(name, clock::now());
    let (fleet, index) = (Arc::clone(&about.fleet), about.index);
    let shutdown = fleet.shutdown.clone();
    let work = async move {
        tokio::time::sleep(delay).await;
        let failure = power::reset(&fleet, index, kind).err().map(|refused| refuse(&refused).to_string());
        fleet.tasks.finish(id, clock::now(), failure);
    };
    about.fleet.tracker.spawn_on(
        async move {
            shutdown.run_until_cancelled(work).await;
        },
        &about.fleet.runtime,
    );
    tasks::accepted(&about.fleet, id)
}

fn refuse(refused: &ResetRefused) -> Refusal {
    Refusal::new(&message::STANDBY, &[refused.power.as_str()])
}
