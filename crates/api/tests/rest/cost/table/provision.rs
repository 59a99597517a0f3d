//! What conductors carry out.

use super::{MANAGED, NODE, PROVIDED, READ, Row, WRITE, row};

const STATE: &str = "PUT nodes/{node}/states/provision";
const TO_STATE: &str = "/v1/nodes/<node>/states/provision";
const DEVICE: &str = "/v1/nodes/<node>/management/boot_device";

pub static ROWS: &[Row] = &[
    row("GET nodes/{node}/states", "show", "/v1/nodes/<node>/states", READ).after(&[NODE]),
    row(STATE, "`manage`", TO_STATE, WRITE).body(r#"{"target": "manage"}"#).answers(202).after(&[NODE]),
    row(STATE, "`provide`", TO_STATE, WRITE)
        .body(r#"{"target": "provide"}"#)
        .answers(202)
        .after(&[NODE, MANAGED]),
    row(STATE, "`active`", TO_STATE, WRITE)
        .body(r#"{"target": "active"}"#)
        .answers(202)
        .after(&[NODE, MANAGED, PROVIDED]),
    row(STATE, "not legal", TO_STATE, READ).body(r#"{"target": "active"}"#).answers(400).after(&[NODE]),
    row("PUT nodes/{node}/states/power", "`power on`", "/v1/nodes/<node>/states/power", WRITE)
        .body(r#"{"target": "power on"}"#)
        .answers(202)
        .after(&[NODE]),
    row("GET nodes/{node}/management/boot_device", "ask the hardware", DEVICE, super::CALL).after(&[NODE]),
    row("PUT nodes/{node}/management/boot_device", "tell the hardware", DEVICE, super::CALL)
        .body(r#"{"boot_device": "pxe"}"#)
        .answers(204)
        .after(&[NODE]),
];
