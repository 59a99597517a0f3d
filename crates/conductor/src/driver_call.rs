//! Calls of vendor methods of hardware types: taken, carried out, answered.

use crate::backoff::pause;
use crate::worker::Context;
use ferric_hardware::interface::VendorCall;
use ferric_hardware::{HardwareError, HardwareErrorKind};
use ferric_model::JsonMap;
use ferric_model::failure::code;
use ferric_proto::failure_to_wire;
use ferric_proto::v1::end_driver_call_request::Outcome;
use ferric_proto::v1::{DriverCall, DriverCallWork, EndDriverCallRequest, TakeDriverCallRequest};
use futures::FutureExt;
use serde_json::Value;
use std::panic::AssertUnwindSafe;
use tokio::time::{Instant, sleep};

/// How often the end of a call is told before it is given up: nobody waits much longer.
const ATTEMPTS: u32 = 5;

/// Takes a call, carries it out and tells how it ended.
pub async fn run(context: &Context, work: &DriverCallWork) {
    let membership = &context.membership;
    let taken = context
        .api
        .take_driver_call(TakeDriverCallRequest {
            call_id: work.call_id.clone(),
            hostname: membership.hostname.clone(),
            incarnation: membership.incarnation.clone(),
        })
        .await;
    let call = match taken {
        Ok(answer) => answer.call,
        Err(error) => {
            tracing::warn!(%error, "could not take the call");
            return;
        }
    };
    let Some(call) = call else {
        tracing::info!("not for us");
        return;
    };
    let begun = Instant::now();
    let outcome = match carry_out(context, call).await {
        Ok(value) => Outcome::ResultJson(value.to_string()),
        Err(error) => {
            let duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            let failure = error.into_failure(format!("the vendor method {}", work.method), None, duration_ms);
            tracing::warn!(code = failure.code, error = failure.summary, "the call failed");
            Outcome::Failed(failure_to_wire(&failure))
        }
    };
    let message = EndDriverCallRequest {
        call_id: work.call_id.clone(),
        hostname: membership.hostname.clone(),
        outcome: Some(outcome),
    };
    for attempt in 1..=ATTEMPTS {
        match context.api.end_driver_call(message.clone()).await {
            Ok(_) => return,
            Err(error) if error.retryable() && attempt < ATTEMPTS => sleep(pause(attempt)).await,
            Err(error) => {
                tracing::error!(%error, "the end of the call is not accepted");
                return;
            }
        }
    }
}

async fn carry_out(context: &Context, call: DriverCall) -> Result<Value, HardwareError> {
    let args: JsonMap = serde_json::from_str(&call.args_json).map_err(|error| {
        HardwareError::invalid("the arguments of the call cannot be read", "correct the arguments")
            .said(error.to_string())
    })?;
    let vendor = context.registry.vendor(&call.driver, &call.interface)?;
    let call = VendorCall { method: call.method, http_method: call.http_method, args };
    match AssertUnwindSafe(vendor.call_driver_method(&call)).catch_unwind().await {
        Ok(answered) => answered,
        Err(_) => Err(HardwareError::new(
            HardwareErrorKind::Nonsense,
            code::CONDUCTOR_PANICKED,
            "the conductor's own code failed",
            "report this with the conductor's log; trying again may work",
        )),
    }
}
