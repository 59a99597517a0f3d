//! Which nodes are meant.

use crate::ident::Ident;
use ferric_model::lifecycle::ProvisionState;
use ferric_model::node::Fault;
use uuid::Uuid;

/// The projects that have a part in a node.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NodeProjects {
    /// Who owns it.
    pub owner: Option<String>,
    /// Whom it is leased to.
    pub lessee: Option<String>,
}

/// Owner and lessee as they are stored.
pub(crate) type Projects = (Option<String>, Option<String>);

impl From<Projects> for NodeProjects {
    fn from((owner, lessee): Projects) -> Self {
        Self { owner, lessee }
    }
}

/// Which nodes a list is about; an empty filter means all but child nodes.
///
/// Source: `contract: rest-api` section 2.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NodeFilter {
    /// In this chassis.
    pub chassis_uuid: Option<Uuid>,
    /// Carrying this instance.
    pub instance_uuid: Option<Uuid>,
    /// Carrying an instance of this name.
    pub instance_name: Option<String>,
    /// Carrying any instance, or none.
    pub associated: Option<bool>,
    /// In maintenance, or not.
    pub maintenance: Option<bool>,
    /// In this provision state.
    pub provision_state: Option<ProvisionState>,
    /// With this hardware type.
    pub driver: Option<String>,
    /// Of this scheduling class.
    pub resource_class: Option<String>,
    /// With this fault.
    pub fault: Option<Fault>,
    /// Served by this group of conductors.
    pub conductor_group: Option<String>,
    /// Owned by this project.
    pub owner: Option<String>,
    /// Leased to this project.
    pub lessee: Option<String>,
    /// Owned by or leased to this project.
    pub project: Option<String>,
    /// With this text in the description, in whatever case.
    pub description_contains: Option<String>,
    /// Retired, or not.
    pub retired: Option<bool>,
    /// In one of these shards.
    pub shards: Option<Vec<String>>,
    /// In any shard, or in none.
    pub sharded: Option<bool>,
    /// Child nodes too.
    pub include_children: bool,
    /// Only the children of this node.
    pub parent_node: Option<Ident>,
    /// Only these.
    pub uuids: Option<Vec<Uuid>>,
    /// Only those in these rows.
    pub ids: Option<Vec<i64>>,
}

/// A pattern for `LIKE … ESCAPE '\'` that finds `text` anywhere.
pub(crate) fn containing(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// Narrows a boxed query over nodes; a macro because the type of the query names the back end.
macro_rules! narrowed {
    ($query:expr, $filter:expr) => {{
        use $crate::schema::nodes::dsl as n;
        let filter: &$crate::nodes::NodeFilter = $filter;
        let mut query = $query;
        if let Some(uuid) = filter.chassis_uuid {
            query = query.filter(n::chassis_uuid.eq(uuid.to_string()));
        }
        if let Some(uuid) = filter.instance_uuid {
            query = query.filter(n::instance_uuid.eq(uuid.to_string()));
        }
        if let Some(name) = &filter.instance_name {
            query = query.filter(n::instance_name.eq(name));
        }
        match filter.associated {
            Some(true) => query = query.filter(n::instance_uuid.is_not_null()),
            Some(false) => query = query.filter(n::instance_uuid.is_null()),
            None => {}
        }
        // Conditions of their own and no comparisons with a value: so they fit the indexes of the few that are.
        match filter.maintenance {
            Some(true) => query = query.filter(n::maintenance),
            Some(false) => query = query.filter(diesel::dsl::not(n::maintenance)),
            None => {}
        }
        if let Some(state) = filter.provision_state {
            query = query.filter(n::provision_state.eq(state.as_str()));
        }
        if let Some(driver) = &filter.driver {
            query = query.filter(n::driver.eq(driver));
        }
        if let Some(class) = &filter.resource_class {
            query = query.filter(n::resource_class.eq(class));
        }
        if let Some(fault) = filter.fault {
            query = query.filter(n::fault.eq(fault.as_str()));
        }
        if let Some(group) = &filter.conductor_group {
            query = query.filter(n::conductor_group.eq(group));
        }
        if let Some(owner) = &filter.owner {
            query = query.filter(n::owner.eq(owner));
        }
        if let Some(lessee) = &filter.lessee {
            query = query.filter(n::lessee.eq(lessee));
        }
        if let Some(project) = &filter.project {
            query = query.filter(n::owner.eq(project).or(n::lessee.eq(project)));
        }
        if let Some(text) = &filter.description_contains {
            let pattern = $crate::types::lower($crate::nodes::containing(text));
            query = query.filter($crate::types::lower(n::description).like(pattern).escape('\\'));
        }
        match filter.retired {
            Some(true) => query = query.filter(n::retired),
            Some(false) => query = query.filter(diesel::dsl::not(n::retired)),
            None => {}
        }
        if let Some(shards) = &filter.shards {
            query = query.filter(n::shard.eq_any(shards));
        }
        match filter.sharded {
            Some(true) => query = query.filter(n::shard.is_not_null()),
            Some(false) => query = query.filter(n::shard.is_null()),
            None => {}
        }
        match &filter.parent_node {
            Some($crate::ident::Ident::Uuid(parent)) => {
                query = query.filter(n::parent_node.eq(parent.to_string()));
            }
            Some($crate::ident::Ident::Name(name)) => {
                let parents = diesel::alias!($crate::schema::nodes as parents);
                let named =
                    parents.filter(parents.field(n::name).eq(name)).select(parents.field(n::uuid).nullable());
                query = query.filter(n::parent_node.eq_any(named));
            }
            None if filter.include_children => {}
            None => query = query.filter(n::parent_node.is_null()),
        }
        if let Some(uuids) = &filter.uuids {
            let uuids: Vec<String> = uuids.iter().map(ToString::to_string).collect();
            query = query.filter(n::uuid.eq_any(uuids));
        }
        if let Some(ids) = &filter.ids {
            query = query.filter(n::id.eq_any(ids));
        }
        query
    }};
}
pub(crate) use narrowed;

#[cfg(test)]
mod tests {
    use super::containing;

    #[test]
    fn wildcards_in_the_text_are_plain_characters() {
        assert_eq!(containing(r"50%_\"), r"%50\%\_\\%");
    }
}
