//! The folders of an image, from the paths of its files.

use std::collections::{BTreeMap, HashSet};

use crate::iso::name::IsoName;
use crate::{ArtifactError, Result};

/// Longest name; a directory record of 254 bytes then needs no continuation.
const NAME_BYTES: usize = 128;
/// Deepest level of a folder, the root being the first (ECMA-119 6.8.2.1).
const LEVELS: usize = 8;

/// All folders in path-table order: by level, then parent, then identifier. The root is the first.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) directories: Vec<Directory>,
}

/// One folder.
#[derive(Debug)]
pub(crate) struct Directory {
    /// Index of the parent; the root is its own.
    pub(crate) parent: usize,
    /// Recorded identifier; empty for the root.
    pub(crate) identifier: String,
    /// Sorted by identifier.
    pub(crate) entries: Vec<Entry>,
}

/// A name in a folder.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) identifier: String,
    /// The real name, for Rock Ridge.
    pub(crate) name: String,
    pub(crate) target: Target,
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// Index into the caller's files.
    File(usize),
    /// Index into [`Tree::directories`].
    Directory(usize),
}

#[derive(Default)]
struct Draft {
    files: BTreeMap<String, usize>,
    directories: BTreeMap<String, Draft>,
}

impl Tree {
    /// Errors: `Invalid` for a path that is empty, absolute, too deep, repeated, or has an unusable name.
    pub(crate) fn from_paths<'a>(paths: impl Iterator<Item = &'a str>) -> Result<Self> {
        let mut root = Draft::default();
        for (index, path) in paths.enumerate() {
            root.insert(path, index)?;
        }
        let mut tree = Self { directories: Vec::new() };
        let mut level = vec![(0, String::new(), root)];
        while !level.is_empty() {
            let first_of_next = tree.directories.len() + level.len();
            let mut next = Vec::new();
            for (parent, identifier, draft) in level {
                let number = tree.directories.len();
                let entries = draft.settle(number, first_of_next, &mut next);
                tree.directories.push(Directory { parent, identifier, entries });
            }
            level = next;
        }
        Ok(tree)
    }
}

impl Directory {
    /// How many folders are directly inside.
    pub(crate) fn subdirectories(&self) -> u32 {
        self.entries.iter().filter(|entry| matches!(entry.target, Target::Directory(_))).count() as u32
    }
}

impl Draft {
    fn insert(&mut self, path: &str, index: usize) -> Result<()> {
        let wrong = |reason: &str| Err(ArtifactError::invalid("file path", format!("{path:?} {reason}")));
        let names: Vec<&str> = path.split('/').collect();
        if names.len() > LEVELS {
            return wrong("is too deep");
        }
        let usable = |name: &&str| {
            let special = name.is_empty() || *name == "." || *name == "..";
            !special && name.len() <= NAME_BYTES && !name.chars().any(char::is_control)
        };
        if !names.iter().all(usable) {
            return wrong("has an empty, too long or special name");
        }
        let Some((file, folders)) = names.split_last() else { return wrong("is empty") };
        let mut draft = self;
        for folder in folders {
            if draft.files.contains_key(*folder) {
                return wrong("has a file as a folder");
            }
            draft = draft.directories.entry((*folder).to_owned()).or_default();
        }
        if draft.directories.contains_key(*file) || draft.files.insert((*file).to_owned(), index).is_some() {
            return wrong("is there twice");
        }
        Ok(())
    }

    /// The sorted entries; folders found go to `next` and are numbered from `first_of_next`.
    fn settle(
        self,
        number: usize,
        first_of_next: usize,
        next: &mut Vec<(usize, String, Draft)>,
    ) -> Vec<Entry> {
        let mut taken = HashSet::new();
        let mut named: Vec<(IsoName, String, Option<Draft>, usize)> = Vec::new();
        for (name, draft) in self.directories {
            named.push((IsoName::directory(&name, &mut taken), name, Some(draft), 0));
        }
        for (name, index) in self.files {
            named.push((IsoName::file(&name, &mut taken), name, None, index));
        }
        named.sort_by(|left, right| left.0.cmp(&right.0));
        let mut entries = Vec::with_capacity(named.len());
        for (iso_name, name, draft, index) in named {
            let identifier = iso_name.identifier();
            let target = match draft {
                None => Target::File(index),
                Some(draft) => {
                    next.push((number, identifier.clone(), draft));
                    Target::Directory(first_of_next + next.len() - 1)
                }
            };
            entries.push(Entry { identifier, name, target });
        }
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(paths: &[&str]) -> Result<Tree> {
        Tree::from_paths(paths.iter().copied())
    }

    #[test]
    fn folders_come_in_path_table_order() {
        let tree = tree(&["b/z/1", "a/y/2", "c", "a/x/w/3", "a/4"]).unwrap();
        let names: Vec<(&str, usize)> =
            tree.directories.iter().map(|d| (d.identifier.as_str(), d.parent)).collect();
        assert_eq!(names, [("", 0), ("A", 0), ("B", 0), ("X", 1), ("Y", 1), ("Z", 2), ("W", 3)]);
        let a = &tree.directories[1];
        let entries: Vec<(&str, Target)> = a.entries.iter().map(|e| (e.name.as_str(), e.target)).collect();
        assert_eq!(
            entries,
            [("4", Target::File(4)), ("x", Target::Directory(3)), ("y", Target::Directory(4))]
        );
        assert_eq!(a.subdirectories(), 2);
    }

    #[test]
    fn unusable_paths_are_refused() {
        let long = "n".repeat(129);
        for bad in ["", "/a", "a/", "a//b", "../a", "./a", "a\nb", "1/2/3/4/5/6/7/8/9", long.as_str()] {
            assert_eq!(tree(&[bad]).unwrap_err().kind(), "invalid", "{bad:?}");
        }
        for bad in [["a", "a"], ["a", "a/b"], ["a/b", "a"]] {
            assert_eq!(tree(&bad).unwrap_err().kind(), "invalid", "{bad:?}");
        }
        tree(&["1/2/3/4/5/6/7/8", &long[..128]]).unwrap();
    }
}
