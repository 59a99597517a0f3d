//! The order in which steps run.

use super::{Step, StepKind};
use crate::hardware::InterfaceKind::{self, *};

/// Rank of an interface among steps of the same priority; higher runs earlier.
///
/// Source: `contract: state-machine` section 4.
const RANKS: [(InterfaceKind, u8); 7] =
    [(Vendor, 7), (Power, 6), (Management, 5), (Firmware, 4), (Deploy, 3), (Bios, 2), (Raid, 1)];

/// Ranks of verify steps.
const VERIFY_RANKS: [(InterfaceKind, u8); 13] = [
    (Power, 13),
    (Management, 12),
    (Firmware, 11),
    (Inspect, 10),
    (Deploy, 9),
    (Boot, 8),
    (Bios, 7),
    (Raid, 6),
    (Vendor, 5),
    (Network, 4),
    (Storage, 3),
    (Console, 2),
    (Rescue, 1),
];

/// Sorts steps for a run: priority first, then the rank of the interface, then the name.
pub fn sort_steps(kind: StepKind, steps: &mut [Step]) {
    let ranks: &[_] = if kind == StepKind::Verify { &VERIFY_RANKS } else { &RANKS };
    let rank = |interface| ranks.iter().find(|row| row.0 == interface).map_or(0, |row| row.1);
    steps.sort_by(|a, b| {
        (b.priority, rank(b.interface))
            .cmp(&(a.priority, rank(a.interface)))
            .then_with(|| a.step.cmp(&b.step))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priority_goes_before_interface_and_interface_before_name() {
        let mut steps = vec![
            Step::new(Raid, "a", 10),
            Step::new(Deploy, "b", 10),
            Step::new(Deploy, "a", 10),
            Step::new(Bios, "late", 1),
            Step::new(Vendor, "first", 99),
        ];
        sort_steps(StepKind::Clean, &mut steps);
        let order: Vec<String> = steps.iter().map(Step::label).collect();
        assert_eq!(order, ["vendor.first", "deploy.a", "deploy.b", "raid.a", "bios.late"]);
    }
}
