//! Fields of BIOS settings.

use super::shapes::{FLAG_OR_NULL, INTEGER_OR_NULL, LINKS, TEXT, TEXT_OR_NULL, TEXTS, TIME, TIME_OR_NULL};
use super::{Field, Shown};
use crate::rest::json::{Stamp, put};
use crate::rest::link;
use ferric_model::bios::KnownBiosSetting;

/// A setting as one request sees it.
#[derive(Debug)]
pub(crate) struct BiosView {
    /// Its name.
    pub name: String,
    /// What is known of it.
    pub known: KnownBiosSetting,
    /// The node, as links name it.
    pub node: String,
    /// Base of links.
    pub base: String,
}

type F = Field<BiosView>;

/// The first microversion that shows what the attribute registry says.
pub(crate) const REGISTRY_SINCE: u16 = 74;

/// Fields of a list that is asked for nothing else.
pub(crate) const SUMMARY: [&str; 2] = ["name", "value"];

/// Fields of a list in detail.
pub(crate) const WHOLE: [&str; 11] = [
    "name",
    "value",
    "attribute_type",
    "allowable_values",
    "lower_bound",
    "max_length",
    "min_length",
    "read_only",
    "reset_required",
    "unique",
    "upper_bound",
];

/// Every field.
pub(crate) static FIELDS: [F; 14] = [
    F::new("created_at", 40, |v, o| put(o, &Stamp(v.known.created_at))).of(&TIME).shown(Shown::Always),
    F::new("updated_at", 40, |v, o| put(o, &v.known.updated_at.map(Stamp)))
        .of(&TIME_OR_NULL)
        .shown(Shown::Always),
    F::new("name", 40, |v, o| put(o, &v.name)).of(&TEXT),
    F::new("value", 40, |v, o| put(o, &v.known.setting.value)).of(&TEXT_OR_NULL),
    F::new("attribute_type", REGISTRY_SINCE, |v, o| put(o, &v.known.setting.attribute_type))
        .of(&TEXT_OR_NULL),
    F::new("allowable_values", REGISTRY_SINCE, |v, o| {
        put(o, v.known.setting.allowable_values.as_deref().unwrap_or_default())
    })
    .of(&TEXTS),
    F::new("lower_bound", REGISTRY_SINCE, |v, o| put(o, &v.known.setting.lower_bound)).of(&INTEGER_OR_NULL),
    F::new("max_length", REGISTRY_SINCE, |v, o| put(o, &v.known.setting.max_length)).of(&INTEGER_OR_NULL),
    F::new("min_length", REGISTRY_SINCE, |v, o| put(o, &v.known.setting.min_length)).of(&INTEGER_OR_NULL),
    F::new("read_only", REGISTRY_SINCE, |v, o| put(o, &v.known.setting.read_only)).of(&FLAG_OR_NULL),
    F::new("reset_required", REGISTRY_SINCE, |v, o| put(o, &v.known.setting.reset_required))
        .of(&FLAG_OR_NULL),
    F::new("unique", REGISTRY_SINCE, |v, o| put(o, &v.known.setting.unique)).of(&FLAG_OR_NULL),
    F::new("upper_bound", REGISTRY_SINCE, |v, o| put(o, &v.known.setting.upper_bound)).of(&INTEGER_OR_NULL),
    F::new("links", 40, |v, o| link::put_pair(o, &v.base, &format!("nodes/{}/bios/{}", v.node, v.name)))
        .of(&LINKS)
        .shown(Shown::Always),
];
