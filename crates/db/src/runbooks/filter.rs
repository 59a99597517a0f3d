//! Which runbooks are meant.

/// Which runbooks a list is about; an empty filter means all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunbookFilter {
    /// Owned by this project, or public.
    pub project: Option<String>,
}

/// Narrows a boxed query over runbooks; a macro because the type of the query names the back end.
macro_rules! narrowed {
    ($query:expr, $filter:expr) => {{
        use $crate::schema::runbooks::dsl as r;
        let filter: &$crate::runbooks::RunbookFilter = $filter;
        let mut query = $query;
        if let Some(project) = &filter.project {
            query = query.filter(r::owner.eq(project).or(r::public.eq(true).nullable()));
        }
        query
    }};
}
pub(super) use narrowed;
