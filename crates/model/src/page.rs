//! Paging and sorting of lists.

use serde::{Deserialize, Serialize};

/// Direction of a sorted list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SortDirection {
    /// Smallest first.
    #[default]
    Asc,
    /// Largest first.
    Desc,
}

/// One page of a list: what a query needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// At most this many items, 1 to the server's maximum.
    pub limit: i64,
    /// The item after which the page starts: its UUID (a conductor's host name for conductors).
    pub marker: Option<String>,
    /// The column to sort by; `id` is the order of creation.
    pub sort_key: String,
    /// Ascending or descending.
    pub sort_dir: SortDirection,
}

impl Default for Page {
    fn default() -> Self {
        Self { limit: 1000, marker: None, sort_key: "id".to_owned(), sort_dir: SortDirection::Asc }
    }
}
