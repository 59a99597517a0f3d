//! What reaches the hardware of a node, and what is known of it.

use super::super::part::{Part, resource};
use super::super::row::{Row, delete, empty, get, page, post, put, shown};
use crate::rest::fields::shapes::{FLAG, FLAG_OR_NULL, LINKS, OBJECT_OR_NULL, TEXT, TEXT_OR_NULL, TEXTS};
use crate::rest::fields::{bios, firmware, vmedia};
use ferric_control::VIRTUAL_MEDIA;
use ferric_model::hardware::RAID_CONFIG;
use ferric_model::schema::{JsonType as T, Schema};
use serde_json::{Value, json};

/// An object with these members and no others.
const fn object(properties: &'static [(&'static str, Schema)], required: &'static [&'static str]) -> Schema {
    Schema { properties, required, closed: true, ..Schema::of(&[T::Object]) }
}

const DEVICE: Schema =
    object(&[("boot_device", TEXT_OR_NULL), ("persistent", FLAG_OR_NULL)], &["boot_device", "persistent"]);
const DEVICES: Schema = object(&[("supported_boot_devices", TEXTS)], &["supported_boot_devices"]);
const LAMP: Schema = object(
    &[("name", TEXT), ("component", TEXT), ("readonly", FLAG), ("states", TEXTS), ("links", LINKS)],
    &["name", "component", "readonly", "states", "links"],
);
const LAMPS: Schema =
    object(&[("indicators", Schema { items: Some(&LAMP), ..Schema::of(&[T::Array]) })], &["indicators"]);
const LAMP_STATE: Schema = object(&[("state", TEXT)], &["state"]);
const SCREEN: Schema = object(
    &[("console_enabled", FLAG), ("console_info", OBJECT_OR_NULL)],
    &["console_enabled", "console_info"],
);
const SLOT: Schema = object(
    &[("media_types", TEXTS), ("inserted", FLAG), ("image", TEXT)],
    &["media_types", "inserted", "image"],
);
const SLOTS: Schema = Schema { items: Some(&SLOT), ..Schema::of(&[T::Array]) };

static BOOT_DEVICE: Part = Part::new("BootDevice", || DEVICE.to_json_schema());
static BOOT_DEVICES: Part = Part::new("BootDevices", || DEVICES.to_json_schema());
static INDICATORS: Part = Part::new("Indicators", || LAMPS.to_json_schema());
static INDICATOR_STATE: Part = Part::new("IndicatorState", || LAMP_STATE.to_json_schema());
static CONSOLE: Part = Part::new("Console", || SCREEN.to_json_schema());
static MEDIA: Part = Part::new("VirtualMedia", || SLOTS.to_json_schema());
static NEW_MEDIA: Part = Part::new("NewVirtualMedia", || VIRTUAL_MEDIA.to_json_schema());
static BIOS_SETTING: Part = Part::new("BiosSetting", || resource(&bios::FIELDS));
static NAMED_BIOS_SETTING: Part = Part::new(
    "NamedBiosSetting",
    || json!({"type": "object", "additionalProperties": BIOS_SETTING.reference()}),
);
static FIRMWARE: Part = Part::new("FirmwareComponent", || resource(&firmware::FIELDS));
static RAID: Part = Part::new(
    "RaidConfig",
    || json!({"anyOf": [{"type": "object", "maxProperties": 0}, RAID_CONFIG.to_json_schema()]}),
);

fn boot_modes() -> Value {
    json!({"type": "string", "enum": ["bios", "uefi"]})
}

static COMPAT: Part = Part::new("FirmwareCompat", || resource(&vmedia::FIELDS));

pub(super) const ROWS: &[Row] = &[
    get("nodes/{node}/management/boot_device", "Reads the boot device", shown(&BOOT_DEVICE)),
    put("nodes/{node}/management/boot_device", "Sets the boot device", empty(204)),
    get(
        "nodes/{node}/management/boot_device/supported",
        "Says which boot devices can be set",
        shown(&BOOT_DEVICES),
    ),
    put("nodes/{node}/management/inject_nmi", "Interrupts the operating system", empty(204)),
    get("nodes/{node}/management/indicators", "Lists indicators", shown(&INDICATORS)),
    get("nodes/{node}/management/indicators/{indicator}", "Reads an indicator", shown(&INDICATOR_STATE)),
    put("nodes/{node}/management/indicators/{indicator}", "Sets an indicator", empty(204)),
    put("nodes/{node}/states/boot_mode", "Changes the boot mode", empty(202))
        .finer(&[("target", boot_modes)]),
    put("nodes/{node}/states/secure_boot", "Switches secure boot", empty(202)),
    put("nodes/{node}/states/raid", "Sets the RAID layout to create", empty(204)).takes(&RAID),
    get("nodes/{node}/states/console", "Says how the console is reached", shown(&CONSOLE)),
    put("nodes/{node}/states/console", "Starts or stops the console", empty(202)),
    get("nodes/{node}/bios", "Lists BIOS settings", page("bios", &BIOS_SETTING)),
    get("nodes/{node}/bios/{setting}", "Shows a BIOS setting", shown(&NAMED_BIOS_SETTING)),
    get("nodes/{node}/firmware", "Lists firmware components", page("firmware", &FIRMWARE)),
    get("nodes/{node}/vmedia", "Reads the virtual media devices", shown(&MEDIA)),
    get(
        "nodes/{node}/vmedia/status",
        "Shows what is known of booting a node from virtual media",
        shown(&COMPAT),
    ),
    get(
        "firmware_compat",
        "Lists what is known of virtual media by firmware",
        page("firmware_compat", &COMPAT),
    ),
    post("nodes/{node}/vmedia", "Inserts an image", empty(204)).takes(&NEW_MEDIA),
    delete("nodes/{node}/vmedia", "Ejects virtual media", empty(204)),
];
