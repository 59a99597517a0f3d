//! Vendor methods.

use crate::reporter::Ending;
use crate::task::{Halt, RunningTask};
use ferric_hardware::interface::VendorCall;
use ferric_model::task::params;

/// Carries out a vendor method; whether somebody waits for what it answers, the action says.
pub async fn vendor_method(task: &mut RunningTask) -> Result<Ending, Halt> {
    let params: params::VendorMethod = task.required_params()?;
    let call = VendorCall { method: params.method, http_method: params.http_method, args: params.args };
    let called = task.interfaces.vendor.call_method(&task.view, &call).await;
    let answer = called.map_err(|error| task.failed(format!("the vendor method {}", call.method), error))?;
    Ok(Ending { observed: answer.observed, ..Ending::answer(answer.value) })
}
