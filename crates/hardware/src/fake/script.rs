//! Delays and failures that a fake node was told to have.

use crate::{HardwareError, HardwareErrorKind};
use ferric_model::node::Node;
use rand::RngExt;
use serde_json::Value;
use std::time::Duration;

/// Takes the time that an operation of `node` takes, then fails if the node was told to fail at `point`.
pub async fn play(node: &Node, point: &str) -> Result<(), HardwareError> {
    if let Some(delay) = delay(node) {
        tokio::time::sleep(delay).await;
    }
    match node.driver_info_str("fake_failure") {
        Some(told) if point == told || point.starts_with(&format!("{told}.")) => Err(HardwareError::new(
            HardwareErrorKind::Refused,
            "fake-failure",
            format!("the fake {point} was told to fail"),
            "remove fake_failure from the node's driver_info",
        )),
        _ => Ok(()),
    }
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
