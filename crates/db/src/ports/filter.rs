//! Which ports are meant.

use crate::ident::Ident;
use crate::nodes::OfNodes;
use uuid::Uuid;

/// Which ports a list is about; an empty filter means all.
///
/// Source: `contract: rest-api` section 5.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PortFilter {
    /// Of these nodes.
    pub of: OfNodes,
    /// Of one of these nodes.
    pub node_uuids: Option<Vec<Uuid>>,
    /// With one of these MAC addresses, lower case.
    pub addresses: Option<Vec<String>>,
    /// In this portgroup.
    pub portgroup: Option<Ident>,
    /// With this text in the description, in whatever case.
    pub description_contains: Option<String>,
}

/// Narrows a boxed query over ports; a macro because the type of the query names the back end.
macro_rules! narrowed {
    ($query:expr, $filter:expr) => {{
        use $crate::schema::{portgroups::dsl as g, ports::dsl as p};
        let filter: &$crate::ports::PortFilter = $filter;
        let mut query = $crate::nodes::of_nodes!($query, p::node_uuid, &filter.of);
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
        if let Some(text) = &filter.description_contains {
            let description = $crate::types::json_extract(p::detail, "$.description");
            let pattern = $crate::types::lower($crate::nodes::containing(text));
            query = query.filter($crate::types::lower(description).like(pattern).escape('\\'));
        }
        query
    }};
}
pub(super) use narrowed;
