//! Vendor methods.

use super::super::part::Part;
use super::super::row::{Row, delete, empty, get, patch, post, put, shown};
use crate::rest::fields::shapes::{FLAG, TEXT, TEXTS};
use ferric_model::schema::{JsonType as T, Schema};
use serde_json::json;

const METHOD: Schema = Schema {
    properties: &[
        ("http_methods", TEXTS),
        ("async", FLAG),
        ("description", TEXT),
        ("attach", FLAG),
        ("require_exclusive_lock", FLAG),
    ],
    required: &["http_methods", "async", "description", "attach", "require_exclusive_lock"],
    closed: true,
    ..Schema::of(&[T::Object])
};

static METHODS: Part =
    Part::new("VendorMethods", || json!({"type": "object", "additionalProperties": METHOD.to_json_schema()}));
static RESULT: Part = Part::new("VendorResult", || json!({"description": "Whatever the method answers."}));

/// The rows for calls under one path. Who waits for the method gets its result.
macro_rules! calls {
    ($path:literal) => {
        [
            get($path, "Calls a vendor method", shown(&RESULT)).or_answers(empty(202)),
            post($path, "Calls a vendor method", shown(&RESULT)).or_answers(empty(202)),
            put($path, "Calls a vendor method", shown(&RESULT)).or_answers(empty(202)),
            patch($path, "Calls a vendor method", shown(&RESULT)).or_answers(empty(202)),
            delete($path, "Calls a vendor method", shown(&RESULT)).or_answers(empty(202)),
        ]
    };
}

const BY_QUERY: [Row; 5] = calls!("nodes/{node}/vendor_passthru");
const BY_PATH: [Row; 5] = calls!("nodes/{node}/vendor_passthru/{method}");
const OF_DRIVER_BY_QUERY: [Row; 5] = calls!("drivers/{driver}/vendor_passthru");
const OF_DRIVER_BY_PATH: [Row; 5] = calls!("drivers/{driver}/vendor_passthru/{method}");

pub(super) const ROWS: &[Row] = &[
    get("nodes/{node}/vendor_passthru/methods", "Lists vendor methods", shown(&METHODS)),
    get("drivers/{driver}/vendor_passthru/methods", "Lists vendor methods", shown(&METHODS)),
];
pub(super) const CALLS: [&[Row]; 4] = [&BY_QUERY, &BY_PATH, &OF_DRIVER_BY_QUERY, &OF_DRIVER_BY_PATH];
