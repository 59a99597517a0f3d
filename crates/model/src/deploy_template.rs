//! Deploy templates: steps that a trait of an instance adds to its deployment.

use crate::JsonMap;
use crate::step::{Step, StoredStep};
use time::OffsetDateTime;
use uuid::Uuid;

/// A deploy template.
///
/// Source: Ironic API reference, "Deploy Templates".
#[derive(Debug, Clone, PartialEq)]
pub struct DeployTemplate {
    /// Row number: the order of creation.
    pub id: i64,
    /// Identity.
    pub uuid: Uuid,
    /// Counts the writes: a write names the generation it was decided on and loses if that is gone.
    pub generation: i64,
    /// The trait that an instance must ask for; unique.
    pub name: String,
    /// What it adds; no step twice.
    pub steps: Vec<StoredStep>,
    /// Operator's free-form data.
    pub extra: JsonMap,
    /// When it was created.
    pub created_at: OffsetDateTime,
    /// When it was last written.
    pub updated_at: Option<OffsetDateTime>,
}

/// Merges what a deployment is told: the caller's steps go before those of the templates. The labels of steps that two
/// templates have are the error.
///
/// Source: `contract: state-machine` section 4, "Deploy list".
pub fn merge_steps(given: Vec<Step>, templates: &[DeployTemplate]) -> Result<Vec<Step>, Vec<String>> {
    let mut steps: Vec<&StoredStep> = Vec::new();
    let mut twice: Vec<String> = Vec::new();
    for step in templates.iter().flat_map(|template| &template.steps) {
        let same = |known: &&StoredStep| known.interface == step.interface && known.step == step.step;
        if steps.iter().any(same) {
            twice.push(step.label());
        } else {
            steps.push(step);
        }
    }
    if !twice.is_empty() {
        return Err(twice);
    }
    let is_given =
        |step: &StoredStep| given.iter().any(|own| own.interface == step.interface && own.step == step.step);
    let added: Vec<Step> =
        steps.into_iter().filter(|step| !is_given(step)).map(StoredStep::to_step).collect();
    Ok(given.into_iter().chain(added).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hardware::InterfaceKind::{Bios, Raid};

    fn template(steps: &[(&str, i64)]) -> DeployTemplate {
        let steps = steps.iter().map(|(step, rank)| StoredStep {
            interface: Bios,
            step: (*step).to_owned(),
            args: JsonMap::new(),
            rank: *rank,
        });
        DeployTemplate {
            id: 0,
            uuid: Uuid::nil(),
            generation: 1,
            name: "CUSTOM_A".to_owned(),
            steps: steps.collect(),
            extra: JsonMap::new(),
            created_at: OffsetDateTime::UNIX_EPOCH,
            updated_at: None,
        }
    }

    #[test]
    fn the_callers_steps_override_those_of_templates() {
        let given = vec![Step::new(Bios, "a", 0), Step::new(Raid, "b", 5)];
        let merged = merge_steps(given, &[template(&[("a", 99), ("b", 7)]), template(&[("c", 1)])]).unwrap();
        let ranks: Vec<(String, i64)> = merged.iter().map(|step| (step.label(), step.priority)).collect();
        let expected = [("bios.a", 0), ("raid.b", 5), ("bios.b", 7), ("bios.c", 1)];
        assert_eq!(ranks, expected.map(|(label, rank)| (label.to_owned(), rank)));
    }

    #[test]
    fn two_templates_must_not_have_one_step() {
        let refused = merge_steps(Vec::new(), &[template(&[("a", 1), ("b", 2)]), template(&[("b", 3)])]);
        assert_eq!(refused.unwrap_err(), ["bios.b"]);
    }
}
