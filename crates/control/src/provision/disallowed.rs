//! Steps that the operator lets nobody ask for, whatever their rights.

use super::ProvisionRequest;
use crate::control::Control;
use crate::error::ControlError;
use crate::settings::ControlSettings;
use ferric_model::step::{Step, StepKind};

impl Control {
    /// Refuses a request with a step that nobody may ask for.
    ///
    /// **Errors**: `Invalid`.
    pub(super) fn refuse_disallowed(&self, request: &ProvisionRequest) -> Result<(), ControlError> {
        let asked = [
            (StepKind::Clean, &request.clean_steps),
            (StepKind::Deploy, &request.deploy_steps),
            (StepKind::Service, &request.service_steps),
        ];
        let mut asked = asked.into_iter();
        asked
            .try_for_each(|(kind, steps)| refuse(self.settings(), kind, steps.as_deref().unwrap_or_default()))
    }
}

/// Refuses steps of this kind that nobody may ask for.
///
/// **Errors**: `Invalid`.
///
/// Source: Ironic's `[api]disallow_clean_steps`, `disallow_deploy_steps` and `disallow_service_steps`.
pub(super) fn refuse(settings: &ControlSettings, kind: StepKind, steps: &[Step]) -> Result<(), ControlError> {
    let disallowed = match kind {
        StepKind::Clean => &settings.disallow_clean_steps,
        StepKind::Deploy => &settings.disallow_deploy_steps,
        StepKind::Service => &settings.disallow_service_steps,
        StepKind::Verify => return Ok(()),
    };
    match steps.iter().map(Step::label).find(|label| disallowed.contains(label)) {
        None => Ok(()),
        Some(label) => {
            Err(ControlError::Invalid(format!("Step {label} is not allowed for {}.", kind.as_str())))
        }
    }
}
