//! Discovery, hardware types and conductors.

use super::{NOTHING, READ, READS, Row, row};

const MALFORMED: &str = "refused";

pub static ROWS: &[Row] = &[
    row("GET ", "show", "/v1", NOTHING),
    row("POST ", MALFORMED, "/v1", NOTHING).answers(405),
    row("PUT ", MALFORMED, "/v1", NOTHING).answers(405),
    row("PATCH ", MALFORMED, "/v1", NOTHING).answers(405),
    row("DELETE ", MALFORMED, "/v1", NOTHING).answers(405),
    row("GET drivers", "list", "/v1/drivers", NOTHING),
    row("GET drivers/{driver}", "show", "/v1/drivers/fake-hardware", NOTHING),
    row("GET drivers/{driver}/properties", "show", "/v1/drivers/fake-hardware/properties", NOTHING),
    row("GET conductors", "list", "/v1/conductors", READ),
    row("GET conductors", "empty page after the last", "/v1/conductors?limit=1&marker=golden-host", READS),
    row("GET conductors", "detail", "/v1/conductors?detail=true", READ),
    row("GET conductors/{host}", "show", "/v1/conductors/golden-host", READ),
];
