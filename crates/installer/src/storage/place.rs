//! Which partition goes to which disk.

/// A partition that needs a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Least size.
    pub size: i64,
    /// The disk that it must be on.
    pub disk: Option<usize>,
}

/// Most steps of the search; a layout that is not decided by then is given the benefit of the doubt.
const MOST_STEPS: usize = 20_000;

/// How a search ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Placed {
    /// The disk of each partition.
    Found(Vec<usize>),
    /// There is no way.
    Impossible,
    /// It was given up.
    Undecided,
}

/// Finds a disk for each partition, so that no disk has more on it than it can hold: the largest first, each where the least
/// would be left, going back where that leads nowhere.
pub(super) fn place(free: &[i64], wanted: &[Wanted]) -> Placed {
    let mut search = Search { free: free.to_vec(), chosen: vec![0; wanted.len()], steps: 0 };
    for (index, one) in wanted.iter().enumerate() {
        if let Some(disk) = one.disk {
            search.free[disk] -= one.size;
            search.chosen[index] = disk;
        }
    }
    if search.free.iter().any(|free| *free < 0) {
        return Placed::Impossible;
    }
    let mut open: Vec<usize> = (0..wanted.len()).filter(|index| wanted[*index].disk.is_none()).collect();
    open.sort_by_key(|index| std::cmp::Reverse(wanted[*index].size));
    match search.go_on(&open, wanted) {
        Some(true) => Placed::Found(search.chosen),
        Some(false) => Placed::Impossible,
        None => Placed::Undecided,
    }
}

struct Search {
    free: Vec<i64>,
    chosen: Vec<usize>,
    steps: usize,
}

impl Search {
    fn go_on(&mut self, open: &[usize], wanted: &[Wanted]) -> Option<bool> {
        let Some((first, rest)) = open.split_first() else { return Some(true) };
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return None;
        }
        let size = wanted[*first].size;
        let mut fitting: Vec<usize> = (0..self.free.len()).filter(|disk| self.free[*disk] >= size).collect();
        fitting.sort_by_key(|disk| self.free[*disk]);
        // Disks with as much room as another lead to the same.
        fitting.dedup_by_key(|disk| self.free[*disk]);
        for disk in fitting {
            self.free[disk] -= size;
            self.chosen[*first] = disk;
            if self.go_on(rest, wanted)? {
                return Some(true);
            }
            self.free[disk] += size;
        }
        Some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(sizes: &[i64]) -> Vec<Wanted> {
        sizes.iter().map(|size| Wanted { size: *size, disk: None }).collect()
    }

    #[test]
    fn a_place_is_found_where_there_is_one() {
        // Filling up greedily would put 6 and 5 where only 6 and 4 leave room for the rest.
        assert!(matches!(place(&[10, 10], &wanted(&[6, 5, 5, 4])), Placed::Found(_)));
        assert_eq!(place(&[10, 10], &wanted(&[6, 6, 6])), Placed::Impossible);
        assert_eq!(place(&[10, 10], &wanted(&[11])), Placed::Impossible);
        let pinned = [Wanted { size: 9, disk: Some(1) }, Wanted { size: 9, disk: Some(1) }];
        assert_eq!(place(&[10, 10], &pinned), Placed::Impossible);
        assert_eq!(place(&[10, 10], &pinned[..1]), Placed::Found(vec![1]));
        assert_eq!(place(&[], &wanted(&[1])), Placed::Impossible);
    }

    #[test]
    fn a_search_ends() {
        let sizes: Vec<i64> = (0..40).map(|one| 1000 + one).collect();
        let free: Vec<i64> = (0..12).map(|one| 3300 + one).collect();
        assert_eq!(place(&free, &wanted(&sizes)), Placed::Undecided);
    }
}
