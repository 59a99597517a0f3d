//! What a fake node was told to do: take its time, fail, or ask somebody at each point.

use super::prompter::{Moment, ask};
use crate::{HardwareError, HardwareErrorKind, Probe, StepOutcome};
use ferric_model::failure::code;
use ferric_model::node::Node;
use ferric_model::report::Observed;
use ferric_model::step::Step;
use rand::RngExt;
use serde_json::Value;
use std::time::Duration;

/// Takes the time that an operation of `node` takes, then fails if the node was told to fail at `point`.
pub async fn play(node: &Node, point: &str) -> Result<(), HardwareError> {
    react(node, point).await.map(drop)
}

/// The same for a step.
pub async fn play_step(node: &Node, step: &Step) -> Result<StepOutcome, HardwareError> {
    let said = react(node, &step.label()).await?;
    Ok(match said.as_str() {
        "wait" => StepOutcome::Wait(Observed::default()),
        "boot" => StepOutcome::BootRamdisk(Observed::default()),
        "reboot" => StepOutcome::Reboot(Observed::default()),
        _ => StepOutcome::done(),
    })
}

/// Whether the step acted. A node without a prompter has nothing on which a step could act.
pub async fn probe(node: &Node, step: &Step) -> Result<Probe, HardwareError> {
    let Some(prompter) = node.driver_info_str("fake_script") else { return Ok(Probe::NotDone) };
    Ok(match ask(prompter, node, &step.label(), Moment::Probe).await?.as_str() {
        "done" => Probe::Done(Box::default()),
        "not done" => Probe::NotDone,
        _ => Probe::Unknown,
    })
}

/// Whether the node has a ramdisk that somebody plays.
pub fn has_ramdisk(node: &Node) -> bool {
    node.spec.driver_info.get("fake_ramdisk").and_then(Value::as_bool).unwrap_or(false)
}

/// Goes through a point; the answer is what the prompter said when it acted.
async fn react(node: &Node, point: &str) -> Result<String, HardwareError> {
    if let Some(delay) = delay(node) {
        tokio::time::sleep(delay).await;
    }
    if let Some(told) = node.driver_info_str("fake_failure")
        && (point == told || point.starts_with(&format!("{told}.")))
    {
        return Err(told_to_fail(point, "remove fake_failure from the node's driver_info"));
    }
    let Some(prompter) = node.driver_info_str("fake_script") else { return Ok(String::new()) };
    ask(prompter, node, point, Moment::Before).await?;
    let said = ask(prompter, node, point, Moment::Act).await?;
    if said == "fail" {
        return Err(told_to_fail(point, "ask whoever plays the node's part"));
    }
    ask(prompter, node, point, Moment::After).await?;
    Ok(said)
}

fn told_to_fail(point: &str, advice: &str) -> HardwareError {
    let summary = format!("the fake {point} was told to fail");
    HardwareError::new(HardwareErrorKind::Refused, code::FAKE_FAILURE, summary, advice)
}

fn delay(node: &Node) -> Option<Duration> {
    let millis = match node.spec.driver_info.get("fake_delay_ms")? {
        Value::Number(number) => number.as_u64()?,
        Value::String(text) => match text.split_once(',') {
            Some((low, high)) => {
                let (low, high) = (low.trim().parse().ok()?, high.trim().parse().ok()?);
                if low <= high { rand::rng().random_range::<u64, _>(low..=high) } else { return None }
            }
            None => text.trim().parse().ok()?,
        },
        _ => return None,
    };
    (millis > 0).then(|| Duration::from_millis(millis))
}
