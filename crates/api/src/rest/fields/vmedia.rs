//! Fields of what is known of a firmware's virtual media.

use super::Field;
use super::shapes::{INTEGER, OBJECTS, TEXT};
use crate::rest::json::{Members, Written, put, put_list};
use ferric_model::hardware::{VmediaCount, VmediaRow, vmedia_rows};

type F = Field<VmediaCount>;

/// Every field.
pub(crate) static FIELDS: [F; 9] = [
    F::new("vendor", 1, |v, o| put(o, &v.vendor)).of(&TEXT),
    F::new("model", 1, |v, o| put(o, &v.model)).of(&TEXT),
    F::new("bmc_firmware", 1, |v, o| put(o, &v.bmc_firmware)).of(&TEXT),
    F::new("status", 1, |v, o| put(o, v.verdict().as_str())).of(&TEXT),
    F::new("booted", 1, |v, o| put(o, &v.booted)).of(&INTEGER),
    F::new("refused", 1, |v, o| put(o, &v.refused)).of(&INTEGER),
    F::new("silent", 1, |v, o| put(o, &v.silent)).of(&INTEGER),
    F::new("boots_at_least", 1, |v, o| put(o, &((v.at_least() * 1000.0).round() / 1000.0))),
    F::new("notes", 1, |v, o| put_list(o, vmedia_rows(&v.vendor, &v.bmc_firmware), put_note)).of(&OBJECTS),
];

fn put_note(out: &mut Vec<u8>, row: &VmediaRow) -> Written {
    let mut members = Members::open(out);
    members.put("works", &row.works)?;
    members.put("note", row.note)?;
    members.put("source", row.source)?;
    members.close();
    Ok(())
}
