//! Which bytes of a file went out.

use std::ops::Range;

/// Stretches kept; a reader that jumps about more than this has its smallest gaps forgotten.
const STRETCHES: usize = 1024;

/// The bytes of a file that went out, however often.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    /// In order, with gaps between them.
    stretches: Vec<Range<u64>>,
}

impl Coverage {
    /// Takes note of a stretch; gives how many of its bytes are new.
    pub(super) fn add(&mut self, new: Range<u64>) -> u64 {
        if new.is_empty() {
            return 0;
        }
        let before = self.bytes();
        let first = self.stretches.partition_point(|known| known.end < new.start);
        let last = self.stretches.partition_point(|known| known.start <= new.end);
        let mut merged = new;
        if first < last {
            merged.start = merged.start.min(self.stretches[first].start);
            merged.end = merged.end.max(self.stretches[last - 1].end);
        }
        self.stretches.splice(first..last, [merged]);
        let more = self.bytes() - before;
        if self.stretches.len() > STRETCHES {
            self.close_smallest_gap();
        }
        more
    }

    fn bytes(&self) -> u64 {
        self.stretches.iter().map(|stretch| stretch.end - stretch.start).sum()
    }

    /// What is forgotten counts as seen from now on, and was not counted.
    fn close_smallest_gap(&mut self) {
        let gaps = self.stretches.windows(2).map(|pair| pair[1].start - pair[0].end);
        if let Some((index, _)) = gaps.enumerate().min_by_key(|(_, gap)| *gap) {
            let end = self.stretches[index + 1].end;
            self.stretches[index].end = end;
            self.stretches.remove(index + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_count_once() {
        let mut seen = Coverage::default();
        let steps =
            [(0..10, 10), (20..30, 10), (5..25, 10), (0..30, 0), (40..41, 1), (30..40, 10), (7..7, 0)];
        for (range, more) in steps {
            assert_eq!(seen.add(range.clone()), more, "{range:?}");
        }
        assert_eq!((seen.stretches.len(), seen.stretches[0].clone()), (1, 0..41));
    }

    #[test]
    fn a_jumping_reader_costs_bounded_memory() {
        let mut seen = Coverage::default();
        let mut told = 0;
        for step in 0..3 * STRETCHES as u64 {
            told += seen.add(step * 100..step * 100 + 10);
        }
        assert!(seen.stretches.len() <= STRETCHES);
        assert_eq!(told, 3 * STRETCHES as u64 * 10, "nothing is counted that was not seen");
    }
}
