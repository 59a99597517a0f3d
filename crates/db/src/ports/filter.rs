//! Which ports are meant.

use crate::ident::Ident;
use uuid::Uuid;

/// How a port is named from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortIdent {
    /// By UUID.
    Uuid(Uuid),
    /// By name.
    Name(String),
}

/// Which ports a list is about; an empty filter means all.
///
/// Source: `contract: rest-api` section 5.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PortFilter {
    /// Of this node.
    pub node_uuid: Option<Uuid>,
    /// Of one of these nodes.
    pub node_uuids: Option<Vec<Uuid>>,
    /// With one of these MAC addresses, lower case.
    pub addresses: Option<Vec<String>>,
    /// In this portgroup.
    pub portgroup: Option<Ident>,
    /// Of nodes that one of these groups of conductors serves.
    pub conductor_groups: Option<Vec<String>>,
    /// Of nodes in one of these shards.
    pub shards: Option<Vec<String>>,
    /// Of nodes owned by or leased to this project.
    pub project: Option<String>,
    /// With this text in the description, in whatever case.
    pub description_contains: Option<String>,
}

impl From<Uuid> for PortIdent {
    fn from(uuid: Uuid) -> Self {
        Self::Uuid(uuid)
    }
}

/// Narrows a boxed query over ports; a macro because the type of the query names the back end.
macro_rules! narrowed {
    ($query:expr, $filter:expr) => {{
        use $crate::schema::{nodes::dsl as n, portgroups::dsl as g, ports::dsl as p};
        let filter: &$crate::ports::PortFilter = $filter;
        let mut query = $query;
        if let Some(node) = filter.node_uuid {
            query = query.filter(p::node_uuid.eq(node.to_string()));
        }
        if let Some(nodes) = &filter.node_uuids {
            let nodes: Vec<String> = nodes.iter().map(ToString::to_string).collect();
            query = query.filter(p::node_uuid.eq_any(nodes));
        }
        if let Some(addresses) = &filter.addresses {
            query = query.filter(p::address.eq_any(addresses));
        }
        match &filter.portgroup {
            Some($crate::ident::Ident::Uuid(uuid)) => {
                query = query.filter(p::portgroup_uuid.eq(uuid.to_string()));
            }
            Some($crate::ident::Ident::Name(name)) => {
                let portgroups = g::portgroups.filter(g::name.eq(name)).select(g::uuid.nullable());
                query = query.filter(p::portgroup_uuid.eq_any(portgroups));
            }
            None => {}
        }
        if let Some(groups) = &filter.conductor_groups {
            let nodes = n::nodes.filter(n::conductor_group.eq_any(groups)).select(n::uuid);
            query = query.filter(p::node_uuid.eq_any(nodes));
        }
        if let Some(shards) = &filter.shards {
            let nodes = n::nodes.filter(n::shard.eq_any(shards)).select(n::uuid);
            query = query.filter(p::node_uuid.eq_any(nodes));
        }
        if let Some(project) = &filter.project {
            let nodes = n::nodes.filter(n::owner.eq(project).or(n::lessee.eq(project))).select(n::uuid);
            query = query.filter(p::node_uuid.eq_any(nodes));
        }
        if let Some(text) = &filter.description_contains {
            let description = $crate::types::json_extract(p::detail, "$.description");
            let pattern = $crate::types::lower($crate::nodes::containing(text));
            query = query.filter($crate::types::lower(description).like(pattern).escape('\\'));
        }
        query
    }};
}
pub(super) use narrowed;
