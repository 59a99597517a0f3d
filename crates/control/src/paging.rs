//! What lists of all kinds refuse.

use crate::error::ControlError;
use ferric_db::DbError;

/// Says that a list cannot be sorted by a key; other errors stay what they are.
pub(crate) fn unsortable(error: DbError) -> ControlError {
    match error {
        DbError::UnsupportedSort(key) => {
            ControlError::Invalid(format!("The sort_key value \"{key}\" is an invalid field for sorting"))
        }
        other => other.into(),
    }
}
