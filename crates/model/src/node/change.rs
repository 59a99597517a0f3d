//! Writes of nodes, as those who watch are told of them.

use uuid::Uuid;

/// One write of a node.
///
/// **Invariant**: revisions are never given out twice and grow, but a smaller one may become visible after a greater one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeChange {
    /// Its number.
    pub revision: i64,
    /// The node.
    pub node_uuid: Uuid,
    /// The generation that it gave the node, or the last one of a node that is gone.
    pub generation: i64,
    /// What happened.
    pub kind: ChangeKind,
    /// Whose the node was before, and whose it is since: owner and lessee.
    pub before: Projects,
    /// The same since then.
    pub after: Projects,
}

/// The projects that a node belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Projects {
    /// Project that owns it.
    pub owner: Option<String>,
    /// Project that uses it.
    pub lessee: Option<String>,
}

/// What happened to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// It is new.
    Created,
    /// It was changed.
    Updated,
    /// It is gone.
    Deleted,
}

impl Projects {
    /// Whether the node is one of `project`; everything is for those who see everything.
    pub fn are_seen_by(&self, project: Option<&str>) -> bool {
        project.is_none_or(|own| [&self.owner, &self.lessee].into_iter().any(|of| of.as_deref() == Some(own)))
    }
}

impl ChangeKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Created, Self::Updated, Self::Deleted];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
        }
    }

    /// Reads the word.
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl NodeChange {
    /// What somebody is told who sees only nodes of `project`: nodes that come into sight are new, those that leave it are
    /// gone, and of others nothing is told.
    pub fn kind_for(&self, project: Option<&str>) -> Option<ChangeKind> {
        let was = self.kind != ChangeKind::Created && self.before.are_seen_by(project);
        let is = self.kind != ChangeKind::Deleted && self.after.are_seen_by(project);
        match (was, is) {
            (false, true) => Some(ChangeKind::Created),
            (true, true) => Some(ChangeKind::Updated),
            (true, false) => Some(ChangeKind::Deleted),
            (false, false) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_come_into_sight_and_leave_it() {
        let of = |owner: &str, lessee: &str| Projects {
            owner: Some(owner.to_owned()),
            lessee: Some(lessee.to_owned()),
        };
        let change = |kind, before, after| NodeChange {
            revision: 1,
            node_uuid: Uuid::nil(),
            generation: 1,
            kind,
            before,
            after,
        };
        use ChangeKind::{Created, Deleted, Updated};
        let none = Projects::default;
        for (change, everything, own) in [
            (change(Created, none(), of("p", "")), Some(Created), Some(Created)),
            (change(Created, none(), of("q", "")), Some(Created), None),
            (change(Updated, of("q", "p"), of("p", "")), Some(Updated), Some(Updated)),
            (change(Updated, of("q", ""), of("q", "p")), Some(Updated), Some(Created)),
            (change(Updated, of("p", ""), of("q", "")), Some(Updated), Some(Deleted)),
            (change(Deleted, of("q", "p"), none()), Some(Deleted), Some(Deleted)),
            (change(Deleted, of("q", ""), none()), Some(Deleted), None),
        ] {
            assert_eq!((change.kind_for(None), change.kind_for(Some("p"))), (everything, own), "{change:?}");
        }
    }
}
