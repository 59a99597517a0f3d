//! Fields of hardware types.

use super::shapes::{LINKS, TEXT, TEXTS};
use super::{Field, Shown};
use crate::rest::json::{Members, Written, put};
use crate::rest::link;
use crate::rest::microversion::Microversion;
use ferric_control::Driver;
use ferric_model::hardware::InterfaceKind;

/// A hardware type as one request sees it.
#[derive(Debug)]
pub(crate) struct DriverView {
    /// The hardware type.
    pub driver: Driver,
    /// Base of links.
    pub base: String,
}

type F = Field<DriverView>;

/// Fields besides the interfaces.
pub(crate) static FIELDS: [F; 5] = [
    F::new("name", 1, |v, o| put(o, &v.driver.name)).of(&TEXT),
    F::new("hosts", 1, |v, o| put(o, &v.driver.hosts)).of(&TEXTS),
    F::new("links", 1, |v, o| link::put_pair(o, &v.base, &format!("drivers/{}", v.driver.name)))
        .of(&LINKS)
        .shown(Shown::Always),
    F::new("properties", 14, |v, o| {
        link::put_pair(o, &v.base, &format!("drivers/{}/properties", v.driver.name))
    })
    .of(&LINKS),
    F::new("type", 30, |_, o| put(o, "dynamic")).of(&TEXT),
];

/// From which microversion on the default and the enabled implementations of each kind are shown.
const INTERFACES: [(InterfaceKind, u16); 13] = [
    (InterfaceKind::Bios, 40),
    (InterfaceKind::Boot, 30),
    (InterfaceKind::Console, 30),
    (InterfaceKind::Deploy, 30),
    (InterfaceKind::Firmware, 86),
    (InterfaceKind::Inspect, 30),
    (InterfaceKind::Management, 30),
    (InterfaceKind::Network, 30),
    (InterfaceKind::Power, 30),
    (InterfaceKind::Raid, 30),
    (InterfaceKind::Rescue, 38),
    (InterfaceKind::Storage, 33),
    (InterfaceKind::Vendor, 30),
];

/// Names of the two fields of a kind.
fn interface_fields(kind: InterfaceKind) -> (String, String) {
    (format!("default_{kind}_interface"), format!("enabled_{kind}_interfaces"))
}

/// Every field that the microversion can be asked for.
pub(crate) fn names(version: Microversion) -> Vec<String> {
    let plain = FIELDS.iter().filter(|field| field.since <= version.0).map(|field| field.name.to_owned());
    let interfaces = INTERFACES.iter().filter(|row| row.1 <= version.0).flat_map(|row| {
        let (default, enabled) = interface_fields(row.0);
        [default, enabled]
    });
    plain.chain(interfaces).collect()
}

/// Writes a hardware type; `detail` says whether with its interfaces.
pub(crate) fn put_driver(
    out: &mut Vec<u8>,
    view: &DriverView,
    version: Microversion,
    asked: Option<&[String]>,
    detail: bool,
) -> Written {
    let wanted = |name: &str| asked.is_none_or(|names| names.iter().any(|asked| asked == name));
    let mut members = Members::open(out);
    for field in super::select(&FIELDS, version, asked) {
        members.with(field.name, |out| (field.put)(view, out))?;
    }
    if detail {
        for (kind, _) in INTERFACES.iter().filter(|row| row.1 <= version.0) {
            let enabled = view.driver.offer.interfaces.get(kind).map(Vec::as_slice).unwrap_or_default();
            let (default_field, enabled_field) = interface_fields(*kind);
            if wanted(&default_field) {
                members.put(&default_field, &enabled.first())?;
            }
            if wanted(&enabled_field) {
                members.put(&enabled_field, enabled)?;
            }
        }
    }
    members.close();
    Ok(())
}
