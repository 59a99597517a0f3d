//! Priorities that an operator gives to steps instead of their own.

use ferric_model::step::{Step, StepKind};
use std::collections::BTreeMap;

/// Priorities by `interface.step`, for steps that run by priority; 0 keeps a step from running.
///
/// Source: Ironic's `[conductor]clean_step_priority_override` and `verify_step_priority_override`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepPriorities {
    clean: BTreeMap<String, i64>,
    verify: BTreeMap<String, i64>,
}

impl StepPriorities {
    /// Reads texts such as `deploy.erase_devices:50`.
    ///
    /// **Errors**: the text that is none.
    pub fn read(clean: &[String], verify: &[String]) -> Result<Self, String> {
        Ok(Self { clean: rows(clean)?, verify: rows(verify)? })
    }

    /// The priority that the step has instead of its own.
    pub fn of(&self, kind: StepKind, step: &Step) -> Option<i64> {
        let rows = match kind {
            StepKind::Clean => &self.clean,
            StepKind::Verify => &self.verify,
            StepKind::Deploy | StepKind::Service => return None,
        };
        rows.get(&step.label()).copied()
    }
}

fn rows(texts: &[String]) -> Result<BTreeMap<String, i64>, String> {
    let row = |text: &String| {
        let (label, priority) = text.rsplit_once(':')?;
        let (interface, step) = label.trim().split_once('.')?;
        let priority = priority.trim().parse().ok().filter(|priority: &i64| *priority >= 0)?;
        (!interface.is_empty() && !step.is_empty()).then(|| (label.trim().to_owned(), priority))
    };
    texts.iter().map(|text| row(text).ok_or_else(|| text.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferric_model::hardware::InterfaceKind::{Deploy, Management};

    #[test]
    fn texts_name_a_step_and_its_priority() {
        let text = |text: &str| vec![text.to_owned()];
        let read = StepPriorities::read(&text(" deploy.erase:0"), &text("management.reset:7")).unwrap();
        assert_eq!(read.of(StepKind::Clean, &Step::new(Deploy, "erase", 10)), Some(0));
        assert_eq!(read.of(StepKind::Verify, &Step::new(Management, "reset", 1)), Some(7));
        assert_eq!(read.of(StepKind::Deploy, &Step::new(Deploy, "erase", 10)), None);
        for wrong in ["erase:1", "deploy.erase", "deploy.erase:x", "deploy.erase:-1", ".erase:1"] {
            assert_eq!(StepPriorities::read(&text(wrong), &[]), Err(wrong.to_owned()));
        }
    }
}
