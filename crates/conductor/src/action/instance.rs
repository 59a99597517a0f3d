//! Booting what was deployed, after something else ran on the node.

use crate::task::{Halt, RunningTask};
use ferric_model::power::PowerTarget;
use ferric_model::report::Observed;

/// Makes the node boot its instance and switches it on.
pub(super) async fn boot_instance(task: &RunningTask) -> Result<Observed, Halt> {
    let prepared = task.interfaces.boot.prepare_instance(&task.view).await;
    let mut seen =
        prepared.map_err(|error| task.failed(format!("{}: booting the instance", task.doing()), error))?;
    let may_be_off = !task.view.node.spec.disable_power_off;
    let target = if may_be_off { PowerTarget::On } else { PowerTarget::Reboot };
    match task.set_power(target).await {
        Ok(state) => {
            seen.power_state = Some(state);
            Ok(seen)
        }
        Err(halt) => Err(halt.saw(seen)),
    }
}
