//! Fields of volume targets.

use super::shapes::{INTEGER, LINKS, OBJECT, TEXT, TIME, TIME_OR_NULL, UUID};
use super::{Field, Shown};
use crate::rest::json::{Masked, Stamp, Written, put};
use crate::rest::link;
use ferric_model::volume::VolumeTarget;

/// A volume target as one request sees it.
#[derive(Debug)]
pub(crate) struct VolumeTargetView {
    /// The target.
    pub target: VolumeTarget,
    /// Whether the caller may see what is in `properties`.
    pub shows_properties: bool,
    /// Base of links.
    pub base: String,
}

type F = Field<VolumeTargetView>;

/// Fields of a list that is asked for nothing else.
pub(crate) const SUMMARY: [&str; 5] = ["uuid", "node_uuid", "volume_type", "boot_index", "volume_id"];

/// Fields that lists cannot be sorted by.
pub(crate) const UNSORTABLE: [&str; 2] = ["extra", "properties"];

/// What stands in place of properties that the caller may not see.
const REDACTED: &str = "** Value redacted: Requires permission baremetal:volume:view_target_properties access. \
                        Permission denied. **";

/// Every field.
pub(crate) static FIELDS: [F; 10] = [
    F::new("uuid", 32, |v, o| put(o, &v.target.uuid)).of(&UUID),
    F::new("created_at", 32, |v, o| put(o, &Stamp(v.target.created_at))).of(&TIME),
    F::new("updated_at", 32, |v, o| put(o, &v.target.updated_at.map(Stamp))).of(&TIME_OR_NULL),
    F::new("node_uuid", 32, |v, o| put(o, &v.target.node_uuid)).of(&UUID),
    F::new("volume_type", 32, |v, o| put(o, &v.target.volume_type)).of(&TEXT),
    F::new("boot_index", 32, |v, o| put(o, &v.target.boot_index)).of(&INTEGER),
    F::new("volume_id", 32, |v, o| put(o, &v.target.volume_id)).of(&TEXT),
    F::new("properties", 32, VolumeTargetView::put_properties).of(&OBJECT),
    F::new("extra", 32, |v, o| put(o, &v.target.extra)).of(&OBJECT),
    F::new("links", 32, |v, o| link::put_pair(o, &v.base, &format!("volume/targets/{}", v.target.uuid)))
        .of(&LINKS)
        .shown(Shown::Always),
];

impl VolumeTargetView {
    fn put_properties(&self, out: &mut Vec<u8>) -> Written {
        if self.shows_properties {
            return put(out, &Masked { map: &self.target.properties, also: &[] });
        }
        put(out, &serde_json::json!({"redacted_contents": REDACTED}))
    }
}
