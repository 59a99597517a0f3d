//! Lists of what belongs to nodes, narrowed by the nodes.

use super::NodeIdent;

/// Which nodes the things of a list belong to; an empty filter means any.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OfNodes {
    /// To this one.
    pub node: Option<NodeIdent>,
    /// To nodes that one of these groups of conductors serves.
    pub conductor_groups: Option<Vec<String>>,
    /// To nodes in one of these shards.
    pub shards: Option<Vec<String>>,
    /// To nodes owned by or leased to this project.
    pub project: Option<String>,
}

/// Narrows a boxed query by its column `$node_uuid`, without a query of its own for the nodes.
macro_rules! of_nodes {
    ($query:expr, $node_uuid:expr, $filter:expr) => {{
        use $crate::nodes::NodeIdent;
        use $crate::schema::nodes::dsl as n;
        let filter: &$crate::nodes::OfNodes = $filter;
        let mut query = $query;
        match &filter.node {
            Some(NodeIdent::Uuid(uuid)) => query = query.filter($node_uuid.eq(uuid.to_string())),
            Some(NodeIdent::Name(name)) => {
                let nodes = n::nodes.filter(n::name.eq(name)).select(n::uuid);
                query = query.filter($node_uuid.eq_any(nodes));
            }
            None => {}
        }
        if let Some(groups) = &filter.conductor_groups {
            let nodes = n::nodes.filter(n::conductor_group.eq_any(groups)).select(n::uuid);
            query = query.filter($node_uuid.eq_any(nodes));
        }
        if let Some(shards) = &filter.shards {
            let nodes = n::nodes.filter(n::shard.eq_any(shards)).select(n::uuid);
            query = query.filter($node_uuid.eq_any(nodes));
        }
        if let Some(project) = &filter.project {
            let nodes = n::nodes.filter(n::owner.eq(project).or(n::lessee.eq(project))).select(n::uuid);
            query = query.filter($node_uuid.eq_any(nodes));
        }
        query
    }};
}
pub(crate) use of_nodes;
