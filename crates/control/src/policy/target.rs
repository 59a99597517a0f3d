//! What a rule is asked about.

use ferric_db::nodes::NodeProjects;
use ferric_model::node::Node;

/// The projects that stand behind a resource.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Target<'a> {
    /// Owner of the node, or of the node that the resource belongs to.
    pub node_owner: Option<&'a str>,
    /// Lessee of that node.
    pub node_lessee: Option<&'a str>,
    /// Owner of the allocation.
    pub allocation_owner: Option<&'a str>,
    /// Owner of the runbook.
    pub runbook_owner: Option<&'a str>,
    /// Owner of the operation.
    pub operation_owner: Option<&'a str>,
}

impl<'a> Target<'a> {
    /// Nothing in particular.
    pub const NONE: Target<'static> = Target {
        node_owner: None,
        node_lessee: None,
        allocation_owner: None,
        runbook_owner: None,
        operation_owner: None,
    };

    /// A node, or what belongs to it.
    pub fn node(node: &'a Node) -> Self {
        Self { node_owner: node.owner.as_deref(), node_lessee: node.lessee.as_deref(), ..Target::NONE }
    }

    /// What belongs to a node of these projects.
    pub fn of(projects: &'a NodeProjects) -> Self {
        Self {
            node_owner: projects.owner.as_deref(),
            node_lessee: projects.lessee.as_deref(),
            ..Target::NONE
        }
    }

    /// An allocation.
    pub fn allocation(owner: Option<&'a str>) -> Self {
        Self { allocation_owner: owner, ..Target::NONE }
    }

    /// A runbook.
    pub fn runbook(owner: Option<&'a str>) -> Self {
        Self { runbook_owner: owner, ..Target::NONE }
    }

    /// An operation; an empty owner is none.
    pub fn operation(owner: &'a str) -> Self {
        Self { operation_owner: Some(owner).filter(|owner| !owner.is_empty()), ..Target::NONE }
    }
}
