//! Fields of items of operations.

use super::Field;
use super::shapes::{INTEGER, OBJECT_OR_NULL, TEXT, TIME_OR_NULL};
use crate::rest::json::{Stamp, put};
use ferric_model::operation::OperationItem;
use ferric_model::schema::Schema;

type F = Field<OperationItem>;

/// Why an item failed: a constant word and a text.
const ERROR: Schema = Schema {
    properties: &[("kind", TEXT), ("text", TEXT)],
    required: &["kind", "text"],
    closed: true,
    ..OBJECT_OR_NULL
};

/// Every field.
pub(crate) static FIELDS: [F; 5] = [
    F::new("position", 1, |v, o| put(o, &v.position)).of(&INTEGER),
    F::new("node", 1, |v, o| put(o, &v.subject)).of(&TEXT),
    F::new("state", 1, |v, o| put(o, v.state.as_str())).of(&TEXT),
    F::new("error", 1, |v, o| put(o, &v.failure)).of(&ERROR),
    F::new("finished_at", 1, |v, o| put(o, &v.finished_at.map(Stamp))).of(&TIME_OR_NULL),
];
