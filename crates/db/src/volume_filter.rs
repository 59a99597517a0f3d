//! Which volume connectors and targets a list is about.

use uuid::Uuid;

/// An empty filter means all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VolumeFilter {
    /// Of this node.
    pub node_uuid: Option<Uuid>,
    /// Of nodes owned by or leased to this project.
    pub project: Option<String>,
}

/// Narrows a boxed query over a table whose columns are `v`; a macro because the type of the query names the back end.
macro_rules! narrowed {
    ($query:expr, $filter:expr) => {{
        let filter: &$crate::volume_filter::VolumeFilter = $filter;
        let mut query = $query;
        if let Some(node) = filter.node_uuid {
            query = query.filter(v::node_uuid.eq(node.to_string()));
        }
        if let Some(project) = &filter.project {
            let nodes = n::nodes.filter(n::owner.eq(project).or(n::lessee.eq(project))).select(n::uuid);
            query = query.filter(v::node_uuid.eq_any(nodes));
        }
        query
    }};
}
pub(crate) use narrowed;
