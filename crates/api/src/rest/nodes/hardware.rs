//! Routes that reach a node's hardware, or what was read of it.

use super::management::{boot_device, indicators, nmi};
use super::states::{boot_mode, console, raid};
use super::{bios, firmware, vmedia};
use crate::rest::args::{Arg, Kind};
use crate::rest::route::Gate::{NoRoute, NotAcceptable, NotFound, Open};
use crate::rest::route::{Route, route};

static BOOT_DEVICE: [Arg; 2] = [Arg::required("boot_device", Kind::Text), Arg::new("persistent", Kind::Bool)];
static BOOT_MODE: [Arg; 1] = [Arg::required("target", Kind::Text)];
static SECURE_BOOT: [Arg; 1] = [Arg::required("target", Kind::Bool)];
static CONSOLE: [Arg; 1] = [Arg::required("enabled", Kind::Bool)];
static STATE: [Arg; 1] = [Arg::required("state", Kind::Text)];
static LIST: [Arg; 2] = [Arg::new("fields", Kind::Words), Arg::new("detail", Kind::Bool)];
static DEVICES: [Arg; 1] = [Arg::new("device_types", Kind::Words)];

pub(crate) static ROUTES: [Route; 19] = [
    route!(Get "nodes/{node}/management/boot_device" Open, &[], Ignored, boot_device::get),
    route!(Put "nodes/{node}/management/boot_device" Open, &BOOT_DEVICE, Members, boot_device::put),
    route!(Get "nodes/{node}/management/boot_device/supported" Open, &[], Ignored, boot_device::supported),
    route!(Put "nodes/{node}/management/inject_nmi" NotFound(29), &[], Members, nmi::put),
    route!(Get "nodes/{node}/management/indicators" Open, &[], Ignored, indicators::list),
    route!(Get "nodes/{node}/management/indicators/{indicator}" Open, &[], Ignored, indicators::get),
    route!(Put "nodes/{node}/management/indicators/{indicator}" Open, &STATE, Members, indicators::put),
    route!(Put "nodes/{node}/states/boot_mode" Open, &BOOT_MODE, Members, boot_mode::put_mode),
    route!(Put "nodes/{node}/states/secure_boot" Open, &SECURE_BOOT, Members, boot_mode::put_secure),
    route!(Put "nodes/{node}/states/raid" NotAcceptable(12), &[], Document, raid::put),
    route!(Get "nodes/{node}/states/console" Open, &[], Ignored, console::get),
    route!(Put "nodes/{node}/states/console" Open, &CONSOLE, Members, console::put),
    route!(Get "nodes/{node}/bios" NoRoute(40), &LIST, Ignored, bios::list),
    route!(Get "nodes/{node}/bios/{setting}" NoRoute(40), &[], Ignored, bios::get),
    route!(Get "nodes/{node}/firmware" NoRoute(86), &LIST, Ignored, firmware::list),
    route!(Get "nodes/{node}/vmedia" NoRoute(89), &[], Ignored, vmedia::get),
    route!(Get "nodes/{node}/vmedia/status" NoRoute(93), &[], Ignored, vmedia::status),
    route!(Post "nodes/{node}/vmedia" NoRoute(89), &[], Document, vmedia::post),
    route!(Delete "nodes/{node}/vmedia" NoRoute(89), &DEVICES, Ignored, vmedia::delete),
];
