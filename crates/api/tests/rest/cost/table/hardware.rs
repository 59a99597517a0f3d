//! What reaches the hardware of a node, and what is known of it.

use super::{CALL, Limit, NODE, NOTHING, READ, READS, Row, WRITE, row};

const PASSTHRU: &str = "/v1/nodes/<node>/vendor_passthru?method=second_method";
const METHOD: &str = "/v1/nodes/<node>/vendor_passthru/second_method";
const INDICATOR: &str = "/v1/nodes/<node>/management/indicators/led@system";
const CONSOLE: &str = "/v1/nodes/<node>/states/console";
const VMEDIA: &str = "/v1/nodes/<node>/vmedia";

const OF_DRIVER: &str = "/v1/drivers/ipmi/vendor_passthru?method=greet";
const OF_DRIVER_BY_PATH: &str = "/v1/drivers/ipmi/vendor_passthru/greet";
/// A call that holds no node is stored and sent, then read.
const DRIVER_CALL: Limit = Limit { reads: 1, inside: 2 };
/// The same when nobody waits.
const DRIVER_RUN: Limit = Limit { reads: 0, inside: 2 };

const fn unknown(route: &'static str, path: &'static str) -> Row {
    row(route, "refused", path, NOTHING).answers(400)
}

const fn refused(route: &'static str, path: &'static str, limit: Limit) -> Row {
    row(route, "refused", path, limit).answers(400).after(&[NODE])
}

pub static ROWS: &[Row] = &[
    row("PUT nodes/{node}/states/boot_mode", "change", "/v1/nodes/<node>/states/boot_mode", WRITE)
        .body(r#"{"target": "uefi"}"#)
        .answers(202)
        .after(&[NODE]),
    row("PUT nodes/{node}/states/secure_boot", "change", "/v1/nodes/<node>/states/secure_boot", WRITE)
        .body(r#"{"target": true}"#)
        .answers(202)
        .after(&[NODE]),
    row("PUT nodes/{node}/states/raid", "change", "/v1/nodes/<node>/states/raid", WRITE)
        .body(r#"{"logical_disks": [{"size_gb": 1, "raid_level": "1"}]}"#)
        .answers(204)
        .after(&[NODE]),
    row("PUT nodes/{node}/states/raid", "no change", "/v1/nodes/<node>/states/raid", READ)
        .answers(204)
        .after(&[NODE]),
    row("GET nodes/{node}/states/console", "off", CONSOLE, READ).after(&[NODE]),
    row("PUT nodes/{node}/states/console", "change", CONSOLE, WRITE)
        .body(r#"{"enabled": true}"#)
        .answers(202)
        .after(&[NODE]),
    row("PUT nodes/{node}/states/console", "no change", CONSOLE, READ)
        .body(r#"{"enabled": false}"#)
        .answers(202)
        .after(&[NODE]),
    refused("PUT nodes/{node}/management/inject_nmi", "/v1/nodes/<node>/management/inject_nmi", CALL),
    row(
        "GET nodes/{node}/management/indicators",
        "ask the hardware",
        "/v1/nodes/<node>/management/indicators",
        CALL,
    )
    .after(&[NODE]),
    row("GET nodes/{node}/management/indicators/{indicator}", "ask the hardware", INDICATOR, CALL)
        .after(&[NODE]),
    refused("PUT nodes/{node}/management/indicators/{indicator}", INDICATOR, CALL).body(r#"{"state": "on"}"#),
    row("GET nodes/{node}/bios", "list", "/v1/nodes/<node>/bios", READS).after(&[NODE]),
    row("GET nodes/{node}/bios/{setting}", "none", "/v1/nodes/<node>/bios/virt", READS)
        .answers(404)
        .after(&[NODE]),
    row("GET nodes/{node}/firmware", "list", "/v1/nodes/<node>/firmware", READS).after(&[NODE]),
    refused("GET nodes/{node}/vmedia", VMEDIA, CALL),
    row("GET nodes/{node}/vmedia/status", "unknown hardware", "/v1/nodes/<node>/vmedia/status", READS)
        .after(&[NODE]),
    row("GET firmware_compat", "list", "/v1/firmware_compat", READ),
    row("POST nodes/{node}/vmedia", "attach", VMEDIA, WRITE)
        .body(r#"{"device_type": "cdrom", "image_url": "http://images/a.iso"}"#)
        .answers(204)
        .after(&[NODE]),
    row("DELETE nodes/{node}/vmedia", "detach", VMEDIA, WRITE).answers(204).after(&[NODE]),
    row("GET nodes/{node}/vendor_passthru/methods", "list", "/v1/nodes/<node>/vendor_passthru/methods", READ)
        .after(&[NODE]),
    row("POST nodes/{node}/vendor_passthru", "in the background", PASSTHRU, WRITE)
        .body(r#"{"bar": "kazoo"}"#)
        .answers(202)
        .after(&[NODE]),
    row(
        "POST nodes/{node}/vendor_passthru/{method}",
        "waited for",
        "/v1/nodes/<node>/vendor_passthru/third_method_sync",
        CALL,
    )
    .body(r#"{"bar": "meow"}"#)
    .after(&[NODE]),
    refused("GET nodes/{node}/vendor_passthru", PASSTHRU, READ),
    refused("PUT nodes/{node}/vendor_passthru", PASSTHRU, READ),
    refused("PATCH nodes/{node}/vendor_passthru", PASSTHRU, READ),
    refused("DELETE nodes/{node}/vendor_passthru", PASSTHRU, READ),
    refused("GET nodes/{node}/vendor_passthru/{method}", METHOD, READ),
    refused("PUT nodes/{node}/vendor_passthru/{method}", METHOD, READ),
    refused("PATCH nodes/{node}/vendor_passthru/{method}", METHOD, READ),
    refused("DELETE nodes/{node}/vendor_passthru/{method}", METHOD, READ),
    row(
        "GET drivers/{driver}/raid/logical_disk_properties",
        "show",
        "/v1/drivers/fake-hardware/raid/logical_disk_properties",
        NOTHING,
    ),
    row(
        "GET drivers/{driver}/vendor_passthru/methods",
        "list",
        "/v1/drivers/ipmi/vendor_passthru/methods",
        NOTHING,
    ),
    row("GET drivers/{driver}/vendor_passthru", "waited for", OF_DRIVER, DRIVER_CALL),
    row(
        "POST drivers/{driver}/vendor_passthru",
        "in the background",
        "/v1/drivers/ipmi/vendor_passthru?method=ring",
        DRIVER_RUN,
    )
    .answers(202),
    unknown("PUT drivers/{driver}/vendor_passthru", OF_DRIVER),
    unknown("PATCH drivers/{driver}/vendor_passthru", OF_DRIVER),
    unknown("DELETE drivers/{driver}/vendor_passthru", OF_DRIVER),
    row("GET drivers/{driver}/vendor_passthru/{method}", "waited for", OF_DRIVER_BY_PATH, DRIVER_CALL),
    unknown("POST drivers/{driver}/vendor_passthru/{method}", OF_DRIVER_BY_PATH),
    unknown("PUT drivers/{driver}/vendor_passthru/{method}", OF_DRIVER_BY_PATH),
    unknown("PATCH drivers/{driver}/vendor_passthru/{method}", OF_DRIVER_BY_PATH),
    unknown("DELETE drivers/{driver}/vendor_passthru/{method}", OF_DRIVER_BY_PATH),
];
