//! Following a log whose entries are numbered before they become visible.
//!
//! A transaction takes its number when it writes and is seen when it commits, so that a number may be missing for a while, or
//! for ever if its transaction was given up. What is seen is told at once; but somebody who resumes does so from before the
//! first number that may still appear.

use ferric_model::node::NodeChange;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::Instant;

/// How long a missing number holds up the place from which one resumes: much longer than a transaction takes.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long it is looked for after that.
const LAST_LOOK: Duration = Duration::from_secs(60);

/// Most numbers that are missed at a time; others are taken for given up.
const MOST_MISSING: usize = 1_000;

/// How far a log was followed.
#[derive(Debug)]
pub(crate) struct Tail {
    /// Everything up to here was told, or will never appear.
    settled: i64,
    /// What was told beyond.
    told: BTreeSet<i64>,
    /// What is missing, and since when.
    missing: BTreeMap<i64, Instant>,
}

impl Tail {
    /// Follows from behind `settled`; `told` of what lies beyond is known already.
    pub(crate) fn new(settled: i64, told: impl IntoIterator<Item = i64>, now: Instant) -> Self {
        let mut tail = Self { settled, told: told.into_iter().collect(), missing: BTreeMap::new() };
        tail.settle(now);
        tail
    }

    /// From where one resumes without missing anything.
    pub(crate) const fn settled(&self) -> i64 {
        self.settled
    }

    /// The greatest number that was told.
    pub(crate) fn newest(&self) -> i64 {
        self.told.last().copied().unwrap_or(self.settled)
    }

    /// How many were told beyond that.
    pub(crate) fn told_beyond(&self) -> usize {
        self.told.len()
    }

    /// Numbers up to `settled` that are still looked for.
    pub(crate) fn late(&self) -> Vec<i64> {
        self.missing.range(..=self.settled).map(|(revision, _)| *revision).collect()
    }

    /// Takes what was read; gives what is new in it.
    pub(crate) fn take(&mut self, read: Vec<NodeChange>, now: Instant) -> Vec<NodeChange> {
        let news: Vec<NodeChange> = read
            .into_iter()
            .filter(|change| match change.revision > self.settled {
                true => self.told.insert(change.revision),
                false => self.missing.remove(&change.revision).is_some(),
            })
            .collect();
        self.settle(now);
        news
    }

    fn settle(&mut self, now: Instant) {
        let last = self.newest();
        for revision in self.settled + 1..=last {
            if self.told.contains(&revision) {
                self.missing.remove(&revision);
            } else if self.missing.len() < MOST_MISSING {
                self.missing.entry(revision).or_insert(now);
            }
        }
        let over = |since: &Instant| now.duration_since(*since) >= PATIENCE;
        while self.settled < last {
            let next = self.settled + 1;
            let waits = self.missing.get(&next).is_some_and(|since| !over(since));
            if waits {
                break;
            }
            self.told.remove(&next);
            self.settled = next;
        }
        let settled = self.settled;
        self.missing.retain(|revision, since| *revision > settled || now.duration_since(*since) < LAST_LOOK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferric_model::node::{ChangeKind, Projects};
    use uuid::Uuid;

    fn changes(revisions: &[i64]) -> Vec<NodeChange> {
        let change = |revision: &i64| NodeChange {
            revision: *revision,
            node_uuid: Uuid::nil(),
            generation: 1,
            kind: ChangeKind::Updated,
            before: Projects::default(),
            after: Projects::default(),
        };
        revisions.iter().map(change).collect()
    }

    #[test]
    fn everything_is_told_once_and_nobody_resumes_behind_what_may_still_come() {
        let begun = Instant::now();
        let mut tail = Tail::new(10, [], begun);
        let mut take = |revisions: &[i64], after: Duration| {
            let news = tail.take(changes(revisions), begun + after);
            let told: Vec<i64> = news.iter().map(|change| change.revision).collect();
            (told, tail.settled(), tail.late())
        };
        let soon = Duration::from_millis(10);
        assert_eq!(take(&[11, 12], soon), (vec![11, 12], 12, vec![]));
        // 13 and 15 were taken by transactions that have not committed.
        assert_eq!(take(&[14, 16], soon), (vec![14, 16], 12, vec![]));
        assert_eq!(take(&[13, 14, 16], soon), (vec![13], 14, vec![]));
        // 15 was given up, as far as can be told; later it turns out that it only took long.
        assert_eq!(take(&[16, 17], PATIENCE + soon), (vec![17], 17, vec![15]));
        assert_eq!(take(&[15], PATIENCE + soon), (vec![15], 17, vec![]));
        assert_eq!(take(&[15], PATIENCE + soon), (vec![], 17, vec![]));
        // Nobody looks for ever.
        assert_eq!(take(&[19], PATIENCE + soon), (vec![19], 17, vec![]));
        assert_eq!(take(&[], PATIENCE * 2 + soon), (vec![], 19, vec![18]));
        assert_eq!(take(&[], PATIENCE + LAST_LOOK + soon), (vec![], 19, vec![]));
    }

    #[test]
    fn what_was_there_before_is_not_told_but_what_was_missing_then_is() {
        let begun = Instant::now();
        let mut tail = Tail::new(5, [6, 8], begun);
        assert_eq!(tail.settled(), 6);
        let news = tail.take(changes(&[7, 8, 9]), begun);
        assert_eq!(news.iter().map(|change| change.revision).collect::<Vec<_>>(), [7, 9]);
        assert_eq!(tail.settled(), 9);
    }
}
