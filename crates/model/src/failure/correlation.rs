//! What the nodes with a failure have in common, as lift: how much more frequent a fact is among them than in the fleet.

use time::OffsetDateTime;

/// How often a fingerprint was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FingerprintCount {
    /// The fingerprint.
    pub fingerprint: String,
    /// Code of the failure, or of its cause.
    pub code: String,
    /// The step that was running.
    pub step: Option<String>,
    /// The first message that the BMC refused with.
    pub message_id: Option<String>,
    /// What went wrong, with everything masked that differs between nodes.
    pub template: String,
    /// How often it was seen.
    pub seen: i64,
    /// When it was seen first.
    pub first_seen: OffsetDateTime,
    /// When it was seen last.
    pub last_seen: OffsetDateTime,
    /// On how many nodes.
    pub nodes: i64,
}

/// Nodes with the same facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactCell {
    /// Names and values of what is known.
    pub facts: Vec<(&'static str, String)>,
    /// How many nodes there are.
    pub nodes: i64,
    /// How many of them failed.
    pub failed: i64,
}

/// A fact that is more frequent among the nodes that failed.
#[derive(Debug, Clone, PartialEq)]
pub struct Correlation {
    /// Name of the fact.
    pub fact: &'static str,
    /// Its value.
    pub value: String,
    /// How many nodes that failed have it.
    pub failed: i64,
    /// Share of the nodes that failed, 0 to 1.
    pub share_of_failed: f64,
    /// Share of all nodes, 0 to 1.
    pub share_of_fleet: f64,
    /// The one share over the other.
    pub lift: f64,
    /// What the lift is at least, with 95 % confidence.
    pub lift_at_least: f64,
}

/// Two-sided 95 % of the normal distribution.
const Z: f64 = 1.96;

/// The lower end of the Wilson score interval of a share.
pub fn wilson_lower(hits: i64, of: i64) -> f64 {
    if of <= 0 {
        return 0.0;
    }
    let (n, share) = (of as f64, hits as f64 / of as f64);
    let center = share + Z * Z / (2.0 * n);
    let spread = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    ((center - spread) / (1.0 + Z * Z / n)).max(0.0)
}

/// The facts that are more frequent among failed nodes than in the fleet, the surest first; at most `most`.
pub fn correlate(cells: &[FactCell], most: usize) -> Vec<Correlation> {
    let all: i64 = cells.iter().map(|cell| cell.nodes).sum();
    let failed: i64 = cells.iter().map(|cell| cell.failed).sum();
    if all == 0 || failed == 0 {
        return Vec::new();
    }
    let mut sums: Vec<(&'static str, &str, i64, i64)> = Vec::new();
    for cell in cells {
        for (fact, value) in &cell.facts {
            match sums.iter_mut().find(|sum| sum.0 == *fact && sum.1 == value) {
                Some(sum) => {
                    sum.2 += cell.nodes;
                    sum.3 += cell.failed;
                }
                None => sums.push((fact, value, cell.nodes, cell.failed)),
            }
        }
    }
    let mut found: Vec<Correlation> = sums
        .into_iter()
        .filter(|sum| sum.3 > 0)
        .map(|(fact, value, nodes, hits)| {
            let share_of_fleet = nodes as f64 / all as f64;
            let share_of_failed = hits as f64 / failed as f64;
            Correlation {
                fact,
                value: value.to_owned(),
                failed: hits,
                share_of_failed,
                share_of_fleet,
                lift: share_of_failed / share_of_fleet,
                lift_at_least: wilson_lower(hits, failed) / share_of_fleet,
            }
        })
        .filter(|found| found.lift > 1.0)
        .collect();
    found.sort_by(|a, b| b.lift_at_least.total_cmp(&a.lift_at_least));
    found.truncate(most);
    found
}

#[cfg(test)]
mod tests {
    use super::{FactCell, correlate, wilson_lower};

    fn cell(model: &str, firmware: &str, nodes: i64, failed: i64) -> FactCell {
        let facts = vec![("model", model.to_owned()), ("bmc_firmware", firmware.to_owned())];
        FactCell { facts, nodes, failed }
    }

    #[test]
    fn fifteen_failures_show_a_firmware_that_is_thirty_times_too_frequent() {
        let cells = [cell("A", "7.10", 33, 15), cell("A", "7.20", 467, 0), cell("B", "1.0", 500, 0)];
        let found = correlate(&cells, 5);
        assert_eq!((found[0].fact, found[0].value.as_str(), found[0].failed), ("bmc_firmware", "7.10", 15));
        assert!(found[0].lift > 30.0 && found[0].lift_at_least > 20.0, "{:?}", found[0]);
        assert_eq!((found[1].fact, found[1].value.as_str()), ("model", "A"));
        assert!(found[1].lift_at_least < 2.0);
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn few_failures_prove_little() {
        assert!(wilson_lower(1, 1) < 0.25);
        assert!((wilson_lower(15, 15) - 0.796).abs() < 0.001);
        assert_eq!((wilson_lower(0, 10), wilson_lower(0, 0)), (0.0, 0.0));
        assert!(correlate(&[cell("A", "1", 10, 0)], 5).is_empty());
    }
}
