//! Which allocations are meant.

use uuid::Uuid;

/// Which allocations a list is about; an empty filter means all.
///
/// Source: `contract: rest-api` section 7.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AllocationFilter {
    /// With this node.
    pub node_uuid: Option<Uuid>,
    /// Of this class.
    pub resource_class: Option<String>,
    /// In this state; a word that is no state finds nothing.
    pub state: Option<String>,
    /// Owned by this project.
    pub owner: Option<String>,
}

/// Narrows a boxed query over allocations; a macro because the type of the query names the back end.
macro_rules! narrowed {
    ($query:expr, $filter:expr) => {{
        use $crate::schema::allocations::dsl as a;
        let filter: &$crate::allocations::AllocationFilter = $filter;
        let mut query = $query;
        if let Some(node) = filter.node_uuid {
            query = query.filter(a::node_uuid.eq(node.to_string()));
        }
        if let Some(class) = &filter.resource_class {
            query = query.filter(a::resource_class.eq(class));
        }
        if let Some(state) = &filter.state {
            query = query.filter(a::state.eq(state));
        }
        if let Some(owner) = &filter.owner {
            query = query.filter(a::owner.eq(owner));
        }
        query
    }};
}
pub(super) use narrowed;
