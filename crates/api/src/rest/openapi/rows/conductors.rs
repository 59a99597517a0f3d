//! Conductors.

use super::super::part::{Part, resource};
use super::super::row::{Row, get, page, shown};
use crate::rest::fields::conductor::FIELDS;

static CONDUCTOR: Part = Part::new("Conductor", || resource(&FIELDS));

pub(super) const ROWS: &[Row] = &[
    get("conductors", "Lists conductors", page("conductors", &CONDUCTOR)),
    get("conductors/{host}", "Shows a conductor", shown(&CONDUCTOR)),
];
