//! Fields of firmware components.

use super::shapes::{TEXT, TEXT_OR_NULL, TIME, TIME_OR_NULL};
use super::{Field, Shown};
use crate::rest::json::{Stamp, put};
use ferric_model::firmware::KnownFirmwareComponent;

/// A component as one request sees it.
#[derive(Debug)]
pub(crate) struct FirmwareView {
    /// Its name.
    pub component: String,
    /// What is known of it.
    pub known: KnownFirmwareComponent,
}

type F = Field<FirmwareView>;

/// The first microversion that says what a component is.
pub(crate) const IDENTITY_SINCE: u16 = 114;

/// Fields that say what a component is.
pub(crate) const IDENTITY: [&str; 3] = ["vendor", "model", "serial_number"];

/// Fields of a list that is asked for nothing else.
pub(crate) const SUMMARY: [&str; 7] = [
    "component",
    "initial_version",
    "current_version",
    "last_version_flashed",
    "vendor",
    "model",
    "serial_number",
];

/// Every field.
pub(crate) static FIELDS: [F; 9] = [
    F::new("created_at", 86, |v, o| put(o, &Stamp(v.known.created_at))).of(&TIME).shown(Shown::Always),
    F::new("updated_at", 86, |v, o| put(o, &v.known.updated_at.map(Stamp)))
        .of(&TIME_OR_NULL)
        .shown(Shown::Always),
    F::new("component", 86, |v, o| put(o, &v.component)).of(&TEXT),
    F::new("initial_version", 86, |v, o| put(o, &v.known.initial_version)).of(&TEXT_OR_NULL),
    F::new("current_version", 86, |v, o| put(o, &v.known.component.current_version)).of(&TEXT_OR_NULL),
    F::new("last_version_flashed", 86, |v, o| put(o, &v.known.last_version_flashed)).of(&TEXT_OR_NULL),
    F::new("vendor", IDENTITY_SINCE, |v, o| put(o, &v.known.component.vendor)).of(&TEXT_OR_NULL),
    F::new("model", IDENTITY_SINCE, |v, o| put(o, &v.known.component.model)).of(&TEXT_OR_NULL),
    F::new("serial_number", IDENTITY_SINCE, |v, o| put(o, &v.known.component.serial_number))
        .of(&TEXT_OR_NULL),
];
