//! Runbooks: steps that somebody approved under a name, for cleaning and service.

use crate::JsonMap;
use crate::step::{Step, StoredStep};
use time::OffsetDateTime;
use uuid::Uuid;

/// A runbook.
///
/// Source: Ironic API reference, "Runbooks".
#[derive(Debug, Clone, PartialEq)]
pub struct Runbook {
    /// Row number: the order of creation.
    pub id: i64,
    /// Identity.
    pub uuid: Uuid,
    /// Counts the writes: a write names the generation it was decided on and loses if that is gone.
    pub generation: i64,
    /// Unique name.
    pub name: String,
    /// Free text, at most 255 characters.
    pub description: Option<String>,
    /// Whether its steps run without a ramdisk.
    pub disable_ramdisk: bool,
    /// Whether every project sees it; then nobody owns it.
    pub public: bool,
    /// Project that owns it.
    pub owner: Option<String>,
    /// Nodes with one of these traits may run it; sorted.
    pub traits: Vec<String>,
    /// What it runs; no step twice.
    pub steps: Vec<StoredStep>,
    /// Operator's free-form data.
    pub extra: JsonMap,
    /// When it was created.
    pub created_at: OffsetDateTime,
    /// When it was last written.
    pub updated_at: Option<OffsetDateTime>,
}

impl Runbook {
    /// The steps in the order in which they run.
    pub fn ordered_steps(&self) -> Vec<Step> {
        let mut steps: Vec<&StoredStep> = self.steps.iter().collect();
        steps.sort_by_key(|step| step.rank);
        steps.into_iter().map(|step| Step { priority: 0, ..step.to_step() }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hardware::InterfaceKind::Bios;

    #[test]
    fn steps_run_in_their_order_and_equal_ones_as_they_stand() {
        let step = |step: &str, rank| StoredStep {
            interface: Bios,
            step: step.to_owned(),
            args: JsonMap::new(),
            rank,
        };
        let runbook = Runbook {
            id: 0,
            uuid: Uuid::nil(),
            generation: 1,
            name: "CUSTOM_A".to_owned(),
            description: None,
            disable_ramdisk: false,
            public: false,
            owner: None,
            traits: Vec::new(),
            steps: vec![step("c", 2), step("a", 1), step("b", 1)],
            extra: JsonMap::new(),
            created_at: OffsetDateTime::UNIX_EPOCH,
            updated_at: None,
        };
        let labels: Vec<String> = runbook.ordered_steps().iter().map(Step::label).collect();
        assert_eq!(labels, ["bios.a", "bios.b", "bios.c"]);
    }
}
