//! One step for the node that contains this one.

use crate::engine::alone;
use crate::reporter::Ending;
use crate::task::{Halt, RunningTask};
use ferric_model::task::params;

/// Carries the step out.
pub async fn child_step(task: &mut RunningTask) -> Result<Ending, Halt> {
    let params: params::ChildStep = task.required_params()?;
    let seen = alone(task, params.kind, &params.step).await?;
    Ok(Ending::succeeded(None, seen))
}
